"""What Slack should show: the database's incidents, rendered anew."""

import asyncio
from dataclasses import dataclass

from bot.blocks.card import card
from bot.message import Message
from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.model import Status
from incidents.policy import Policy


@dataclass(frozen=True)
class Truth:
    """``cards`` by incident name; ``waiting`` is how many messages Slack does not show yet."""

    cards: dict[str, Message]
    waiting: int


def truth(database_url: str) -> Truth:
    return asyncio.run(_truth(database_url))


async def _truth(database_url: str) -> Truth:
    engines = connect(database_url)
    try:
        return await SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID).read(_read)
    finally:
        await engines.dispose()


async def _read(uow: SqlUnitOfWork) -> Truth:
    views = await uow.views.browse(statuses=Status, limit=1000)
    window = Policy().reopen_window
    waiting, _ = await uow.publishing.depth()
    return Truth({view.incident.name: card(view, reopen_window=window) for view in views}, waiting)
