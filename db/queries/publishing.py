"""The publisher's side of the outbox: claim with a lease and a fence, and write back only under that fence."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, Update, and_, bindparam, case, func, not_, null, or_

from db.gate import Gate, Row, among, prepared, prepared_update
from db.queries.former_cards import keep_place
from db.queries.outages import OutageQueries, unsent_digest
from db.queries.outbox import bump
from db.queries.storms import HELD_BACK, ROLLUP_PACE
from db.queries.ways import READS, TRIALS, UPDATES, Ways, posts_to
from db.tables import outbox
from db.types import UtcDateTime
from incidents.channels import UnusableChannel
from incidents.outbox import Claims, Job, OutboxKind, Priority
from incidents.rules import outage, pace
from incidents.rules.pace import Pace

LEASE = timedelta(seconds=13)
"""For so long a claimed row belongs to its publisher. What one that died had claimed is taken over after it.

A call to Slack begins at most 2 s after claiming, and lasts at most 10 s: it has come to its end by then.
"""
LEASE_ANEW = 2 * LEASE

_CANDIDATES = 10
_SOON = timedelta(minutes=1)
"""A digest that is due by then goes before what it is about."""
_LOOK_AGAIN = (timedelta(milliseconds=50), timedelta(seconds=1))
_card = outbox.alias("card")


class PublishingQueries:
    """Implements ``incidents.outbox.Publishing``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._ways = Ways(gate)

    async def is_due(self) -> bool:
        return bool(await self._gate.prepared_rows(_due(), now=self._gate.now))

    async def claim(self, *, holder: str) -> Job | None:
        claims = await self.claim_some(holder=holder, most=1)
        return claims.jobs[0] if claims.jobs else None

    async def claim_some(self, *, holder: str, most: int) -> Claims:
        await self._ways.look()
        away, is_outage = self._away()
        if is_outage:
            if not self._ways.allows(TRIALS, outage.TRIALS, Priority.UPDATE):
                return Claims((), _soon(self._ways.opens(TRIALS, outage.TRIALS, Priority.UPDATE)))
            await OutageQueries(self._gate).prepare()
            most = 1
        candidates = await self._candidates(is_outage)
        jobs = await self._take_some(candidates, holder, most, away=away)
        if is_outage and jobs:
            await self._ways.take(TRIALS, outage.TRIALS)
        more = bool(jobs) and (len(jobs) == most or len(candidates) == _CANDIDATES)
        return Claims(jobs, _soon(self._next_turn()), more)

    async def closed_for(self, job: Job) -> timedelta:
        await self._ways.look()
        return self._ways.closed(self._way_of(job))

    async def may_read(self) -> timedelta:
        await self._ways.look()
        if self._ways.allows(READS, pace.READS, Priority.CLICK):
            await self._ways.take(READS, pace.READS)
            return timedelta(0)
        return max(self._ways.opens(READS, pace.READS, Priority.CLICK), _LOOK_AGAIN[0])

    async def close_reads(self, *, wait: timedelta) -> None:
        await self._ways.close(READS, self._gate.now + wait)

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
        told = {"told_ts": ts, "told_channel": channel_id, "rev": rev, "now": now}
        again = now + ROLLUP_PACE if job.kind is OutboxKind.ROLLUP else now
        keep = self._gate.prepared_change(_sent(), this=job.id, known=job.fence, again=again, **told)
        if job.ts is not None:
            return (await keep).matched == 1
        kept, is_news = await self._gate.together(keep, self._ways.works(job.channel, channel_id))
        if is_news:
            await self._tell_of(job.channel)
        return bool(kept.matched == 1)

    async def later(self, job: Job, *, wait: timedelta, error: str, outcome_unknown: bool) -> None:
        kept = {} if outcome_unknown else {"post_started_at": None}
        due = self._gate.now + wait
        await self._gate.execute(self._mine(job).values(due_at=due, last_error=error[:2000], **kept, **_FREE))

    async def post_anew(self, job: Job, *, channel: str | None = None) -> None:
        await self._ways.look()
        if job.ts is not None and job.kind is OutboxKind.CARD:
            await keep_place(self._gate, job.incident_id, job.channel, job.ts)
        if channel and (closed := self._ways.closed(posts_to(self._ways.channel(channel)))):
            await self.nowhere(job, wait=closed, error="no channel takes it")
            return
        where = {"channel_id": channel} if channel else {}
        statement = self._mine(job).values(
            ts=None, sent_rev=0, post_started_at=None, due_at=self._gate.now, **where, **_FREE
        )
        await self._gate.execute(statement)

    async def unusable(self, job: Job, *, code: str) -> tuple[str, bool]:
        await self._ways.look()
        channel = self._ways.channel(job.channel)
        return channel, await self._ways.refused(channel, code)

    async def nowhere(self, job: Job, *, wait: timedelta, error: str) -> None:
        await self._ways.look()
        await self._ways.close(posts_to(self._ways.channel(job.channel)), self._gate.now + wait)
        again = {"post_started_at": None, "last_error": error[:2000], "due_at": self._gate.now}
        await self._gate.execute(self._mine(job).values(ts=None, sent_rev=0, channel_id=None, **again, **_FREE))

    async def plain(self, job: Job, *, refused_sha256: str) -> None:
        await self._gate.execute(self._mine(job).values(refused_sha256=refused_sha256, post_started_at=None, **_FREE))

    async def touch_card(self, job: Job) -> None:
        card = self._gate.update(outbox).where(
            outbox.c.incident_id == job.incident_id,
            outbox.c.kind == OutboxKind.CARD.value,
            outbox.c.ts == job.thread_ts,
            outbox.c.due_at.is_(None),
        )
        await self._gate.execute(bump(card, self._gate, Priority.CLICK))

    async def touch(self, job: Job) -> str | None:
        row = self._gate.update(outbox).where(outbox.c.id == job.id)
        await self._gate.execute(bump(row, self._gate, Priority.CLICK))
        ts: str | None = await self._gate.scalar(self._gate.select(outbox, outbox.c.ts).where(outbox.c.id == job.id))
        return ts

    async def close_way(self, job: Job, *, wait: timedelta) -> None:
        await self._ways.look()
        await self._ways.close(self._way_of(job), self._gate.now + wait)

    async def known_channel_id(self, channel: str) -> str | None:
        await self._ways.look()
        return self._ways.id_of(channel)

    async def saw_channel(self, channel: str, *, channel_id: str) -> None:
        await self._ways.look()
        if await self._ways.seen(channel, channel_id):
            await self._tell_of(channel)

    async def missed_channel(self, channel: str, *, code: str) -> bool:
        await self._ways.look()
        return await self._ways.missed(channel, code)

    async def unusable_channels(self) -> list[UnusableChannel]:
        await self._ways.look()
        return [UnusableChannel(channel, code) for channel, code in sorted(self._ways.refusals().items())]

    async def depth(self) -> tuple[int, timedelta]:
        [row] = await self._gate.prepared_rows(_depth())
        if row["oldest"] is None:
            return 0, timedelta(0)
        return row["n"], max(self._gate.now - row["oldest"], timedelta(0))

    async def _candidates(self, is_outage: bool) -> Sequence[Row]:
        """Rows whose turn it is; not those whose way is busy."""
        blocked = [name for one in self._busy() for name in self._ways.names(one)]
        late = [int(one) for one in Priority if not self._ways.allows(UPDATES, pace.UPDATES, one)]
        busy = {**({"blocked": blocked} if blocked else {}), **({"late": late} if late else {})}
        statement = _candidates(is_outage=is_outage, are_blocked=bool(blocked), are_late=bool(late))
        return await self._gate.prepared_rows(statement, now=self._gate.now, soon=self._gate.now + _SOON, **busy)

    async def _take_some(self, candidates: Sequence[Row], holder: str, most: int, *, away: bool) -> list[Job]:
        jobs: list[Job] = []
        left = list(candidates)
        while len(jobs) < most and (chosen := self._let_through(left, most - len(jobs))):
            leased = await self._gate.together(*(self._lease(row, holder) for row in chosen))
            for row, is_ours in zip(chosen, leased, strict=True):
                left.remove(row)
                if is_ours:
                    ours, way = self._way(row)
                    self._ways.go(way, ours)
                    jobs.append(_job(row, away=away))
        await self._ways.keep()
        return jobs

    def _let_through(self, candidates: Sequence[Row], most: int) -> list[Row]:
        """Of those that are left the first that pacing lets through, each after the ones before it."""
        ways, chosen = self._ways.fork(), list[Row]()
        for row in candidates:
            ours, way = self._way(row)
            if len(chosen) < most and ways.allows(way, ours, Priority(row["priority"])):
                ways.go(way, ours)
                chosen.append(row)
        return chosen

    def _away(self) -> tuple[bool, bool]:
        """Whether Slack is thought to be away, and whether that has become an outage."""
        since = self._ways.away_since
        return since is not None, since is not None and outage.is_outage(since, now=self._gate.now)

    def _next_turn(self) -> timedelta:
        """When the first of the ways that are busy is free again."""
        posts = [self._ways.opens(posts_to(one), pace.POSTS, Priority.UPDATE) for one in self._busy()]
        updates = [self._ways.opens(UPDATES, pace.UPDATES, one) for one in Priority]
        return min([left for left in (*posts, *updates) if left], default=_LOOK_AGAIN[1])

    def _busy(self) -> list[str]:
        return self._ways.busy_channels(pace.POSTS)

    def _way(self, row: Row) -> tuple[Pace, str]:
        if row["ts"] is not None:
            return pace.UPDATES, UPDATES
        return pace.POSTS, posts_to(self._ways.channel(_destination(row)))

    def _way_of(self, job: Job) -> str:
        return UPDATES if job.ts is not None else posts_to(self._ways.channel(job.channel))

    async def _tell_of(self, channel: str) -> None:
        """What was said of this channel to who runs Bongsu has changed."""
        notices = self._gate.update(outbox).where(
            outbox.c.incident_id == 0,
            outbox.c.kind == OutboxKind.NOTICE.value,
            outbox.c.subject.like("channel:%"),
            outbox.c.subject.endswith(f":{channel[:44]}", autoescape=True),
        )
        await self._gate.execute(bump(notices, self._gate, Priority.UPDATE))

    async def _lease(self, row: Row, holder: str) -> bool:
        """Compare-and-set on the fence: of two publishers that saw the row free, one gets it."""
        now = self._gate.now
        told = {"this": row["id"], "known": row["fence"], "holder": holder, "now": now, "until": now + LEASE}
        return (await self._gate.prepared_change(_leased(), **told)).matched == 1

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


_DESTINATION = func.coalesce(_card.c.channel_id, outbox.c.channel_id, outbox.c.channel)


_NOW = bindparam("now", type_=UtcDateTime())
_CARD_WAITS = or_(_card.c.due_at > _NOW, _card.c.priority > int(Priority.CLICK))
"""The card of a thread entry has to wait, so that the entry need not wait for it."""
_IS_FREE = (
    outbox.c.due_at <= _NOW,
    or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= _NOW),
    or_(outbox.c.shown_in_id.is_(None), outbox.c.ts.is_not(None), outbox.c.sent_rev > 0),
)
"""Due, and nobody has it. What a roll-up stands for has no turn; what a digest has shown has one again."""


@cache
def _depth() -> Select[Any]:
    waiting = prepared(outbox, func.count().label("n"), func.min(outbox.c.due_at).label("oldest"))
    return waiting.where(outbox.c.due_at.is_not(None))


@cache
def _due() -> Select[Any]:
    return prepared(outbox, outbox.c.id).where(*_IS_FREE).limit(1)


@cache
def _candidates(*, is_outage: bool, are_blocked: bool, are_late: bool) -> Select[Any]:
    """Not what belongs in a thread without a card yet, nor what goes a way that is ``blocked``, or ``late``.

    Nor a thread entry before the card that shows the same act: if that card is gone, the entry follows the new one.

    During an outage those that were tried least go first, so that one that Slack won't have holds up nobody.
    """
    turn = (outbox.c.priority, outbox.c.due_at, outbox.c.id)
    digest = unsent_digest(bindparam("soon", type_=UtcDateTime()))
    statement = (
        prepared(outbox, outbox, _card.c.ts.label("card_ts"), _card.c.channel_id.label("card_channel"))
        .outerjoin_from(outbox, _card, _SAME_THREAD)
        .where(*_IS_FREE, or_(outbox.c.kind.not_in(_IN_THREAD), _card.c.ts.is_not(None)))
        .where(or_(outbox.c.kind != OutboxKind.THREAD.value, _card.c.due_at.is_(None), _CARD_WAITS))
        .where(not_(HELD_BACK))
        .where(or_(outbox.c.kind != OutboxKind.CARD.value, outbox.c.ts.is_not(None), ~digest))
        .order_by(*((outbox.c.attempts, *turn) if is_outage else turn))
        .limit(_CANDIDATES)
    )
    if are_blocked:
        statement = statement.where(not_(and_(outbox.c.ts.is_(None), _DESTINATION.in_(among("blocked")))))
    if are_late:
        statement = statement.where(not_(and_(outbox.c.ts.is_not(None), outbox.c.priority.in_(among("late")))))
    return statement


@cache
def _leased() -> Update:
    started = case((outbox.c.ts.is_(None), func.coalesce(outbox.c.post_started_at, _NOW)), else_=null())
    return _held().values(
        fence=outbox.c.fence + 1,
        lease_holder=bindparam("holder"),
        lease_until=bindparam("until", type_=UtcDateTime()),
        attempts=outbox.c.attempts + 1,
        post_started_at=started,
    )


@cache
def _sent() -> Update:
    """``again`` is when more that is wanted by then has its turn."""
    rev = bindparam("rev", type_=Integer())
    again = bindparam("again", type_=UtcDateTime())
    return _held().values(
        ts=bindparam("told_ts"),
        channel_id=bindparam("told_channel"),
        shown_in_id=null(),
        sent_rev=rev,
        attempts=0,
        last_error=null(),
        post_started_at=null(),
        sent_at=_NOW,
        first_sent_at=func.coalesce(outbox.c.first_sent_at, _NOW),
        due_at=case((outbox.c.desired_rev > rev, again), else_=null()),
        traceparent=case((outbox.c.desired_rev > rev, outbox.c.traceparent), else_=null()),
        lease_holder=null(),
        lease_until=null(),
    )


def _held() -> Update:
    """The row, as long as its fence is the one that we know."""
    return prepared_update(outbox).where(outbox.c.id == bindparam("this"), outbox.c.fence == bindparam("known"))


def _destination(row: Row) -> str:
    """Where it is to be posted: a name or an id."""
    told: str = row["card_channel"] or row["channel_id"] or row["channel"]
    return told


def _soon(wait: timedelta) -> timedelta:
    least, most = _LOOK_AGAIN
    return min(max(wait, least), most)


def _job(row: Row, *, away: bool) -> Job:
    return Job(
        id=row["id"],
        incident_id=row["incident_id"],
        kind=OutboxKind(row["kind"]),
        subject=row["subject"],
        channel=_destination(row),
        rev=row["desired_rev"],
        ts=row["ts"],
        fence=row["fence"] + 1,
        attempts=row["attempts"] + 1,
        unknown_since=row["post_started_at"] if row["ts"] is None else None,
        thread_ts=row["card_ts"],
        refused_sha256=row["refused_sha256"],
        shown_elsewhere=row["shown_in_id"] is not None and row["sent_rev"] >= row["desired_rev"],
        away=away,
        wanted_at=row["created_at"] if row["first_sent_at"] is None else None,
        meant_for=row["channel"],
        traceparent=row["traceparent"],
    )
