"""Editions of digests: each has one row, made by whoever comes first, and one message."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, String, and_, bindparam, cast, func, literal

from db.digest_tables import digests
from db.gate import Gate, Row, prepared
from db.tables import outbox
from db.types import UtcDateTime
from incidents.digests.model import EDITION, Digest, Edition, WantedChart
from incidents.outbox import OutboxKind

_UNIQUE = ("tenant_id", "name", "due_at")
_AT_ONCE = 10


class DigestQueries:
    """Implements ``incidents.digests.keeping.Digests``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def latest(self, names: Collection[str]) -> Mapping[str, datetime]:
        statement = self._gate.select(digests, digests.c.name, func.max(digests.c.due_at).label("due_at"))
        found = await self._gate.rows(statement.where(digests.c.name.in_(names)).group_by(digests.c.name))
        return {row["name"]: row["due_at"] for row in found}

    async def begin(self, digest: Digest, *, at: datetime) -> None:
        await self._keep(digest, at, state="wanted")

    async def skip(self, digest: Digest, *, due_at: datetime) -> bool:
        return await self._keep(digest, due_at, state="skipped")

    async def publish(self, digest: Digest, *, since: datetime, due_at: datetime) -> tuple[Edition, bool]:
        more = {"since_at": since, "chart_due_at": self._gate.now if digest.chart else None}
        is_new = await self._keep(digest, due_at, state="published", **more)
        row = await self._gate.row(self._one(digest, due_at))
        if row is None:
            raise LookupError(f"there is no digest {digest.name} of {due_at}")
        return _edition(row), is_new

    async def get(self, edition_id: int) -> Edition:
        row = await self._gate.row(self._gate.select(digests).where(digests.c.id == edition_id))
        if row is None:
            raise LookupError(f"there is no digest {edition_id}")
        return _edition(row)

    async def any_chart(self) -> bool:
        return bool(await self._gate.prepared_rows(_any_chart(), now=self._gate.now))

    async def take_chart(self, *, lease: timedelta) -> WantedChart | None:
        for row in await self._gate.prepared_rows(_charts(), now=self._gate.now):
            if await self._lease(row, lease):
                return WantedChart(_edition(row), row["channel_id"], row["ts"], row["chart_attempts"] + 1)
        return None

    async def chart_later(self, edition_id: int, *, wait: timedelta) -> None:
        await self._settle(edition_id, chart_due_at=self._gate.now + wait)

    async def chart_done(self, edition_id: int, *, file_id: str | None) -> None:
        await self._settle(edition_id, chart_due_at=None, file_id=file_id)

    async def _keep(self, digest: Digest, due_at: datetime, **values: Any) -> bool:
        """False: there is one already. Who inserts waits for who has done so, and then sees that row."""
        before = await self._gate.scalar(self._one(digest, due_at))
        if before is not None:
            return False
        row = {
            "name": digest.name,
            "due_at": due_at,
            "since_at": None,
            "channel": digest.channel,
            "timezone": digest.zone.key,
            "services": list(digest.services),
            "chart_due_at": None,
            **values,
        }
        await self._gate.insert_many_or_keep(digests, [row], unique=_UNIQUE)
        return True

    def _one(self, digest: Digest, due_at: datetime) -> Any:
        return self._gate.select(digests).where(digests.c.name == digest.name, digests.c.due_at == due_at)

    async def _lease(self, row: Row, lease: timedelta) -> bool:
        """Compare-and-set: of two that saw it due, one gets it."""
        taken = {"chart_due_at": self._gate.now + lease, "chart_attempts": row["chart_attempts"] + 1}
        return await self._gate.changed(self._as_seen(row).values(taken)) == 1

    def _as_seen(self, row: Row) -> Any:
        this = self._gate.update(digests).where(digests.c.id == row["id"])
        return this.where(digests.c.chart_due_at == row["chart_due_at"])

    async def _settle(self, edition_id: int, **values: Any) -> None:
        await self._gate.execute(self._gate.update(digests).where(digests.c.id == edition_id).values(**values))


_MESSAGE = and_(
    outbox.c.tenant_id == digests.c.tenant_id,
    outbox.c.incident_id == 0,
    outbox.c.channel == digests.c.channel,
    outbox.c.kind == OutboxKind.REPORT.value,
    outbox.c.subject == literal(EDITION).concat(cast(digests.c.id, String(20))),
)


@cache
def _any_chart() -> Select[Any]:
    return _due_charts(digests.c.id).limit(1)


@cache
def _charts() -> Select[Any]:
    return _due_charts(digests, outbox.c.channel_id, outbox.c.ts).order_by(digests.c.chart_due_at).limit(_AT_ONCE)


def _due_charts(*columns: Any) -> Select[Any]:
    """Of those that are due and whose message Slack shows."""
    is_due = digests.c.chart_due_at <= bindparam("now", type_=UtcDateTime())
    is_shown = (outbox.c.ts.is_not(None), outbox.c.channel_id.is_not(None))
    return prepared(digests, *columns).join(outbox, _MESSAGE).where(is_due, *is_shown)


def _edition(row: Row) -> Edition:
    since = row["since_at"] or row["due_at"]
    return Edition(row["id"], row["channel"], since, row["due_at"], ZoneInfo(row["timezone"]), tuple(row["services"]))
