"""Tending storms: cards are parked and released by the hundred, in a few statements.

Every step is right at any time and changes nothing when it is done again, so whoever dies between them loses nothing.
A storm is locked first, then its roll-up's row, then the cards.

What happens to a parked card meanwhile can't be missed: first its row is written, then its incident is read. Whoever
changes the incident touches the card in the same transaction, and so comes either before that write, and is read, or
after it, and makes the card due again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, func, or_

from db.gate import Row, prepared
from db.queries.ordering import ACTIVE_FIRST, GRAVEST_FIRST, gravest_first
from db.queries.storm_views import MEMBER_CARD, MEMBER_INCIDENT, StormViewQueries, is_coming, storm
from db.tables import incidents, outbox, storm_incidents, storms
from db.types import UtcDateTime
from incidents.model import Severity, Status
from incidents.outbox import OutboxKind, Priority
from incidents.storms import RATE_OVER, Above, Rush, Sight, Storm, subject_of

ROLLUP_PACE = timedelta(seconds=2.5)
"""A roll-up is updated no more often than this: chat.update has 50 calls a minute for the whole workspace."""

_LATE = timedelta(seconds=30)
"""A transaction that read the clock so long ago may still commit; none runs for longer."""
_TOUCHED_AT_ONCE = 20
_IDS_AT_ONCE = 1000
_OF_THIS = and_(storm_incidents.c.tenant_id == outbox.c.tenant_id, storm_incidents.c.outbox_id == outbox.c.id)
_ITS_INCIDENT = and_(incidents.c.tenant_id == outbox.c.tenant_id, incidents.c.id == outbox.c.incident_id)
_below = outbox.alias("below")
_OPENED_WITH_ITS_CARD = and_(
    _below.c.tenant_id == outbox.c.tenant_id,
    _below.c.incident_id == outbox.c.incident_id,
    _below.c.channel == outbox.c.channel,
    _below.c.kind == OutboxKind.REMINDER.value,
    _below.c.created_at == outbox.c.created_at,
    _below.c.due_at.is_not(None),
)

HELD_BACK = and_(
    outbox.c.ts.is_(None),
    outbox.c.kind == OutboxKind.CARD.value,
    outbox.c.priority == int(Priority.UPDATE),
    outbox.c.post_started_at.is_(None),
    exists().where(
        storms.c.tenant_id == outbox.c.tenant_id,
        storms.c.open_channel == outbox.c.channel,
        storms.c.began_at <= outbox.c.created_at,
    ),
)
"""A new card that may wait, in a channel in which a storm is under way: it will be parked, or found to be critical."""


@cache
def _unsettled() -> Select[Any]:
    return prepared(storms, storms.c.id, storms.c.looked_at).where(storms.c.settled_at.is_(None))


@cache
def _touched_rollups() -> Select[Any]:
    is_due = outbox.c.due_at <= bindparam("now", type_=UtcDateTime())
    touched = prepared(outbox, outbox.c.shown_in_id).where(
        is_due, outbox.c.shown_in_id.is_not(None), outbox.c.ts.is_(None)
    )
    return touched.distinct().limit(_TOUCHED_AT_ONCE)


@cache
def _rushes() -> Select[Any]:
    created_at, since = outbox.c.created_at, bindparam("since", type_=UtcDateTime())
    told = (func.count().label("n"), func.min(created_at).label("first"), func.max(created_at).label("last"))
    return (
        prepared(outbox, outbox.c.channel, *told)
        .where(outbox.c.kind == OutboxKind.CARD.value, created_at > since)
        .group_by(outbox.c.channel)
        .having(func.count() > bindparam("least", type_=Integer()))
    )


class StormQueries(StormViewQueries):
    """Implements ``incidents.storms.Storms``."""

    async def watch(self, *, above: Above, rest: timedelta) -> Sight:
        told = {"since": self._gate.now - RATE_OVER, "least": above.least or 0}
        unsettled, due, fast = await self._gate.together(
            self._gate.prepared_rows(_unsettled()),
            self._gate.prepared_rows(_touched_rollups(), now=self._gate.now),
            self._gate.prepared_rows(_rushes(), **told),
        )
        rested = [row["id"] for row in unsettled if row["looked_at"] <= self._gate.now - rest]
        again = await self._touched([row["shown_in_id"] for row in due], rest)
        return Sight([] if above.least is None else await self._above(above, fast), [*rested, *again])

    async def _touched(self, rollups: Sequence[int], rest: timedelta) -> list[int]:
        """Storms that were settled, and in whose roll-up something has changed since."""
        if not rollups:
            return []
        settled = self._gate.select(storms, storms.c.id).where(
            storms.c.rollup_id.in_(rollups),
            storms.c.settled_at.is_not(None),
            storms.c.looked_at <= self._gate.now - rest,
        )
        return [row["id"] for row in await self._gate.rows(settled)]

    async def _above(self, above: Above, found: Sequence[Row]) -> list[Rush]:
        """Where nothing waits that could be parked, none begins: its roll-up would have nothing to show."""
        rushes = [await self._rush(row) for row in found if above.allows(row["channel"], row["n"])]
        return [rush for rush in rushes if rush.storm_id is not None or await self._can_begin(rush)]

    async def _rush(self, row: Row) -> Rush:
        going = self._gate.select(storms, storms.c.id).where(storms.c.open_channel == row["channel"])
        return Rush(row["channel"], row["n"], row["first"], row["last"], await self._gate.scalar(going))

    async def _can_begin(self, rush: Rush) -> bool:
        waiting = (
            self._gate.select(outbox, outbox.c.id)
            .join(incidents, _ITS_INCIDENT)
            .where(*self._parkable(), outbox.c.channel == rush.channel, outbox.c.created_at >= rush.first)
            .where(incidents.c.severity != Severity.CRITICAL.value)
            .limit(1)
        )
        return await self._gate.scalar(waiting) is not None

    async def begin(self, channel: str, *, first: datetime, last: datetime) -> tuple[Storm, bool]:
        now = self._gate.now
        times = {"began_at": first, "last_new_at": last, "hot_at": now, "looked_at": first - RATE_OVER}
        new = {"channel": channel, "open_channel": channel, "coming": 0, **times}
        await self._gate.insert_many_or_keep(storms, [new], unique=("tenant_id", "open_channel"))
        statement = self._gate.select(storms).where(storms.c.open_channel == channel).with_for_update()
        [row] = await self._gate.rows(statement)
        if row["rollup_id"] is not None:
            return await self._with_rev(row), False
        rollup_id = await self._ask_for_rollup(row["id"], channel, first)
        await self._gate.execute(self._gate.update(storms).where(storms.c.id == row["id"]).values(rollup_id=rollup_id))
        return await self._with_rev({**row, "rollup_id": rollup_id}), True

    async def _ask_for_rollup(self, storm_id: int, channel: str, since: datetime) -> int:
        """As long due as the first incident that it shows: so it goes before the critical ones that wait."""
        return await self._gate.insert_one(
            outbox,
            incident_id=0,
            channel=channel,
            kind=OutboxKind.ROLLUP.value,
            subject=subject_of(storm_id),
            desired_rev=1,
            sent_rev=0,
            priority=int(Priority.CRITICAL_CARD),
            due_at=since,
            fence=0,
            attempts=0,
            created_at=self._gate.now,
        )

    async def under_way(self, channel: str) -> Storm | None:
        statement = self._gate.select(storms).where(storms.c.open_channel == channel).with_for_update()
        row = await self._gate.row(statement)
        return None if row is None else await self._with_rev(row)

    async def lock(self, storm_id: int, *, rest: timedelta) -> Storm | None:
        statement = (
            self._gate.select(storms)
            .where(storms.c.id == storm_id, storms.c.looked_at <= self._gate.now - rest)
            .with_for_update(skip_locked=True)
        )
        row = await self._gate.row(statement)
        return None if row is None else await self._with_rev(row)

    async def _with_rev(self, row: Row) -> Storm:
        """From here on no revision begins but ours: so what joins now is in none that anybody has seen."""
        rollup = self._gate.select(outbox, outbox.c.desired_rev).where(outbox.c.id == row["rollup_id"])
        return storm(row, rev=await self._gate.scalar(rollup.with_for_update()))

    async def take_in(self, storm: Storm) -> tuple[int, datetime | None]:
        since = max(storm.began_at, storm.looked_at - _LATE)
        new = (
            self._gate.select(
                outbox,
                outbox.c.id,
                outbox.c.incident_id,
                outbox.c.created_at,
                incidents.c.episode,
                incidents.c.severity,
            )
            .join(incidents, _ITS_INCIDENT)
            .outerjoin(storm_incidents, and_(_OF_THIS, storm_incidents.c.storm_id == storm.id))
            .where(outbox.c.kind == OutboxKind.CARD.value, outbox.c.created_at >= since)
            .where(outbox.c.channel == storm.channel, storm_incidents.c.id.is_(None))
            .order_by(outbox.c.id)
        )
        rows = await self._gate.rows(new)
        await self._join(storm, rows)
        return len(rows), max((row["created_at"] for row in rows), default=None)

    async def _join(self, storm: Storm, rows: Sequence[Row]) -> None:
        members = [
            {
                "storm_id": storm.id,
                "outbox_id": row["id"],
                "incident_id": row["incident_id"],
                "since_rev": storm.rev + 1,
                "episode": row["episode"],
                "severity": row["severity"],
            }
            for row in rows
        ]
        await self._gate.insert_many_or_keep(storm_incidents, members, unique=("storm_id", "outbox_id"))

    async def park(self, storm: Storm) -> int:
        waiting = (
            self._of_members(storm, outbox.c.id)
            .join(incidents, MEMBER_INCIDENT)
            .where(*self._parkable(), incidents.c.severity != Severity.CRITICAL.value)
            .order_by(outbox.c.id)
        )
        parked = 0
        for some in _chunks(await self._gate.rows(waiting)):
            cards = self._gate.update(outbox).where(outbox.c.id.in_(some), *self._parkable())
            parked += await self._gate.changed(
                cards.values(shown_in_id=storm.rollup_id, due_at=None, fence=outbox.c.fence + 1)
            )
        if parked:
            await self._leave_out_mentions(storm)
        return parked

    async def _leave_out_mentions(self, storm: Storm) -> None:
        """Those asked for with these cards: the roll-up, which stands for all of them, mentions once."""
        below = self._of_members(storm, _below.c.id).join(_below, _OPENED_WITH_ITS_CARD)
        waiting = below.where(outbox.c.shown_in_id == storm.rollup_id, _below.c.ts.is_(None))
        for some in _chunks(await self._gate.rows(waiting)):
            await self._gate.execute(self._gate.delete(outbox).where(outbox.c.id.in_(some), outbox.c.ts.is_(None)))

    def _parkable(self) -> tuple[ColumnElement[bool], ...]:
        """Nobody has begun to post it, and nobody waits for it."""
        return (
            outbox.c.kind == OutboxKind.CARD.value,
            outbox.c.ts.is_(None),
            outbox.c.shown_in_id.is_(None),
            outbox.c.due_at.is_not(None),
            outbox.c.priority == int(Priority.UPDATE),
            outbox.c.post_started_at.is_(None),
            or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= self._gate.now),
        )

    async def absorb(self, storm: Storm) -> int:
        by_itself = self._gate.update(outbox).where(
            *_parked(storm), outbox.c.due_at.is_not(None), outbox.c.priority == int(Priority.UPDATE)
        )
        return await self._gate.changed(by_itself.values(due_at=None))

    async def release_touched(self, storm: Storm) -> int:
        touched = self._gate.update(outbox).where(
            *_parked(storm), outbox.c.due_at.is_not(None), outbox.c.priority < int(Priority.UPDATE)
        )
        return await self._gate.changed(touched.values(shown_in_id=None))

    async def release_grave(self, storm: Storm) -> int:
        """Those too that wait for a card of their own as if they were not critical: they would be held back."""
        waits = and_(outbox.c.shown_in_id.is_(None), outbox.c.priority > int(Priority.CRITICAL_CARD))
        grave = (
            self._of_members(storm, outbox.c.id)
            .join(incidents, MEMBER_INCIDENT)
            .where(incidents.c.severity == Severity.CRITICAL.value, incidents.c.status != Status.RESOLVED.value)
            .where(outbox.c.ts.is_(None), or_(outbox.c.shown_in_id == storm.rollup_id, waits))
        )
        at_once = {"priority": int(Priority.CRITICAL_CARD), "due_at": func.coalesce(outbox.c.due_at, self._gate.now)}
        released = 0
        for some in _chunks(await self._gate.rows(grave)):
            cards = self._gate.update(outbox).where(outbox.c.id.in_(some), outbox.c.ts.is_(None))
            released += await self._gate.changed(cards.values(shown_in_id=None, **at_once))
        return released

    async def remember(self, storm: Storm) -> int:
        now_graver = gravest_first(storm_incidents.c.severity) > GRAVEST_FIRST
        changed = (
            self._of_members(storm, storm_incidents.c.id, incidents.c.episode, incidents.c.severity)
            .join(incidents, MEMBER_INCIDENT)
            .where(outbox.c.shown_in_id == storm.rollup_id)
            .where(or_(incidents.c.episode != storm_incidents.c.episode, now_graver))
        )
        now = [{**row, "since_rev": storm.rev + 1} for row in await self._gate.rows(changed)]
        await self._gate.update_many(storm_incidents, now)
        return len(now)

    async def opened(self, storm: Storm) -> Sequence[int]:
        still_open = (
            self._of_members(storm, outbox.c.id)
            .join(incidents, MEMBER_INCIDENT)
            .where(*_parked(storm), incidents.c.status != Status.RESOLVED.value)
            .order_by(GRAVEST_FIRST, ACTIVE_FIRST, incidents.c.start_time, outbox.c.id)
        )
        return [row["id"] for row in await self._gate.rows(still_open)]

    async def release(self, cards: Sequence[int]) -> None:
        """A millisecond apart, since the publisher takes what has been due for longer."""
        for some in _ids_in_chunks(cards):
            these = self._gate.update(outbox).where(outbox.c.id.in_(some), outbox.c.ts.is_(None))
            await self._gate.execute(these.values(shown_in_id=None))
        first = self._gate.now - timedelta(milliseconds=len(cards))
        due = [{"id": id_, "due_at": first + timedelta(milliseconds=place)} for place, id_ in enumerate(cards)]
        await self._gate.update_many(outbox, due)

    async def hand_over(self, cards: Sequence[int], *, to: Storm) -> None:
        for some in _ids_in_chunks(cards):
            rows = (
                self._gate.select(outbox, outbox.c.id, outbox.c.incident_id, incidents.c.episode, incidents.c.severity)
                .join(incidents, _ITS_INCIDENT)
                .where(outbox.c.id.in_(some))
            )
            await self._join(to, await self._gate.rows(rows))
            these = self._gate.update(outbox).where(outbox.c.id.in_(some), outbox.c.shown_in_id.is_not(None))
            await self._gate.execute(these.values(shown_in_id=to.rollup_id))

    async def coming(self, storm: Storm) -> int:
        return int(await self._gate.scalar(self._of_members(storm, func.count()).where(is_coming(storm))))

    async def save(self, storm: Storm) -> None:
        now = {name: getattr(storm, name) for name in ("last_new_at", "hot_at", "looked_at", "ended_at", "settled_at")}
        under_way = None if storm.is_over else storm.channel
        this = self._gate.update(storms).where(storms.c.id == storm.id)
        await self._gate.execute(this.values(open_channel=under_way, coming=storm.coming, looks=storm.looks, **now))

    async def show(self, storm_id: int, *, urgent: bool = False) -> None:
        rollup = self._gate.select(storms, storms.c.rollup_id).where(storms.c.id == storm_id).scalar_subquery()
        of_storm = self._gate.select(outbox).where(outbox.c.id == rollup).with_for_update()
        row = await self._gate.row(of_storm)
        if row is None:
            return
        priority = int(Priority.CLICK if urgent else Priority.UPDATE)
        await self._gate.execute(
            self._gate.update(outbox)
            .where(outbox.c.id == row["id"])
            .values(
                desired_rev=row["desired_rev"] + 1,
                priority=priority if row["due_at"] is None else min(priority, row["priority"]),
                due_at=self._next_update(row, urgent=urgent),
            )
        )

    def _next_update(self, row: Row, *, urgent: bool) -> datetime:
        now: datetime = self._gate.now
        rested = now if row["sent_at"] is None else max(now, row["sent_at"] + ROLLUP_PACE)
        due: datetime = row["due_at"] or rested
        waits_for_slack = row["last_error"] is not None
        return now if urgent and not waits_for_slack else due

    def _of_members(self, storm: Storm, *columns: Any) -> Select[Any]:
        return (
            self._gate.select(storm_incidents, *columns)
            .join(outbox, MEMBER_CARD)
            .where(storm_incidents.c.storm_id == storm.id)
        )


def _parked(storm: Storm) -> tuple[ColumnElement[bool], ...]:
    return (outbox.c.shown_in_id == storm.rollup_id, outbox.c.ts.is_(None))


def _chunks(rows: Sequence[Row]) -> list[list[int]]:
    return _ids_in_chunks([row["id"] for row in rows])


def _ids_in_chunks(ids: Sequence[int]) -> list[list[int]]:
    return [list(ids[at : at + _IDS_AT_ONCE]) for at in range(0, len(ids), _IDS_AT_ONCE)]
