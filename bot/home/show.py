"""One person's Home: read, rendered and published."""

import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from base import codec
from bot.blocks.home import SIZES, home, home_unavailable
from bot.client import SLACK_ERRORS, Identity
from bot.home.metrics import HomeMetrics
from bot.language import speaking
from bot.message import Block
from bot.publisher.verdict import Failure, Verdict, judge
from incidents.homes import HomeView, OpenedHome
from incidents.maintenance.model import Window
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from incidents.schedules.model import Standing
from incidents.schedules.now import standings

logger = logging.getLogger(__name__)
T = TypeVar("T")

MayAct = Callable[[str], Awaitable[bool]]
"""Whether the person with this id may change incidents."""

NOW = timedelta(0)
_LEFT = frozenset({"user_not_found", "users_not_found", "user_not_visible", "user_disabled", "user_is_deactivated"})
_CONFLICT = "hash_conflict"
_SWITCHED_OFF = "not_enabled"
_TRIES = 3
_PATIENCE = timedelta(seconds=5)
_LOCKED_OUT_WAIT = timedelta(minutes=1)
_FIRST_WAIT = timedelta(seconds=2)
_REFUSED_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(minutes=5)


class Why(StrEnum):
    """What makes a Home be shown anew."""

    OPENED = "opened"
    CLICKED = "clicked"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A view, of which world it is, and what is known of what Slack shows until now."""

    view: Block
    world: str
    before: OpenedHome

    @property
    def sha256(self) -> str:
        return hashlib.sha256(codec.dumps(self.view).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def is_shown(self) -> bool:
        return self.before.content_sha256 == self.sha256


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that one Home shows, in one snapshot."""

    world: str
    before: OpenedHome
    view: HomeView
    on_call: list[Standing]
    maintenance: list[Window]
    now: datetime


async def everybody(_user_id: str) -> bool:
    """Whoever sees a Home may act in it."""
    return True


class Homes:
    """Whatever is not shown here, since Slack or pacing is in the way, is left to who keeps all of them up to date.

    Each method raises Unavailable where the database is away.
    """

    def __init__(
        self,
        transactions: Transactions,
        identity: Identity,
        policies: Policies,
        metrics: HomeMetrics,
        *,
        may_act: MayAct = everybody,
    ) -> None:
        self._transactions = transactions
        self._identity = identity
        self._policies = policies
        self._metrics = metrics
        self._may_act = may_act

    async def opened(self, user_id: str, *, language: str | None) -> None:
        """Show it at once, and follow it from now on. ``language`` None: not known, ``""``: none that we speak."""
        await self._write(lambda uow: uow.homes.opened(user_id, language=language))
        await self._show(user_id, Why.OPENED)

    async def clicked(self, user_id: str, *, page: int | None = None, notice: str = "") -> None:
        """Show what became of it. ``page``: the one that they turned to; ``notice`` as ``bot.blocks.home`` has it."""
        await self._write(lambda uow: uow.homes.opened(user_id, page=page))
        await self._show(user_id, Why.CLICKED, notice=notice)

    async def refresh(self, user_id: str) -> timedelta:
        """Something has changed. Zero where that is done with; else nothing was, and it may be tried after so long."""
        return await self._show(user_id, Why.CHANGED)

    async def unavailable(self, user_id: str, why: str) -> None:
        """Instead of an empty Home. ``why`` is harmless mrkdwn."""
        try:
            await self._identity.client.views_publish(user_id=user_id, view=home_unavailable(why))
        except SLACK_ERRORS as error:
            told = {"action": "home_failed", "user": user_id, "error": str(error)}
            logger.warning("a home was not shown", extra=told)

    async def _show(self, user_id: str, why: Why, *, notice: str = "") -> timedelta:
        """Where somebody else has published meanwhile, what is there now may be newer: it is rendered anew, once more.

        Slack's name of what it shows may be known no more, after a reply that was lost: then it goes without.
        """
        began = time.monotonic()
        for number in range(_TRIES):
            rendered = await self._render(user_id, notice)
            if rendered is None:
                return NOW
            if why is Why.CHANGED and rendered.is_shown:
                self._metrics.became(why, "same")
                await self._note(rendered, rendered.before.view_hash)
                return NOW
            if wait := await self._write(lambda uow: uow.homes.may_publish(urgent=why is not Why.CHANGED)):
                return wait
            failure = await self._publish(rendered, with_hash=number == 0)
            if failure is None:
                self._metrics.became(why, "shown", seconds=time.monotonic() - began)
                return NOW
            self._metrics.became(why, failure.code)
            if failure.code != _CONFLICT:
                return await self._fail(rendered.before, failure)
        return NOW

    async def _render(self, user_id: str, notice: str) -> Rendered | None:
        """None: nobody follows this Home any more."""
        may_act = await self._may_act(user_id)
        await self._identity.learn_once()  # links to cards begin with the workspace's address

        schedules = self._policies.current.schedules

        async def look(uow: UnitOfWork) -> _Seen | None:
            # The world first: what comes meanwhile may be in the view already, and is looked at once more.
            world, before = await uow.homes.world(), await uow.homes.get(user_id)
            if before is None:
                return None
            view = await uow.homes.view(user_id, page=before.page, sizes=SIZES)
            return _Seen(
                world, before, view, await standings(schedules, uow), await uow.maintenance.standing(), uow.now
            )

        found = await self._transactions.read(look)
        if found is None:
            return None
        with speaking(found.before.language or self._policies.current.language):
            shown = home(
                found.view,
                link_to=self._identity.link_to,
                may_act=may_act,
                notice=notice,
                on_call=found.on_call,
                maintenance=found.maintenance,
                now=found.now,
            )
        return Rendered(shown, found.world, found.before)

    async def _publish(self, rendered: Rendered, *, with_hash: bool) -> Failure | None:
        before = rendered.before
        known = before.view_hash if with_hash else None
        try:
            told = await self._identity.client.views_publish(user_id=before.user_id, view=rendered.view, hash=known)
        except SLACK_ERRORS as error:
            return judge(error)
        await self._note(rendered, (told.get("view") or {}).get("hash"))
        return None

    async def _note(self, rendered: Rendered, view_hash: str | None) -> None:
        user_id, world, sha256 = rendered.before.user_id, rendered.world, rendered.sha256
        await self._write(lambda uow: uow.homes.shown(user_id, world=world, content_sha256=sha256, view_hash=view_hash))

    async def _fail(self, before: OpenedHome, failure: Failure) -> timedelta:
        told = {"action": "home_failed", "user": before.user_id, "error": failure.code}
        if failure.code in _LEFT:
            logger.info("whose home it was is gone", extra=told)
            await self._write(lambda uow: uow.homes.forget(before.user_id))
            return NOW
        if closed := _closed(failure):
            logger.warning("slack takes no homes", extra={**told, "seconds": closed.total_seconds()})
            await self._write(lambda uow: uow.homes.close(wait=closed))
            return closed
        logger.warning("a home was not shown", extra=told)
        wait = _again_after(before, failure)
        await self._write(lambda uow: uow.homes.failed(before.user_id, wait=wait))
        return NOW

    async def _write(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await self._transactions.write(work, patience=_PATIENCE)


def _closed(failure: Failure) -> timedelta:
    """For how long nobody's can be shown; zero: it concerns this one alone."""
    if failure.verdict is Verdict.SLOW_DOWN:
        return timedelta(seconds=max(failure.retry_after, 1.0))
    if failure.verdict is Verdict.LOCKED_OUT or failure.code == _SWITCHED_OFF:
        return _LOCKED_OUT_WAIT
    return NOW


def _again_after(before: OpenedHome, failure: Failure) -> timedelta:
    """A view that Slack refuses will be refused again while it says the same."""
    unanswered = failure.verdict in {Verdict.UNKNOWN, Verdict.NOT_SENT}
    first = _FIRST_WAIT if unanswered else _REFUSED_WAIT
    doubled: timedelta = first * 2 ** min(before.failures, 10)
    return min(doubled, _LONGEST_WAIT)
