"""Slack was away: one row of ``leases`` says since when, and digests in the outbox what was missed meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, case, exists, func, or_

from db import rows
from db.gate import Gate, Row
from db.queries import lease_rows
from db.queries.ways import AWAY
from db.tables import incident_events, incidents, leases, outbox
from incidents.model import Severity, Status
from incidents.outages import MOST_NAMED, Missed, Outage
from incidents.outbox import OutboxKind, Priority
from incidents.rules.outage import is_outage
from incidents.rules.still_matters import still_matters

_UNIQUE = ("tenant_id", "incident_id", "channel", "kind", "subject")
_LOCKED_OUT = "locked_out:"
_SETTLES = timedelta(seconds=5)
"""A message whose outcome is not known is looked for after this, not before."""
_AT_ONCE = 500
_RANK = {severity.value: severity.rank for severity in Severity}
_SUMMED = (incidents.c.severity, incidents.c.status, incidents.c.start_time)


class OutageQueries:
    """Implements ``incidents.outages.Outages``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def failed(self, cause: str, *, locked_out: bool) -> bool:
        row = await self._row()
        if row is None or not row["holder"]:
            await self._begin(row, f"{_LOCKED_OUT if locked_out else ''}{cause}"[:128])
            return False
        return is_outage(row["expires_at"], now=self._gate.now)

    async def ended(self) -> Outage | None:
        row = await self._row()
        if row is None or not row["holder"]:
            return None
        this = self._gate.update(leases).where(leases.c.name == AWAY, leases.c.fence == row["fence"])
        if await self._gate.changed(this.values(holder="", fence=row["fence"] + 1, expires_at=self._gate.now)) != 1:
            return None
        if not is_outage(row["expires_at"], now=self._gate.now):
            return None
        await self._prepare(_outage(row))
        await self._raise_the_gravest()
        await self._let_go()
        return await self._name_the_end(_outage(row))

    async def away_since(self) -> datetime | None:
        row = await self._row()
        if row is None or not row["holder"] or not is_outage(row["expires_at"], now=self._gate.now):
            return None
        since: datetime = row["expires_at"]
        return since

    async def prepare(self) -> None:
        """Before a message is tried while Slack is away: what is tried may get through. May be repeated."""
        row = await self._row()
        if row is not None and row["holder"]:
            await self._prepare(_outage(row))

    async def missed(self, outbox_id: int) -> Missed:
        digest = await self._gate.row(self._gate.select(outbox).where(outbox.c.id == outbox_id))
        if digest is None:
            raise LookupError(f"there is no row {outbox_id} in the outbox")
        outage = Outage.named(digest["subject"])
        until = outage.until or self._gate.now
        waiting = await self._waiting(digest, until)
        resolved = [row for row in waiting if row["status"] == Status.RESOLVED.value]
        await self._show_in(digest, resolved)
        worst = sorted(waiting, key=_worst_first)[:MOST_NAMED]
        return Missed(outage, until, len(waiting), len(resolved), await self._incidents(worst))

    async def rest(self, outbox_id: int, *, fence: int, rev: int) -> None:
        this = self._gate.update(outbox).where(outbox.c.id == outbox_id, outbox.c.fence == fence)
        await self._gate.execute(
            this.values(
                sent_rev=rev,
                due_at=case((outbox.c.desired_rev > rev, self._gate.now), else_=None),
                post_started_at=None,
                attempts=0,
                lease_holder=None,
                lease_until=None,
            )
        )

    async def _prepare(self, outage: Outage) -> None:
        """Digests for the channels that miss something, and no reminder that asks nothing any more."""
        await self._add_digests(outage)
        await self._drop_reminders()

    async def _row(self) -> Row | None:
        return await self._gate.row(self._gate.select(leases).where(leases.c.name == AWAY))

    async def _begin(self, row: Row | None, cause: str) -> None:
        """Where somebody else has begun it meanwhile, that counts."""
        if row is None:
            await lease_rows.create(self._gate, AWAY, holder=cause, fence=1)
            return
        this = self._gate.update(leases).where(leases.c.name == AWAY, leases.c.fence == row["fence"])
        await self._gate.execute(this.values(holder=cause, fence=row["fence"] + 1, expires_at=self._gate.now))

    async def _add_digests(self, outage: Outage) -> None:
        """One in each channel that waits for a card."""
        waiting = self._gate.select(outbox, outbox.c.channel).where(*_WAITING_CARDS).distinct()
        wanted = [self._digest(row["channel"], outage) for row in await self._gate.rows(waiting)]
        await self._gate.insert_many_or_keep(outbox, wanted, unique=_UNIQUE)

    def _digest(self, channel: str, outage: Outage) -> Row:
        return {
            "incident_id": 0,
            "channel": channel,
            "kind": OutboxKind.DIGEST.value,
            "subject": outage.subject,
            "desired_rev": 1,
            "sent_rev": 0,
            "priority": int(Priority.ESCALATION),
            "due_at": outage.since,
            "fence": 0,
            "attempts": 0,
            "created_at": self._gate.now,
        }

    async def _drop_reminders(self) -> None:
        """All but the latest under each card that still asks for something."""
        statement = (
            self._gate.select(outbox, outbox.c.id.label("row_id"), outbox.c.channel, outbox.c.subject, *incidents.c)
            .join(incidents, and_(incidents.c.tenant_id == outbox.c.tenant_id, incidents.c.id == outbox.c.incident_id))
            .where(outbox.c.kind == OutboxKind.REMINDER.value, outbox.c.due_at.is_not(None), outbox.c.ts.is_(None))
            .where(outbox.c.lease_until.is_(None))
            .order_by(outbox.c.incident_id, outbox.c.channel, outbox.c.id.desc())
        )
        pending = await self._gate.rows(statement)
        events = await self._events(int(row["subject"].removeprefix("event:")) for row in pending)
        needless: list[int] = []
        for _, below_one_card in groupby(pending, key=lambda row: (row["id"], row["channel"])):
            told = list(below_one_card)
            matter = [row for row in told if _matters(row, events)]
            needless += [row["row_id"] for row in told if row not in matter[:1]]
        await self._drop(needless, outbox.c.id)

    async def _events(self, ids: Iterable[int]) -> dict[int, Row]:
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        found = await self._gate.rows(self._gate.select(incident_events).where(incident_events.c.id.in_(wanted)))
        return {row["id"]: row for row in found}

    async def _drop(self, ids: Sequence[int], column: ColumnElement[int], *also: Any, **values: Any) -> None:
        for start in range(0, len(ids), _AT_ONCE):
            these = self._gate.update(outbox).where(column.in_(ids[start : start + _AT_ONCE]), *also)
            await self._gate.execute(these.values(sent_rev=outbox.c.desired_rev, due_at=None, **values))

    async def _raise_the_gravest(self) -> None:
        """A card that has waited since before its incident became critical goes first, too."""
        grave = exists().where(
            incidents.c.tenant_id == outbox.c.tenant_id,
            incidents.c.id == outbox.c.incident_id,
            incidents.c.status != Status.RESOLVED.value,
            incidents.c.severity == Severity.CRITICAL.value,
        )
        waiting = and_(outbox.c.due_at.is_not(None), outbox.c.kind == OutboxKind.CARD.value)
        lesser = outbox.c.priority > int(Priority.CRITICAL_CARD)
        cards = self._gate.update(outbox).where(waiting, lesser, grave)
        await self._gate.execute(cards.values(priority=int(Priority.CRITICAL_CARD)))

    async def _let_go(self) -> None:
        """What was put off because it had failed is due, but for what Slack itself has put off; the oldest first."""
        soon = self._gate.now + _SETTLES
        waiting = and_(outbox.c.due_at.is_not(None), outbox.c.attempts > 0, outbox.c.lease_until.is_(None))
        ours = or_(outbox.c.last_error.is_(None), outbox.c.last_error != "ratelimited")
        settled = or_(outbox.c.post_started_at.is_(None), outbox.c.due_at <= self._gate.now)
        new_card = and_(outbox.c.kind == OutboxKind.CARD.value, outbox.c.ts.is_(None), settled)
        due_at = case((new_card, outbox.c.created_at), (outbox.c.due_at > soon, soon), else_=outbox.c.due_at)
        await self._gate.execute(self._gate.update(outbox).where(waiting, ours).values(due_at=due_at, attempts=0))

    async def _name_the_end(self, outage: Outage) -> Outage:
        over = Outage.of(outage.since, until=self._gate.now, locked_out=outage.locked_out)
        digests = self._gate.update(outbox).where(
            outbox.c.incident_id == 0, outbox.c.kind == OutboxKind.DIGEST.value, outbox.c.subject == outage.subject
        )
        await self._gate.execute(digests.values(subject=over.subject))
        return over

    async def _waiting(self, digest: Row, until: datetime) -> list[Row]:
        """The cards in its channel that Slack has not taken, those included that an earlier try would have shown."""
        unseen = [outbox.c.kind == OutboxKind.CARD.value, outbox.c.channel == digest["channel"], outbox.c.ts.is_(None)]
        its = or_(
            and_(outbox.c.due_at.is_not(None), outbox.c.shown_in_id.is_(None)), outbox.c.shown_in_id == digest["id"]
        )
        columns = (outbox.c.id.label("row_id"), outbox.c.incident_id, outbox.c.desired_rev, outbox.c.created_at)
        found = await self._gate.rows(self._gate.select(outbox, *columns).where(*unseen, its))
        # The time is compared here: by it the database would look through all that was ever wanted.
        cards = [row for row in found if row["created_at"] < until + timedelta(seconds=1)]
        told = await self._sums([row["incident_id"] for row in cards])
        return [{**row, **told[row["incident_id"]]} for row in cards if row["incident_id"] in told]

    async def _sums(self, incident_ids: Sequence[int]) -> dict[int, Row]:
        """By ids, which are few: joined, the database might look through all incidents instead."""
        told: dict[int, Row] = {}
        for start in range(0, len(incident_ids), _AT_ONCE):
            some = incidents.c.id.in_(incident_ids[start : start + _AT_ONCE])
            for row in await self._gate.rows(self._gate.select(incidents, incidents.c.id, *_SUMMED).where(some)):
                told[row["id"]] = row
        return told

    async def _show_in(self, digest: Row, resolved: Sequence[Row]) -> None:
        """Each as it was read: one that has been touched since, perhaps because it fires again, gets its card."""
        unknown = case((outbox.c.post_started_at.is_(None), None), else_=outbox.c.due_at)
        for rev, same in groupby(sorted(resolved, key=_rev), key=_rev):
            ids = [row["row_id"] for row in same]
            for start in range(0, len(ids), _AT_ONCE):
                cards = self._gate.update(outbox).where(
                    outbox.c.id.in_(ids[start : start + _AT_ONCE]), outbox.c.desired_rev == rev, outbox.c.ts.is_(None)
                )
                await self._gate.execute(cards.values(shown_in_id=digest["id"], sent_rev=rev, due_at=unknown))
        below = outbox.c.kind.in_((OutboxKind.THREAD.value, OutboxKind.REMINDER.value))
        in_channel = outbox.c.channel == digest["channel"]
        incident_ids = [row["incident_id"] for row in resolved]
        still = (below, in_channel, outbox.c.ts.is_(None), outbox.c.due_at.is_not(None))
        await self._drop(incident_ids, outbox.c.incident_id, *still, shown_in_id=digest["id"])

    async def _incidents(self, worst: Sequence[Row]) -> list[Any]:
        ids = [row["incident_id"] for row in worst]
        if not ids:
            return []
        found = await self._gate.rows(self._gate.select(incidents).where(incidents.c.id.in_(ids)))
        by_id = {row["id"]: rows.incident(row) for row in found}
        return [by_id[one] for one in ids if one in by_id]


_WAITING_CARDS = (
    outbox.c.due_at.is_not(None),
    outbox.c.kind == OutboxKind.CARD.value,
    outbox.c.ts.is_(None),
    outbox.c.shown_in_id.is_(None),
)


def unsent_digest(soon: BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether the channel of an outbox row waits for a digest, which goes first unless Slack won't have it.

    One that is not due until after ``soon`` holds up nobody.
    """
    digest = outbox.alias("digest")
    return exists().where(
        digest.c.tenant_id == outbox.c.tenant_id,
        digest.c.incident_id == 0,
        digest.c.channel == outbox.c.channel,
        digest.c.kind == OutboxKind.DIGEST.value,
        digest.c.sent_rev == 0,
        func.coalesce(digest.c.due_at, soon) <= soon,
    )


def _outage(row: Row) -> Outage:
    return Outage.of(row["expires_at"], locked_out=row["holder"].startswith(_LOCKED_OUT))


def _matters(row: Row, events: dict[int, Row]) -> bool:
    event = events.get(int(row["subject"].removeprefix("event:")))
    return event is not None and still_matters(rows.event(event), rows.incident(row))


def _rev(row: Row) -> int:
    rev: int = row["desired_rev"]
    return rev


def _worst_first(row: Row) -> tuple[bool, int, datetime, int]:
    is_over = row["status"] == Status.RESOLVED.value
    return is_over, -_RANK[row["severity"]], row["start_time"], row["incident_id"]
