"""Who is named in ``bongsu.yaml``, and where: who leaves, and what Slack does not know, has to be taken out there."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from base import codec
from incidents.policy import Policy

_PERSON = re.compile(r"<@([UW][A-Z0-9]+)>|([UW][A-Z0-9]+)")


class NamedIn(StrEnum):
    SCHEDULE = "schedule"
    ESCALATION = "escalation"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Named:
    """``name`` is the schedule's or the policy's; of a route its channel. ``line`` from 1; None: it is not known."""

    where: NamedIn
    name: str
    line: int | None = None


def named_people(policy: Policy) -> Mapping[str, tuple[Named, ...]]:
    """By Slack user id, each place once."""
    scheduled = (
        (person, Named(NamedIn.SCHEDULE, one.name, one.line))
        for one in policy.schedules.values()
        for person in one.people
    )
    mentioned = ((_person(mention), place) for mention, place in _mentions(policy))
    return _by_name((*scheduled, *((person, place) for person, place in mentioned if person is not None)))


def named_groups(policy: Policy) -> Mapping[str, tuple[Named, ...]]:
    """By the handle of a Slack user group, as it is written: ``@oncall``; each place once."""
    return _by_name((mention, place) for mention, place in _mentions(policy) if mention.startswith("@"))


def as_detail(places: Iterable[Named]) -> str:
    """As a trouble keeps them."""
    return codec.dumps([[one.where.value, one.name, one.line] for one in places])


def _by_name(found: Iterable[tuple[str, Named]]) -> Mapping[str, tuple[Named, ...]]:
    places: dict[str, dict[Named, None]] = {}
    for name, place in found:
        places.setdefault(name, {})[place] = None
    return {name: tuple(its) for name, its in places.items()}


def _mentions(policy: Policy) -> Iterator[tuple[str, Named]]:
    for escalation in policy.escalations.values():
        for step in escalation.steps:
            for mention in (*step.mention, *step.direct):
                yield mention, Named(NamedIn.ESCALATION, escalation.name, escalation.line)
    for route in policy.routes:
        for mention in route.mention:
            yield mention, Named(NamedIn.ROUTE, route.channel, route.line)


def _person(mention: str) -> str | None:
    found = _PERSON.fullmatch(mention)
    return (found[1] or found[2]) if found else None
