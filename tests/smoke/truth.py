"""What Slack should show: the database's incidents, and what was refused, rendered anew."""

import asyncio
from dataclasses import dataclass

from bot.blocks.card import card
from bot.message import Message
from bot.publisher.deliver import notice
from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID
from db.tables import outbox
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
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
    elsewhere = await _parked(uow)
    cards = {
        view.incident.name: card(view, reopen_window=window) for view in views if view.incident.id not in elsewhere
    }
    return Truth(cards, await _notices(uow), waiting)


async def _parked(uow: SqlUnitOfWork) -> set[int]:
    shown_elsewhere = uow.gate.select(outbox).where(outbox.c.shown_in_id.is_not(None), outbox.c.ts.is_(None))
    return {row["incident_id"] for row in await uow.gate.rows(shown_elsewhere)}


async def _notices(uow: SqlUnitOfWork) -> dict[str, Message]:
    asked_for = uow.gate.select(outbox).where(outbox.c.kind == OutboxKind.NOTICE.value)
    return {row["subject"]: await notice(row["subject"], uow, Policy()) for row in await uow.gate.rows(asked_for)}
