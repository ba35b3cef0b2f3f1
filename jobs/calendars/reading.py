"""Keeping what calendars say: each is read every five minutes, by one process at a time."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from incidents.errors import BongsuError
from incidents.policy import Policies, Policy
from incidents.ports import Transactions, UnitOfWork
from incidents.schedules.calendar import CalendarEvent, shifts_of
from incidents.schedules.model import Calendar, Schedule, StoredCalendar
from incidents.schedules.now import calendars
from incidents.schedules.trouble import TroubleKind
from incidents.schedules.troubles import tell_troubles
from jobs.calendars.apart import parse_apart
from jobs.calendars.fetch import Fetch, NotFetched, read_file
from jobs.calendars.parse import BadCalendar

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
AGAIN = timedelta(minutes=1)
"""After a failure."""
BEFORE, AHEAD = timedelta(days=7), timedelta(days=60)
LEASE = timedelta(minutes=2)
"""Longer than fetching and reading may take."""
PATIENT_FOR = timedelta(minutes=15)
"""A server that is away for less than that is nobody's business: what was read before counts."""
STALE_AFTER = timedelta(hours=24)
_AT_ONCE = 4
_TOLD_EVERY = timedelta(seconds=30)
_ONE_TELLS = timedelta(seconds=1)
_SHOWN = 10
"""Names of whom nobody knows."""


class CalendarReader:
    """Any number of processes may have one. ``changed`` is called where who runs Bongsu has something to hear.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        transactions: Transactions,
        policies: Policies,
        fetch: Fetch,
        *,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transactions = transactions
        self._policies = policies
        self._fetch = fetch
        self._changed = changed
        self._clock = clock
        self._told_at = clock() - _TOLD_EVERY.total_seconds()
        self._is_over = False

    async def tick(self) -> None:
        """Read what is due. Where the database is away, a later one makes up for it."""
        try:
            await self._tick(self._policies.current)
        except BongsuError as error:
            logger.warning("calendars are not read", extra={"action": "calendars_wait", "error": str(error)})

    async def _tick(self, policy: Policy) -> None:
        sources = {name: one.source_sha256() for name, one in policy.schedules.items() if one.calendar is not None}
        if not sources and self._is_over:
            return
        due = await self._transactions.read(lambda uow: uow.calendars.due(sources)) if sources else []
        places = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(self._read(policy.schedules[name], places) for name in due))
        if not due and self._clock() < self._told_at + _TOLD_EVERY.total_seconds():
            return
        self._told_at = self._clock()
        if await self._transactions.write(lambda uow: _tell(uow, policy)):
            self._changed()
        # Without calendars one look is enough, which ends what was told of those that there were.
        self._is_over = not sources

    async def _read(self, schedule: Schedule, places: asyncio.Semaphore) -> None:
        source = schedule.source_sha256()
        async with places:
            now = await self._transactions.write(lambda uow: _claim(schedule, source, uow))
            if now is None or schedule.calendar is None:
                return
            told = {"action": "calendar", "schedule": schedule.name, "source": schedule.calendar.shown}
            try:
                events = await self._events(schedule, schedule.calendar, now)
            except (NotFetched, BadCalendar) as error:
                why = str(error)
                logger.warning("a calendar can't be read", extra={**told, "error": why})
                await self._transactions.write(
                    lambda uow: uow.calendars.failed(schedule.name, source_sha256=source, error=why, rest=AGAIN)
                )
                return
            shifts, unmapped = shifts_of(events, schedule.calendar.people)
            logger.debug("read a calendar", extra={**told, "shifts": len(shifts)})
            await self._transactions.write(
                lambda uow: uow.calendars.read(
                    schedule.name, source_sha256=source, shifts=shifts, unmapped=unmapped, rest=EVERY
                )
            )

    async def _events(self, schedule: Schedule, calendar: Calendar, now: datetime) -> list[CalendarEvent]:
        private, source = calendar.allow_private, calendar.source
        body = await (read_file(source) if calendar.is_file else self._fetch(source, allow_private=private))
        return await parse_apart(body, zone=schedule.zone, since=now - BEFORE, until=now + AHEAD)


async def _claim(schedule: Schedule, source: str, uow: UnitOfWork) -> datetime | None:
    """The time by the database's clock; None: it is not ours."""
    ours = await uow.calendars.claim(schedule.name, source_sha256=source, lease=LEASE)
    return uow.now if ours else None


async def _tell(uow: UnitOfWork, policy: Policy) -> bool:
    """Whether anything is news. Troubles of schedules that are no calendars any more are over."""
    if not await uow.turns.take("calendar troubles", rest=_ONE_TELLS):
        return False
    known = await calendars(policy.schedules, uow)
    found = troubles(known, at=uow.now)
    return any([await tell_troubles(kind, found[kind], uow, policy) for kind in found])


def troubles(known: Mapping[str, StoredCalendar], *, at: datetime) -> dict[TroubleKind, dict[tuple[str, str], str]]:
    """What there is to tell of these, by kind; then by schedule and whom it is about."""
    unmapped = {name: _names(one) for name, one in known.items() if one.unmapped}
    unread = {name: one.error for name, one in known.items() if one.error and _is_worth_telling(one, at)}
    stale = {name: one.error or "" for name, one in known.items() if _is_stale(one, at)}
    by_kind = {TroubleKind.UNMAPPED: unmapped, TroubleKind.CALENDAR: unread, TroubleKind.STALE: stale}
    return {kind: {(name, ""): detail for name, detail in of.items()} for kind, of in by_kind.items()}


def _is_worth_telling(one: StoredCalendar, at: datetime) -> bool:
    lasts = one.failing_since is not None and at - one.failing_since >= PATIENT_FOR
    return one.read_at is None or lasts


def _is_stale(one: StoredCalendar, at: datetime) -> bool:
    return one.read_at is not None and at - one.read_at > STALE_AFTER


def _names(one: StoredCalendar) -> str:
    more = len(one.unmapped) - _SHOWN
    return ", ".join([*(repr(name) for name in one.unmapped[:_SHOWN]), *([f"+{more}"] if more > 0 else [])])
