"""The sealed entries of a stretch of time, as lines that can be verified apart from the database."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial

from incidents.audit.chaining import before_first
from incidents.audit.model import Sealed
from incidents.audit.sealing import lines
from incidents.ports import Transactions, UnitOfWork

_PAGE = 1000
_PATIENCE = timedelta(seconds=15)


async def export(
    transactions: Transactions, *, since: datetime | None = None, until: datetime | None = None
) -> AsyncIterator[dict[str, object]]:
    """Without gaps, from the first entry since ``since`` to the last before ``until``; None: without an end.

    Entries stand in the order in which they were sealed, so that a few between may be a minute older or younger. Raises
    Unavailable.
    """
    tenant_id, after, previous, last = await transactions.read(partial(_begin, since=since, until=until))
    while page := await transactions.read(partial(_page, after=after, last=last), patience=_PATIENCE):
        for line in lines(page, tenant_id=tenant_id, previous=previous):
            yield line
        after, previous = page[-1].seal.seq, page[-1].seal.hash


async def _begin(uow: UnitOfWork, *, since: datetime | None, until: datetime | None) -> tuple[int, int, str, int]:
    """(tenant, seq before the first, its hash, seq of the last)."""
    audit = uow.audit
    head = (await audit.chain()).head
    last = head.seq if until is None else await audit.seq_before(until) or 0
    first = 1 if since is None else await audit.seq_since(since) or head.seq + 1
    [*before] = await audit.sealed(after=first - 2, until=first - 1, limit=1)
    return audit.tenant_id, first - 1, before[0].seal.hash if before else await before_first(uow), last


async def _page(uow: UnitOfWork, *, after: int, last: int) -> list[Sealed]:
    return await uow.audit.sealed(after=after, until=last, limit=_PAGE)
