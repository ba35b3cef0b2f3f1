"""Failpoints: named places at which a process can be told to die, by ``BONGSU_FAILPOINTS``, to see what it loses.

``intake.committed=kill@3,publisher.posted=stop@1+`` kills the process at the third pass of the first place, and stops
it at each pass of the second. Nothing is armed in production: a pass is then one call that finds an empty table.
"""

import logging
import os
import re
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")
U = TypeVar("U", bound="Settles")


class Settles(Protocol):
    """What work in a transaction is given."""

    async def settle(self) -> None:
        """Nothing that was written is left to be said to the database."""


class Failpoint(StrEnum):
    """Every place. The name says what has just happened there."""

    INTAKE_BODY_READ = "intake.body_read"
    """A webhook's body has arrived; nothing was done with it."""
    INTAKE_STORED = "intake.stored"
    """Every statement of a batch of alerts has run; it is not committed."""
    INTAKE_COMMITTED = "intake.committed"
    """The batch is committed; nobody was answered."""
    ACTION_STORED = "action.stored"
    """What a click, a form or a command asked for is written; it is not committed."""
    ACTION_COMMITTED = "action.committed"
    """It is committed; Slack was not answered."""
    PUBLISHER_CLAIMED = "publisher.claimed"
    """A message is claimed; Slack was not called."""
    PUBLISHER_POST_SENT = "publisher.post_sent"
    """The last byte of a chat.postMessage has left; Slack has not answered."""
    PUBLISHER_POSTED = "publisher.posted"
    """Slack's answer with the ts is here; it is not stored."""
    PUBLISHER_UPDATE_SENT = "publisher.update_sent"
    """The last byte of a chat.update has left; Slack has not answered."""
    PUBLISHER_UPDATED = "publisher.updated"
    """Slack has answered that it shows the new revision; that is not stored."""
    CLOCK_STORED = "clock.stored"
    """What was due is locked, decided and written; it is not committed."""
    CLOCK_COMMITTED = "clock.committed"
    """It is committed; the publisher was not woken."""
    ESCALATION_STORED = "escalation.stored"
    """Steps that were due are done and written, with what they ask Slack to show; it is not committed."""
    ESCALATION_COMMITTED = "escalation.committed"
    """It is committed; the publisher was not woken."""
    WEBHOOK_CLAIMED = "webhook.claimed"
    """A call to an outgoing webhook is claimed; nobody was called."""
    WEBHOOK_SENT = "webhook.sent"
    """The receiver's answer, or that there is none, is known; it is not stored."""
    WEBHOOK_STORED = "webhook.stored"
    """It is stored."""
    RETENTION_ARCHIVED = "retention.archived"
    """Old rows are in the archive; they are not deleted."""


class Action(StrEnum):
    """``STOP`` is SIGSTOP: whoever sends SIGCONT lets it go on. ``ERROR`` raises ``FailpointError``."""

    KILL = "kill"
    STOP = "stop"
    ERROR = "error"


class FailpointError(Exception):
    """A failpoint was told to raise it."""


class SpellingError(ValueError):
    """What ``BONGSU_FAILPOINTS`` says can't be meant. The message says what to write."""


@dataclass(frozen=True, slots=True)
class Armed:
    """``action`` happens at the ``at``-th pass; where it ``repeats``, at each further ``at``-th one, too."""

    name: Failpoint
    action: Action
    at: int
    repeats: bool = False

    def __str__(self) -> str:
        return f"{self.name}={self.action}@{self.at}{'+' if self.repeats else ''}"

    def is_due(self, passes: int) -> bool:
        return passes % self.at == 0 if self.repeats else passes == self.at


_SPELLING = re.compile(r"([a-z_.]+)=([a-z]+)@([1-9][0-9]{0,8})(\+?)", re.ASCII)

_armed: dict[Failpoint, Armed] = {}
_passes: dict[Failpoint, int] = {}


def parse(text: str) -> tuple[Armed, ...]:
    """``name=action@pass``, several with commas between them; ``""``: none. Raises SpellingError."""
    told = [_parse_one(part.strip()) for part in text.split(",")] if text.strip() else []
    names = [one.name for one in told]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SpellingError(f"'{twice}' is there twice: keep one of them")
    return tuple(told)


def _parse_one(text: str) -> Armed:
    found = _SPELLING.fullmatch(text)
    if found is None:
        raise SpellingError(f"'{text[:80]}' is no failpoint: write name=action@pass, such as intake.committed=kill@3")
    name, action, at, repeats = found.groups()
    if name not in set(Failpoint):
        raise SpellingError(f"there is no failpoint '{name[:40]}': write one of {', '.join(Failpoint)}")
    if action not in set(Action):
        raise SpellingError(f"'{action[:40]}' is no action: write one of {', '.join(Action)}")
    return Armed(Failpoint(name), Action(action), int(at), bool(repeats))


def arm(told: Sequence[Armed]) -> None:
    """From now on these and no others; their passes count from zero. Call it before anything else is made."""
    _armed.clear()
    _passes.clear()
    _armed.update({one.name: one for one in told})
    if told:
        named = ", ".join(map(str, told))
        logger.warning("failpoints are armed: %s", named, extra={"action": "failpoints_armed", "failpoints": named})


def is_armed(*names: Failpoint) -> bool:
    return any(name in _armed for name in names)


def passed(name: Failpoint) -> None:
    """This place was reached. Does nothing unless it is armed and this is the pass."""
    if _armed:
        _count(name)


def at_the_end_of(work: Callable[[U], Awaitable[T]], name: Failpoint) -> Callable[[U], Awaitable[T]]:
    """The same work, which passes ``name`` once all of it is written: inside its transaction, before the commit."""
    if name not in _armed:
        return work

    async def work_and_pass(given: U) -> T:
        done = await work(given)
        await given.settle()
        passed(name)
        return done

    return work_and_pass


def _count(name: Failpoint) -> None:
    armed = _armed.get(name)
    if armed is None:
        return
    passes = _passes[name] = _passes.get(name, 0) + 1
    if armed.is_due(passes):
        _act(armed.action, name)


def _act(action: Action, name: Failpoint) -> None:
    match action:
        case Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Action.STOP:
            os.kill(os.getpid(), signal.SIGSTOP)
        case Action.ERROR:
            raise FailpointError(name.value)
