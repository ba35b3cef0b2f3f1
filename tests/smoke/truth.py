"""What Slack should show: the database's incidents, and what was refused, rendered anew."""

import asyncio
from dataclasses import dataclass

from bot.blocks.card import card
from bot.blocks.notice import refusals_notice
from bot.message import Message
from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID
from db.tables import outbox
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.deliveries import SourceHour
from incidents.model import Status
from incidents.policy import Policy
from incidents.ports import OutboxKind


@dataclass(frozen=True)
class Truth:
    """``cards`` by incident name, ``notices`` by subject; ``waiting`` messages are those Slack does not show yet."""

    cards: dict[str, Message]
    notices: dict[str, Message]
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
    cards = {view.incident.name: card(view, reopen_window=window) for view in views}
    return Truth(cards, await _notices(uow), waiting)


async def _notices(uow: SqlUnitOfWork) -> dict[str, Message]:
    asked_for = uow.gate.select(outbox).where(outbox.c.kind == OutboxKind.NOTICE.value)
    hours = [SourceHour.named(row["subject"]) for row in await uow.gate.rows(asked_for)]
    return {
        hour.subject: refusals_notice(hour, await uow.deliveries.refusals(hour.source, hour.since, hour.until))
        for hour in hours
    }
