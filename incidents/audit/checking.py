"""Verifying the chain in the database, a page at a time, while others go on writing."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

from incidents.audit.model import ERASED, PRUNED, Entry, Head, Sealed
from incidents.audit.sealing import Secret, genesis
from incidents.audit.verifying import Outside, Report, Walk
from incidents.ports import Transactions, UnitOfWork

T = TypeVar("T")

_PAGE = 1000
_TRIES = 3
_BEFORE_ALL, _BEHIND_ALL = -(2**62), 2**62
_PATIENCE = timedelta(seconds=15)

Beginning = tuple[int, Head, Outside, int, Sequence[Entry]]


async def verify(transactions: Transactions, *, secret: Secret, noted: Sequence[Head] = ()) -> Report:
    """Again where it is broken but has gone on meanwhile: a person may have been erased. Raises Unavailable."""
    report, head = await _verify(transactions, secret, noted)
    for _ in range(_TRIES - 1):
        if report.is_whole or (await _read(transactions, _head)) == head:
            break
        report, head = await _verify(transactions, secret, noted)
    return report


async def _verify(transactions: Transactions, secret: Secret, noted: Sequence[Head]) -> tuple[Report, Head]:
    tenant_id, head, outside, unsealed, forged = await _read(transactions, partial(_begin, noted=noted))
    walk, after = Walk(genesis(tenant_id), outside, secret), _BEFORE_ALL
    until = max([head.seq, *(one.seq for one in noted)])
    while page := await _read(transactions, partial(_page, after=after, until=until)):
        for entry in page:
            walk.take(entry)
        after = page[-1].seal.seq
    behind = await _read(transactions, partial(_behind, after=max(until, after)))
    for entry in behind:
        walk.take(entry)
    return walk.done(head, unsealed=unsealed, forged=forged), head


async def _begin(uow: UnitOfWork, *, noted: Sequence[Head]) -> Beginning:
    audit = uow.audit
    head = (await audit.chain()).head
    erased, pruned = await audit.reserved(ERASED, until=head.seq), await audit.reserved(PRUNED, until=head.seq)
    outside = Outside.of(erased, pruned, noted)
    return audit.tenant_id, head, outside, await audit.count_unsealed(), await audit.forged()


async def _page(uow: UnitOfWork, *, after: int, until: int) -> list[Sealed]:
    return await uow.audit.sealed(after=after, until=until, limit=_PAGE)


async def _behind(uow: UnitOfWork, *, after: int) -> list[Sealed]:
    """What was added behind the head, unless the chain has gone on meanwhile."""
    head = (await uow.audit.chain()).head
    return await uow.audit.sealed(after=max(after, head.seq), until=_BEHIND_ALL, limit=_PAGE)


async def _head(uow: UnitOfWork) -> Head:
    return (await uow.audit.chain()).head


async def _read(transactions: Transactions, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
    return await transactions.read(work, patience=_PATIENCE)
