"""Port for tenants. ``db`` implements it."""

from typing import Protocol

from incidents.tenants.model import Tenant


class Tenants(Protocol):
    """Of all tenants, whosever the unit of work is."""

    async def all(self) -> list[Tenant]:
        """Oldest first."""
