"""The database as a command needs it: opened, and closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from bongsu.settings import Settings
from db.engine import connect
from db.transactions import SqlTransactions
from db.watch import DatabaseWatch
from incidents.policy import Policies
from incidents.tenants.model import DEFAULT, DEFAULT_SLUG


@asynccontextmanager
async def opened(settings: Settings, *, tenant: str | None = None) -> AsyncIterator[SqlTransactions]:
    """The transactions of the tenant with this slug; None: of the one whose settings these are.

    Of the default tenant nothing is asked of the database yet. Raises UnknownTenant, Unavailable for another.
    """
    slug = settings.tenant if tenant is None else tenant
    watch = DatabaseWatch(CollectorRegistry(), slow=settings.slow_query)
    engines = connect(settings.database_url, settings.database_hosts, watch=watch)
    try:
        policies = Policies(settings.policy)
        ours = SqlTransactions(engines, tenant_id=DEFAULT.id, policies=policies)
        if slug == DEFAULT_SLUG:
            yield ours
            return
        found = await ours.read(lambda uow: uow.tenants.by_slug(slug))
        yield SqlTransactions(engines, tenant_id=found.id, policies=policies)
    finally:
        await engines.dispose()
