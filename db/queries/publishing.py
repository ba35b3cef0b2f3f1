"""The publisher's side of the outbox: claim with a lease and a fence, and write back only under that fence."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Update, and_, case, func, not_, or_

from db.gate import Gate, Row
from db.queries.outbox import bump
from db.queries.ways import Ways
from db.tables import outbox
from incidents.ports import Job, OutboxKind, Priority
from incidents.rules.pace import POSTS, UPDATES, Pace

LEASE = timedelta(seconds=13)
"""For so long a claimed row belongs to its publisher. What one that died had claimed is taken over after it.

A call to Slack begins at most 2 s after claiming, and lasts at most 10 s: it has come to its end by then.
"""
LEASE_ANEW = 2 * LEASE

_CANDIDATES = 10
_UPDATE_WAY = "pace:update"
_UPDATES_CLOSED = "pace:closed:update"
"""Apart from the pace: until then no burst gets through either, and after it the burst is what it was."""
_POST_WAY = "pace:post:"
_card = outbox.alias("card")


class PublishingQueries:
    """Implements ``incidents.ports.Publishing``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._ways = Ways(gate)

    async def is_due(self) -> bool:
        due = self._gate.select(outbox, outbox.c.id).where(*self._free()).limit(1)
        return await self._gate.scalar(due) is not None

    async def claim(self, *, holder: str) -> Job | None:
        busy = await self._ways.busy()
        for row in await self._gate.rows(self._candidates(busy)):
            pace, way = _way(row)
            if await self._lease(row, holder):
                await self._ways.take(way, pace)
                return _job(row)
        return None

    async def hold(self, job: Job) -> bool:
        return await self._gate.changed(self._mine(job).values(lease_until=self._gate.now + LEASE_ANEW)) == 1

    async def shown_by_another(self, job: Job) -> tuple[str, datetime] | None:
        columns = (outbox.c.ts, outbox.c.created_at)
        row = await self._gate.row(
            self._gate.select(outbox, *columns).where(outbox.c.id == job.id, outbox.c.fence != job.fence)
        )
        return None if row is None else (row["ts"] or "", row["created_at"])

    async def sent(self, job: Job, *, channel_id: str, ts: str, rev: int) -> bool:
        now = self._gate.now
        statement = self._mine(job).values(
            ts=ts,
            channel_id=channel_id,
            sent_rev=rev,
            attempts=0,
            last_error=None,
            post_started_at=None,
            sent_at=now,
            first_sent_at=func.coalesce(outbox.c.first_sent_at, now),
            due_at=case((outbox.c.desired_rev > rev, now), else_=None),
            **_FREE,
        )
        return await self._gate.changed(statement) == 1

    async def later(self, job: Job, *, wait: timedelta, error: str, outcome_unknown: bool) -> None:
        kept = {} if outcome_unknown else {"post_started_at": None}
        due = self._gate.now + wait
        await self._gate.execute(self._mine(job).values(due_at=due, last_error=error[:2000], **kept, **_FREE))

    async def post_anew(self, job: Job, *, channel: str | None = None) -> None:
        where = {"channel_id": channel} if channel else {}
        statement = self._mine(job).values(
            ts=None, sent_rev=0, post_started_at=None, due_at=self._gate.now, **where, **_FREE
        )
        await self._gate.execute(statement)

    async def touch(self, job: Job) -> str | None:
        row = self._gate.update(outbox).where(outbox.c.id == job.id)
        await self._gate.execute(bump(row, self._gate, Priority.CLICK))
        ts: str | None = await self._gate.scalar(self._gate.select(outbox, outbox.c.ts).where(outbox.c.id == job.id))
        return ts

    async def close_way(self, job: Job, *, wait: timedelta) -> None:
        columns = (outbox.c.ts, outbox.c.channel)
        row = await self._gate.row(self._gate.select(outbox, *columns).where(outbox.c.id == job.id))
        if row is not None:
            _, way = _way(row)
            await self._ways.close(_UPDATES_CLOSED if way == _UPDATE_WAY else way, self._gate.now + wait)

    async def known_channel_id(self, channel: str) -> str | None:
        statement = (
            self._gate.select(outbox, outbox.c.channel_id)
            .where(outbox.c.channel == channel, outbox.c.channel_id.is_not(None), outbox.c.ts.is_not(None))
            .order_by(outbox.c.id.desc())
            .limit(1)
        )
        found: str | None = await self._gate.scalar(statement)
        return found

    async def depth(self) -> tuple[int, timedelta]:
        waiting = self._gate.select(outbox, func.count().label("n"), func.min(outbox.c.due_at).label("oldest"))
        row = await self._gate.row(waiting.where(outbox.c.due_at.is_not(None)))
        if row is None or row["oldest"] is None:
            return 0, timedelta(0)
        return row["n"], max(self._gate.now - row["oldest"], timedelta(0))

    def _free(self) -> list[Any]:
        now = self._gate.now
        return [outbox.c.due_at <= now, or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)]

    def _candidates(self, busy: dict[str, Any]) -> Select[Any]:
        """Rows whose turn it is: not those whose way is busy, nor what belongs in a thread without a card yet."""
        statement = (
            self._gate.select(outbox, outbox, _card.c.ts.label("card_ts"), _card.c.channel_id.label("card_channel"))
            .outerjoin_from(outbox, _card, _SAME_THREAD)
            .where(*self._free(), or_(outbox.c.kind.not_in(_IN_THREAD), _card.c.ts.is_not(None)))
            .order_by(outbox.c.priority, outbox.c.due_at, outbox.c.id)
            .limit(_CANDIDATES)
        )
        closed = [
            name
            for name, until in busy.items()
            if not POSTS.allows(until, now=self._gate.now, priority=Priority.UPDATE)
        ]
        posts_blocked = [name.removeprefix("pace:post:") for name in closed if name.startswith("pace:post:")]
        if posts_blocked:
            statement = statement.where(not_(and_(outbox.c.ts.is_(None), outbox.c.channel.in_(posts_blocked))))
        updates = busy.get(_UPDATE_WAY)
        shut = _UPDATES_CLOSED in busy
        late = [int(p) for p in Priority if shut or not UPDATES.allows(updates, now=self._gate.now, priority=p)]
        if late:
            statement = statement.where(not_(and_(outbox.c.ts.is_not(None), outbox.c.priority.in_(late))))
        return statement

    async def _lease(self, row: Row, holder: str) -> bool:
        """Compare-and-set on the fence: of two publishers that saw the row free, one gets it."""
        now = self._gate.now
        started = case((outbox.c.ts.is_(None), func.coalesce(outbox.c.post_started_at, now)), else_=None)
        statement = (
            self._gate.update(outbox)
            .where(outbox.c.id == row["id"], outbox.c.fence == row["fence"])
            .values(
                fence=row["fence"] + 1,
                lease_holder=holder,
                lease_until=now + LEASE,
                attempts=outbox.c.attempts + 1,
                post_started_at=started,
            )
        )
        return await self._gate.changed(statement) == 1

    def _mine(self, job: Job) -> Update:
        return self._gate.update(outbox).where(outbox.c.id == job.id, outbox.c.fence == job.fence)


_FREE: dict[str, Any] = {"lease_holder": None, "lease_until": None}
_IN_THREAD = (OutboxKind.THREAD.value, OutboxKind.REMINDER.value)
_SAME_THREAD = and_(
    _card.c.tenant_id == outbox.c.tenant_id,
    _card.c.incident_id == outbox.c.incident_id,
    _card.c.channel == outbox.c.channel,
    _card.c.kind == OutboxKind.CARD.value,
    outbox.c.kind.in_(_IN_THREAD),
)


def _way(row: Row) -> tuple[Pace, str]:
    return (POSTS, f"{_POST_WAY}{row['channel']}") if row["ts"] is None else (UPDATES, _UPDATE_WAY)


def _job(row: Row) -> Job:
    return Job(
        id=row["id"],
        incident_id=row["incident_id"],
        kind=OutboxKind(row["kind"]),
        subject=row["subject"],
        channel=row["card_channel"] or row["channel_id"] or row["channel"],
        rev=row["desired_rev"],
        ts=row["ts"],
        fence=row["fence"] + 1,
        attempts=row["attempts"] + 1,
        unknown_since=row["post_started_at"] if row["ts"] is None else None,
        thread_ts=row["card_ts"],
    )
