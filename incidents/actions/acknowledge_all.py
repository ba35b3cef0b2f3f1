"""Somebody takes all incidents that a roll-up shows in place of cards, as they saw them."""

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.actions.acknowledge import taking
from incidents.change import Change
from incidents.model import Actor
from incidents.outbox import Priority
from incidents.ports import UnitOfWork
from incidents.record import record_many
from incidents.rules.rollup_click import Standing, standing
from incidents.storms import Member

AT_ONCE = 200
"""Incidents of one transaction: their locks keep alerts about them waiting."""


@dataclass(frozen=True, slots=True)
class AllAcknowledged:
    """``unseen`` were left alone since they came, or changed, after what the person saw. ``held_by``: who was faster.

    ``held_by`` are ``str(Actor)`` of those incidents that somebody else has.
    """

    taken: int = 0
    unseen: int = 0
    held_by: frozenset[str] = frozenset()

    def __add__(self, other: "AllAcknowledged") -> "AllAcknowledged":
        return AllAcknowledged(self.taken + other.taken, self.unseen + other.unseen, self.held_by | other.held_by)


async def acknowledge_all(members: Sequence[Member], *, seen_rev: int, by: Actor, uow: UnitOfWork) -> AllAcknowledged:
    """Of at most ``AT_ONCE`` members, those that may be taken. Refuses nothing: it tells what it left alone."""
    wanted = {member.incident_id: member for member in members}
    keys = [member.incident_key for member in members]
    locked = await uow.incidents.lock_for(keys=keys, ids=(), resolved_since=uow.now)
    changes: list[Change] = []
    unseen, held_by = 0, set()
    for incident in locked:
        member = wanted.get(incident.id)
        if member is None:
            continue
        match standing(member, incident, seen_rev=seen_rev):
            case Standing.TAKEN:
                changes.append(taking(incident, by=by, now=uow.now))
            case Standing.UNSEEN:
                unseen += 1
            case Standing.HELD if incident.owner not in {None, str(by)}:
                held_by.add(str(incident.owner))
            case _:
                pass
    await record_many(changes, by=by, uow=uow)
    await uow.outbox.touch_cards([change.after.id for change in changes], priority=Priority.UPDATE)
    return AllAcknowledged(len(changes), unseen, frozenset(held_by))
