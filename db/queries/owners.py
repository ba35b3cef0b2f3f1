"""Who has open incidents."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select

from db.gate import Gate
from db.queries import lease_rows
from db.queries.ordering import owner_column
from db.tables import incidents, leases
from incidents.model import Status

_NAME = "owners"
"""A lease that nobody holds: until it ends nobody looks."""
_OPEN = (Status.ACTIVE.value, Status.ACKNOWLEDGED.value)


class OwnerQueries:
    """Implements ``incidents.owners.Owners``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def due(self, *, rest: timedelta) -> Sequence[str]:
        if not await self._take_turn(rest):
            return []
        found = self._open(owner_column.label("owner")).where(owner_column.is_not(None))
        rows = await self._gate.rows(found.distinct().order_by("owner"))
        return [row["owner"] for row in rows]

    async def incidents_of(self, owner: str) -> Sequence[int]:
        theirs = self._open(incidents.c.id).where(owner_column == owner)
        return [row["id"] for row in await self._gate.rows(theirs.order_by(incidents.c.id))]

    def _open(self, column: ColumnElement[Any]) -> Select[Any]:
        """MariaDB would rather walk through the table while it is small, or its statistics are old."""
        found = self._gate.select(incidents, column).where(incidents.c.status.in_(_OPEN))
        return found.with_hint(incidents, "FORCE INDEX (ix_incidents_status)", "mysql")

    async def _take_turn(self, rest: timedelta) -> bool:
        await lease_rows.create(self._gate, _NAME)
        free = self._gate.update(leases).where(leases.c.name == _NAME, leases.c.expires_at <= self._gate.now)
        return await self._gate.changed(free.values(expires_at=self._gate.now + rest)) == 1
