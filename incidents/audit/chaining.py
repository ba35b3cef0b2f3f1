"""Sealing what waits: one holder of the chain at a time, in small transactions, and nobody waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from incidents.audit.keeping import LAG, Chain
from incidents.audit.model import PRUNED, SECRET_SET, Head, NewEntry, Seal, Sealed
from incidents.audit.sealing import Secret, genesis, head_of, seal
from incidents.model import SYSTEM
from incidents.ports import UnitOfWork

AT_ONCE = 500
TOLD_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did. ``busy``: another process seals, so this one did nothing. ``more``: another step is due.

    ``told``: the head is to be logged now. ``forged``: entries that only the chain's holder writes, but that it has not
    written.
    """

    sealed: int = 0
    head: Head | None = None
    more: bool = False
    busy: bool = False
    told: bool = False
    forged: int = 0


async def seal_next(uow: UnitOfWork, *, secret: Secret, lag: timedelta = LAG, limit: int = AT_ONCE) -> Step:
    """What people changed first, as soon as it is there; then what happened by itself, once all of it is there."""
    chain = await uow.audit.lock_chain(wait=False)
    if chain is None:
        return Step(busy=True)
    start = chain
    chain = await _with_secret(chain, uow, secret)
    chain, waited = await _seal_waiting(chain, uow, secret, limit)
    chain, happened = await _seal_events(chain, uow, secret, lag, limit)
    is_told = chain.head.seq > 0 and (chain.told_at is None or uow.now - chain.told_at >= TOLD_EVERY)
    chain = replace(chain, told_at=uow.now) if is_told else chain
    if chain != start:
        await uow.audit.save_chain(chain)
    forged = len(await uow.audit.forged())
    more = max(waited, happened) >= limit
    return Step(chain.head.seq - start.head.seq, chain.head, more=more, told=is_told, forged=forged)


async def append(chain: Chain, told: NewEntry, *, uow: UnitOfWork, secret: Secret) -> Chain:
    """One more entry, sealed at once. This transaction holds the chain, and saves it afterwards."""
    made = seal(told, after=chain.head, secret=secret)
    await uow.audit.add_sealed([(told, made)])
    return replace(chain, head=head_of(made))


def by_itself(action: str, subject: str, uow: UnitOfWork, *, after: Mapping[str, Any]) -> NewEntry:
    """What Bongsu does to the log itself."""
    return NewEntry(uow.now, str(SYSTEM), action, subject, origin=str(SYSTEM), after=after)


async def before_first(uow: UnitOfWork) -> str:
    """The hash that the first entry that is kept follows."""
    newest = await uow.audit.newest(PRUNED)
    return genesis(uow.audit.tenant_id).hash if newest is None else str((newest.told.after or {}).get("hash"))


async def prune_next(uow: UnitOfWork, old: list[Sealed], *, secret: Secret) -> int:
    """Delete these, which are the first of the chain: how many. Another entry says so, by which the rest is verified.

    0 where they are not the first any more, or another process holds the chain.
    """
    chain = await uow.audit.lock_chain(wait=False)
    if chain is None or not old:
        return 0
    last = old[-1].seal
    again = await uow.audit.sealed(after=-1, until=last.seq, limit=len(old) + 1)
    if [one.id for one in again] != [one.id for one in old] or last.seq >= chain.head.seq:
        return 0
    await uow.audit.delete([one.id for one in old])
    after = {"through": last.seq, "hash": last.hash, "entries": len(old)}
    chain = await append(chain, by_itself(PRUNED, "audit log", uow, after=after), uow=uow, secret=secret)
    await uow.audit.save_chain(chain)
    return len(old)


async def _with_secret(chain: Chain, uow: UnitOfWork, secret: Secret) -> Chain:
    """The first keyed entry comes at once: a chain that ends without one, though there is a secret, was cut off."""
    if secret is None or chain.head.keyed:
        return chain
    told = by_itself(SECRET_SET, "audit log", uow, after={"after": chain.head.seq})
    return await append(chain, told, uow=uow, secret=secret)


async def _seal_waiting(chain: Chain, uow: UnitOfWork, secret: Secret, limit: int) -> tuple[Chain, int]:
    sealed, head = list[Sealed](), chain.head
    for entry in await uow.audit.unsealed(limit=limit):
        made = seal(entry.told, after=head, secret=secret)
        head = head_of(made)
        sealed.append(Sealed(entry.id, entry.told, made))
    await uow.audit.seal(sealed)
    return replace(chain, head=head), len(sealed)


async def _seal_events(chain: Chain, uow: UnitOfWork, secret: Secret, lag: timedelta, limit: int) -> tuple[Chain, int]:
    happened = await uow.audit.events(chain.reached, until=uow.now - lag, limit=limit)
    if happened.reached is None:
        return chain, 0
    sealed, head = list[tuple[NewEntry, Seal]](), chain.head
    for told in happened.entries:
        made = seal(told, after=head, secret=secret)
        head = head_of(made)
        sealed.append((told, made))
    await uow.audit.add_sealed(sealed)
    return replace(chain, head=head, reached=happened.reached), limit if happened.read >= limit else 0
