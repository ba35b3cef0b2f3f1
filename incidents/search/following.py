"""New incidents get their words a moment after they opened, never by whoever opens them."""

from contextlib import suppress
from datetime import timedelta

from incidents.errors import Unavailable
from incidents.ports import Transactions, UnitOfWork
from incidents.search.keeping import FollowStep

AT_ONCE = 500
"""Incidents of one step: short enough for everybody who waits for SQLite's one writer."""
_PATIENCE = timedelta(seconds=2)


async def is_behind(uow: UnitOfWork) -> bool:
    return await uow.search_words.is_behind()


async def follow(uow: UnitOfWork) -> FollowStep:
    return await uow.search_words.follow(limit=AT_ONCE)


async def catch_up_before_search(transactions: Transactions) -> None:
    """One step where there is something to do, so that what has just opened is found.

    Where more is behind, after an upgrade, or nothing can be written, whoever searches does not wait for it.
    """
    with suppress(Unavailable):
        if await transactions.read(is_behind, patience=_PATIENCE):
            await transactions.write(follow, patience=_PATIENCE)
