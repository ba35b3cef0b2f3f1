"""Calls to outgoing webhooks: what is to be said to whom, and where that is kept. ``db`` implements the port."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from incidents.hours import full_hour, hour_name, hour_named

LONGEST_NAME = 255
"""Of a webhook."""
_LONGEST_SHOWN_NAME = 44


class Action(StrEnum):
    """What the receiver is to do about its own incident."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    """Nobody has it any more, or it needs others: without this a receiver where somebody has it would page nobody."""
    RESOLVE = "resolve"


class Unwanted(StrEnum):
    """Why a call was dropped before it began."""

    RESOLVED = "resolved meanwhile"
    CHANGED = "no longer so"
    NEVER_TOLD = "the receiver never heard of it"
    NOT_FOR_IT = "the receiver keeps no incidents"


@dataclass(frozen=True, slots=True)
class WebhookJob:
    """One claimed call.

    ``idempotency_key`` is the same at every try. ``fence`` grows with every claim, ``attempts`` counts them, this one
    included. ``began_at`` is when the first of them was, aware UTC. ``was_told``: the receiver may have heard of the
    incident by another call. ``traceparent`` is of what asked for it, None where that was not traced.
    """

    id: int
    incident_id: int
    event_id: int
    name: str
    action: Action
    idempotency_key: str
    fence: int
    attempts: int
    began_at: datetime
    was_told: bool = False
    traceparent: str | None = None

    @property
    def is_begun(self) -> bool:
        """Whether an earlier try may have reached the receiver."""
        return self.attempts > 1


@dataclass(frozen=True, slots=True)
class WebhookTrouble:
    """Of the calls to a webhook that began in some hour: ``waiting`` failed and are tried again, ``gave_up`` are not.

    ``error``: the newest, "" where there is none.
    """

    waiting: int
    gave_up: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class WebhookHour:
    """An hour of a webhook: what one notice tells of. ``since`` is aware UTC, a full hour.

    Of a very long name only the beginning is known.
    """

    name: str
    since: datetime

    @property
    def until(self) -> datetime:
        return self.since + timedelta(hours=1)

    @property
    def subject(self) -> str:
        """``webhook:20260102T10:pager``: its name in the outbox, at most 64 characters."""
        return f"webhook:{hour_name(self.since)}:{self.name}"

    @classmethod
    def of(cls, name: str, at: datetime) -> "WebhookHour":
        return cls(name[:_LONGEST_SHOWN_NAME], full_hour(at))

    @classmethod
    def named(cls, subject: str) -> "WebhookHour | None":
        """The one with this ``subject``; None for any other text."""
        kind, _, rest = subject.partition(":")
        since, _, name = rest.partition(":")
        return cls(name, hour_named(since)) if kind == "webhook" else None


class Webhooks(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def add(self, incident_id: int, event_id: int, names: Collection[str], action: Action) -> None:
        """Call these webhooks because of this event; nothing where that was asked for already.

        A page to one that was last told that somebody has it comes with the word that this is over.
        """

    async def follow(self, incident_id: int, event_id: int, action: Action) -> None:
        """Tell those that were called because of the incident, and were not told since that it is resolved.

        ``action`` is ``acknowledge`` or ``resolve``.
        """

    async def is_due(self) -> bool:
        """Whether any call waits for a sender now; cheap, takes no lock."""

    async def claim(
        self, *, holder: str, most: int, each: int = 2, without: Collection[str] = ()
    ) -> Sequence[WebhookJob]:
        """Lease the first that are due, at most ``each`` of one webhook, and none of those ``without``.

        What a receiver hears of one incident keeps its order.
        """

    async def hold(self, job: WebhookJob) -> bool:
        """Lease it anew, from now on and for twice as long. False: another sender has taken it over."""

    async def sent(self, job: WebhookJob) -> bool:
        """The receiver has taken it. False: the fence was lost, and nothing was written."""

    async def later(self, job: WebhookJob, *, wait: timedelta, error: str) -> bool:
        """Try it again after ``wait``. False: the fence was lost, and nothing was written."""

    async def give_up(self, job: WebhookJob, *, error: str) -> bool:
        """It is not tried again. False: the fence was lost, and nothing was written."""

    async def drop(self, job: WebhookJob, *, reason: Unwanted) -> bool:
        """It does not matter any more, and was never begun. False: the fence was lost, and nothing was written."""

    async def depth(self) -> tuple[int, timedelta]:
        """How many wait, and since when the oldest is due."""

    async def trouble(self, hour: WebhookHour) -> WebhookTrouble:
        """How the calls stand that began in that hour."""
