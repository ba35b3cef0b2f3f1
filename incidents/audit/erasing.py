"""Erasing a person: their Slack id and name become a pseudonym wherever they stand, and the chain stays whole.

What they wrote stays, as the team's record of what happened; with ``texts`` it goes, too.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from incidents.audit.chaining import append
from incidents.audit.keeping import Chain
from incidents.audit.model import ERASED, NewEntry, Sealed
from incidents.audit.person import STRETCH, Person, StillAsking, StillInCharge
from incidents.audit.sealing import Secret, digest_of, new_salt
from incidents.model import Actor
from incidents.ports import UnitOfWork


async def refuse_in_charge(person: Person, uow: UnitOfWork) -> None:
    """Raises StillInCharge, StillAsking."""
    theirs = await uow.owners.incidents_of(person.id)
    if theirs:
        raise StillInCharge(person.id, [(await uow.incidents.get(one)).name for one in theirs[:5]])
    asked = await uow.approvals.open_from(person.id)
    if asked:
        raise StillAsking(person.id, [one.name for one in asked[:5]])


async def erase_entries(
    person: Person, *, after: int, by: Actor, reason: str, uow: UnitOfWork, secret: Secret
) -> tuple[int, int | None]:
    """In the next stretch of the chain, which an entry then names: how many, and where to go on; None: it is the end.

    Everybody else who seals waits for its end.
    """
    chain = await uow.audit.lock_chain(wait=True)
    if chain is None:
        raise LookupError("a chain that is waited for is there")
    until = min(after + STRETCH, chain.head.seq)
    changed = list[tuple[int, NewEntry, str]]()
    digests = list[list[object]]()
    for entry in await uow.audit.naming(person.words, after=after, until=until):
        told = _without(entry, person)
        if told != entry.told:
            salt = new_salt()
            changed.append((entry.id, told, salt))
            digests.append([entry.seal.seq, digest_of(told, salt)])
    await uow.audit.replace(changed)
    if changed:
        await _say(chain, person, {"entries": digests}, by=by, reason=reason, uow=uow, secret=secret)
    return len(changed), until if until < chain.head.seq else None


async def tell(
    person: Person, rows: Mapping[str, int], *, by: Actor, reason: str, uow: UnitOfWork, secret: Secret
) -> None:
    """In the end: in how many rows of each table they stood."""
    chain = await uow.audit.lock_chain(wait=True)
    if chain is None:
        raise LookupError("a chain that is waited for is there")
    await _say(chain, person, {"entries": [], "rows": dict(rows)}, by=by, reason=reason, uow=uow, secret=secret)


def _without(entry: Sealed, person: Person) -> NewEntry:
    told, is_theirs = entry.told, entry.told.actor == person.id
    return replace(
        told,
        actor=person.gone_from(told.actor),
        via=person.gone_from(told.via),
        origin=told.origin.partition(" ")[0] if is_theirs else person.gone_from(told.origin),
        before=person.gone_from(told.before, is_theirs=is_theirs),
        after=person.gone_from(told.after, is_theirs=is_theirs),
        data=person.gone_from(told.data, is_theirs=is_theirs),
    )


async def _say(
    chain: Chain,
    person: Person,
    after: Mapping[str, Any],
    *,
    by: Actor,
    reason: str,
    uow: UnitOfWork,
    secret: Secret,
) -> None:
    data = {"reason": person.gone_from(reason), "texts": person.texts}
    told = NewEntry(uow.now, str(by), ERASED, person.pseudonym, origin=by.origin, after=after, data=data)
    await uow.audit.save_chain(await append(chain, told, uow=uow, secret=secret))
