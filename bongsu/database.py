"""The database as a command needs it: opened, and closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bongsu.settings import Settings
from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[SqlTransactions]:
    """The transactions of the one tenant. Nothing is asked of the database yet."""
    engines = connect(settings.database_url, settings.database_hosts)
    try:
        yield SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID)
    finally:
        await engines.dispose()
