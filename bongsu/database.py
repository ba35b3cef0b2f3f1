"""The database as a command needs it: opened, and closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bongsu.settings import Settings
from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from incidents.errors import BongsuError
from incidents.ports import UnitOfWork
from incidents.tenants.model import Tenant


class NoSuchTenant(BongsuError):
    """No tenant has that slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"there is no tenant {slug[:64]!r}: `bongsu tenant create` makes one")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[SqlTransactions]:
    """The transactions of the one tenant. Nothing is asked of the database yet."""
    engines = connect(settings.database_url, settings.database_hosts)
    try:
        yield SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID)
    finally:
        await engines.dispose()


@asynccontextmanager
async def opened_for(slug: str, settings: Settings) -> AsyncIterator[SqlTransactions]:
    """The transactions of the tenant that is called so. Raises NoSuchTenant, Unavailable."""

    async def work(uow: UnitOfWork) -> list[Tenant]:
        return await uow.tenants.all()

    engines = connect(settings.database_url, settings.database_hosts)
    try:
        tenants = await SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID).read(work)
        tenant = next((one for one in tenants if one.slug == slug), None)
        if tenant is None:
            raise NoSuchTenant(slug)
        yield SqlTransactions(engines, tenant_id=tenant.id)
    finally:
        await engines.dispose()
