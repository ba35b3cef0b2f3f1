"""The whole erasure of a person, in small transactions. Any of it may run again: what is gone is gone."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from incidents.audit.erasing import erase_entries, refuse_in_charge, tell
from incidents.audit.person import Person
from incidents.audit.sealing import Secret
from incidents.model import Actor
from incidents.ports import Transactions, UnitOfWork

_PATIENCE = timedelta(seconds=30)

Seal = Callable[[], Awaitable[object]]
"""Seals all that waits, so that all of it is in the chain."""


async def erase(
    person: Person, *, by: Actor, reason: str, transactions: Transactions, seal: Seal, secret: Secret
) -> Mapping[str, int]:
    """How many rows of each table named them; where none did, nothing is written down.

    First the timelines, from which the audit log is written. Raises StillInCharge, StillAsking, Unavailable.
    """
    await transactions.read(partial(refuse_in_charge, person))
    gone: Counter[str] = Counter()
    for table in await transactions.read(_tables):
        after: int | None = 0
        while after is not None:
            count, after = await transactions.write(
                partial(_erase, person=person, table=table, after=after), patience=_PATIENCE
            )
            gone[table] += count
    gone["messages and homes"] = await transactions.write(partial(_forget, person=person), patience=_PATIENCE)
    await seal()
    seq: int | None = 0
    while seq is not None:
        step = partial(_erase_entries, person=person, after=seq, by=by, reason=reason, secret=secret)
        count, seq = await transactions.write(step, patience=_PATIENCE)
        gone["audit_log"] += count
    rows = {table: count for table, count in gone.items() if count}
    if rows:
        await transactions.write(partial(_tell, person=person, rows=rows, by=by, reason=reason, secret=secret))
    return rows


async def _tables(uow: UnitOfWork) -> list[str]:
    return list(uow.erasure.tables)


async def _erase(uow: UnitOfWork, *, person: Person, table: str, after: int) -> tuple[int, int | None]:
    return await uow.erasure.erase(person, table=table, after=after)


async def _forget(uow: UnitOfWork, *, person: Person) -> int:
    return await uow.erasure.forget_places(person)


async def _erase_entries(
    uow: UnitOfWork, *, person: Person, after: int, by: Actor, reason: str, secret: Secret
) -> tuple[int, int | None]:
    return await erase_entries(person, after=after, by=by, reason=reason, uow=uow, secret=secret)


async def _tell(
    uow: UnitOfWork, *, person: Person, rows: Mapping[str, int], by: Actor, reason: str, secret: Secret
) -> None:
    await tell(person, rows, by=by, reason=reason, uow=uow, secret=secret)
