"""Port for tenants. ``db`` implements it."""

from typing import Protocol

from incidents.tenants.model import Tenant


class Tenants(Protocol):
    """Of all tenants, whosever the unit of work is."""

    async def all(self) -> list[Tenant]:
        """Oldest first."""

    async def by_slug(self, slug: str) -> Tenant:
        """Raises UnknownTenant."""

    async def add(self, slug: str, name: str) -> Tenant:
        """Raises SlugTaken."""
