"""People who are named in ``bongsu.yaml`` and have left Slack: looked for once a day, and when others are named."""

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Protocol

from base import codec
from incidents.errors import BongsuError
from incidents.policy import Policies, Policy
from incidents.ports import Transactions, UnitOfWork
from incidents.schedules.people import Named, named_people
from incidents.schedules.trouble import TroubleKind
from incidents.schedules.troubles import tell_troubles

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=24)


class Whereabouts(Protocol):
    """Who knows people."""

    async def is_missing(self, user_id: str) -> bool | None:
        """Whether they are gone, or never were there. None: that can't be told now."""


class Leavers:
    """Any number of processes may have one: they take turns. ``changed`` is called where there is something to tell."""

    def __init__(
        self, transactions: Transactions, whereabouts: Whereabouts, policies: Policies, *, changed: Callable[[], None]
    ) -> None:
        self._transactions = transactions
        self._whereabouts = whereabouts
        self._policies = policies
        self._changed = changed

    async def tick(self) -> None:
        """Where the database is away, a later one makes up for it."""
        policy = self._policies.current
        named = named_people(policy)
        turn = f"leavers:{_sha256(named)}"
        try:
            if await self._transactions.write(lambda uow: uow.turns.take(turn, rest=EVERY)):
                await self._look(named, policy)
        except BongsuError as error:
            logger.warning("nobody looks who has left", extra={"action": "leavers_wait", "error": str(error)})

    async def _look(self, named: Mapping[str, tuple[Named, ...]], policy: Policy) -> None:
        missing = {one: await self._whereabouts.is_missing(one) for one in named}
        untold = {one for one, told in missing.items() if told is None}
        found = {("", one): _detail(named[one]) for one, told in missing.items() if told}

        async def work(uow: UnitOfWork) -> bool:
            kept = await _known(untold, uow)
            return await tell_troubles(TroubleKind.LEFT, {**kept, **found}, uow, policy)

        if await self._transactions.write(work):
            logger.warning("somebody has left", extra={"action": "leavers", "people": [one for _, one in found]})
            self._changed()


async def _known(untold: Collection[str], uow: UnitOfWork) -> dict[tuple[str, str], str]:
    """What was said of those of whom Slack does not tell now."""
    return {("", one.about): one.detail for one in await uow.troubles.of(TroubleKind.LEFT) if one.about in untold}


def _detail(places: Collection[Named]) -> str:
    return codec.dumps([[one.where.value, one.name, one.line] for one in places])


def _sha256(named: Mapping[str, tuple[Named, ...]]) -> str:
    """Of who is named where, so that whoever is named anew is looked for at once."""
    return hashlib.sha256(repr(sorted(named.items())).encode("utf-8", "surrogatepass")).hexdigest()[:32]
