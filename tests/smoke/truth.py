"""What Slack should show: the database's incidents, and what was refused, rendered anew."""

import asyncio
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.card import LinkTo
from bot.blocks.rollup import SERVICES, WORST, rollup
from bot.client import Identity
from bot.message import Message
from bot.publisher.notices import notice
from bot.publisher.shown import card_of
from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID
from db.tables import incidents, outbox
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.outbox import OutboxKind
from incidents.policy import Policies, Policy
from incidents.storms import StormView, storm_named


@dataclass(frozen=True)
class Truth:
    """``cards`` by incident name, ``notices`` and ``rollups`` by subject.

    ``parked`` are the incidents that a roll-up shows in place of a card; ``waiting`` messages are those Slack does not
    show yet.
    """

    cards: dict[str, Message]
    notices: dict[str, Message]
    rollups: dict[str, Message]
    parked: frozenset[str]
    waiting: int


def truth(database_url: str, workspace_url: str, policy: Policy) -> Truth:
    """``workspace_url`` is what links to messages begin with."""
    return asyncio.run(_truth(database_url, Identity(AsyncWebClient(), url=workspace_url).link_to, policy))


async def _truth(database_url: str, link_to: LinkTo, policy: Policy) -> Truth:
    engines = connect(database_url)
    try:
        return await SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID, policies=Policies(policy)).read(
            lambda uow: _read(uow, link_to)
        )
    finally:
        await engines.dispose()


async def _read(uow: SqlUnitOfWork, link_to: LinkTo) -> Truth:
    """While messages wait nobody compares anything."""
    waiting, _ = await uow.publishing.depth()
    storms = await _storms(uow)
    waiting += sum(view.coming != view.storm.coming for view in storms.values())
    if waiting:
        return Truth({}, {}, {}, frozenset(), waiting)
    elsewhere = await _shown_elsewhere(uow)
    every = {row["id"]: row["number"] for row in await uow.gate.rows(uow.gate.select(incidents))}
    views = [await uow.views.incident(id_) for id_ in every if id_ not in elsewhere]
    cards = {view.incident.name: await card_of(view, uow, link_to=link_to) for view in views}
    rollups = {subject: rollup(view) for subject, view in storms.items()}
    rollup_ids = {view.storm.rollup_id for view in storms.values()}
    parked = frozenset(f"INC-{every[id_]}" for id_, in_id in elsewhere.items() if in_id in rollup_ids)
    return Truth(cards, await _notices(uow, link_to), rollups, parked, waiting)


async def _storms(uow: SqlUnitOfWork) -> dict[str, StormView]:
    """By the subject of their roll-up."""
    asked_for = uow.gate.select(outbox).where(outbox.c.kind == OutboxKind.ROLLUP.value)
    return {
        row["subject"]: await uow.storms.view(storm_named(row["subject"]), worst=WORST, services=SERVICES)
        for row in await uow.gate.rows(asked_for)
    }


async def _shown_elsewhere(uow: SqlUnitOfWork) -> dict[int, int]:
    """By incident, the outbox row of the roll-up or digest that shows it."""
    cards = uow.gate.select(outbox).where(
        outbox.c.kind == OutboxKind.CARD.value, outbox.c.shown_in_id.is_not(None), outbox.c.ts.is_(None)
    )
    return {row["incident_id"]: row["shown_in_id"] for row in await uow.gate.rows(cards)}


async def _notices(uow: SqlUnitOfWork, link_to: LinkTo) -> dict[str, Message]:
    asked_for = uow.gate.select(outbox).where(outbox.c.kind == OutboxKind.NOTICE.value)
    subjects = [row["subject"] for row in await uow.gate.rows(asked_for)]
    return {subject: await notice(subject, uow, Policy(), link_to) for subject in subjects}
