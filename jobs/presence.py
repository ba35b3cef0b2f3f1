"""Whoever has an open incident must be there to work on it: looked at now and then, in case Slack's word was lost."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from incidents.actions import take_from_gone
from incidents.errors import BongsuError
from incidents.model import Incident
from incidents.ports import Transactions, UnitOfWork
from incidents.rules.mention import mention

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
_REST = timedelta(minutes=9)
"""A little less than ``EVERY``: whoever ticks first has the turn, and ticks are never quite on time."""


class Presence(Protocol):
    """Who knows people."""

    async def is_gone(self, user_id: str) -> bool:
        """False where that can't be told."""


class Owners:
    """Any number of processes may have one: they take turns. ``changed`` is called after each commit."""

    def __init__(self, transactions: Transactions, presence: Presence, *, changed: Callable[[], None]) -> None:
        self._transactions = transactions
        self._presence = presence
        self._changed = changed

    async def run(self) -> None:
        """One tick. Where the database is away, a later one makes up for it."""
        try:
            for owner in await self._transactions.write(lambda uow: uow.owners.due(rest=_REST)):
                if mention(owner) is not None and await self._presence.is_gone(owner):
                    await self._take_all_from(owner)
        except BongsuError as error:
            logger.warning("owners are not looked at", extra={"action": "owners_wait", "error": str(error)})

    async def _take_all_from(self, gone: str) -> None:
        ids = await self._transactions.read(lambda uow: uow.owners.incidents_of(gone))
        logger.info("an owner has left", extra={"action": "owner_gone", "user": gone, "incidents": len(ids)})
        for incident_id in ids:
            await self._take(incident_id, gone)

    async def _take(self, incident_id: int, gone: str) -> None:
        async def work(uow: UnitOfWork) -> Incident:
            return await take_from_gone(incident_id, gone=gone, uow=uow)

        await self._transactions.write(work)
        self._changed()
