"""The tenants themselves: the one table whose rows belong to nobody."""

from functools import cache
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.exc import IntegrityError

from db.gate import Gate, Row
from db.tables import tenants
from incidents.tenants.errors import SlugTaken, UnknownTenant
from incidents.tenants.model import Tenant


class TenantQueries:
    """Implements ``incidents.tenants.keeping.Tenants``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def all(self) -> list[Tenant]:
        return [_tenant(row) for row in await self._gate.prepared_rows(_all())]

    async def by_slug(self, slug: str) -> Tenant:
        row = await self._gate.row(select(tenants).where(tenants.c.slug == slug))
        if row is None:
            raise UnknownTenant(slug)
        return _tenant(row)

    async def add(self, slug: str, name: str) -> Tenant:
        try:
            await self._gate.execute(insert(tenants).values(slug=slug, name=name, created_at=self._gate.now))
        except IntegrityError as error:
            raise SlugTaken(slug) from error
        return await self.by_slug(slug)


@cache
def _all() -> Select[Any]:
    return select(tenants).order_by(tenants.c.id)


def _tenant(row: Row) -> Tenant:
    return Tenant(row["id"], row["slug"], row["name"])
