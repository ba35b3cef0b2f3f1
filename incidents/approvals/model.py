"""What a second person must confirm, as ``bongsu.yaml`` has it, and each time that it was asked. Frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from incidents.actor import Actor
from incidents.birth import birth_mark
from incidents.pattern import Pattern


class Wanted(StrEnum):
    """What somebody wants to do, and may not do alone."""

    RESOLVE = "resolve"
    NOISE = "noise"


class Outcome(StrEnum):
    """What became of a request."""

    OPEN = "open"
    """It waits for a second person."""
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """By who asked."""
    LAPSED = "lapsed"
    """Nobody said anything in time."""
    OVERTAKEN = "overtaken"
    """Something else came first: it recovered, was merged or reopened, or is less grave now."""


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Where a second person is needed for what is ``wanted``; empty: for nothing. They have ``timeout`` to say so.

    ``match`` (values in lower case) and ``patterns`` as a route's: where both are empty, all incidents match. ``line``
    is where it stands in ``bongsu.yaml``, from 1; None: nowhere.
    """

    wanted: frozenset[Wanted]
    timeout: timedelta = timedelta(minutes=15)
    match: Mapping[str, frozenset[str]] = field(default_factory=dict)
    patterns: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NewApproval:
    """A request that is to be stored. ``event_id`` is the event that tells it."""

    incident_id: int
    incident_number: int
    episode: int
    wanted: Wanted
    words: str
    by: Actor
    until: datetime
    event_id: int


@dataclass(frozen=True, slots=True)
class Approval:
    """One request, all times aware UTC. ``words`` are the note or reason that go with what is ``wanted``.

    ``asked_by`` and ``decided_by`` are ``str(Actor)``; ``asked_via`` and ``decided_via`` the API keys that acted for
    them, "" where none did. ``decided_by`` None: nobody, it ended by itself. ``decided_at`` is when it ended, however.
    ``reason`` is why it was declined. From ``until`` on nobody can approve it any more.
    """

    id: int
    incident_id: int
    incident_number: int
    episode: int
    wanted: Wanted
    words: str
    asked_by: str
    asked_via: str
    asked_at: datetime
    until: datetime
    event_id: int
    outcome: Outcome = Outcome.OPEN
    decided_by: str | None = None
    decided_via: str = ""
    decided_at: datetime | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """The incident's: ``INC-12``."""
        return f"INC-{self.incident_number}"

    @property
    def birth(self) -> str:
        """By which it is told from another one with its id, in a database that was restored."""
        return birth_mark(self.asked_at, str(self.incident_id), self.wanted)

    @property
    def is_open(self) -> bool:
        return self.outcome is Outcome.OPEN

    @property
    def asker(self) -> Actor:
        """In whose name it is done once it is approved."""
        kind, is_kind, name = self.asked_by.partition(":")
        if is_kind:
            return Actor(kind, name, via=self.asked_via)
        return Actor("slack", self.asked_by, via=self.asked_via)
