"""Who is named in ``bongsu.yaml``, and where: whoever leaves has to be taken out there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

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
    found: dict[str, dict[Named, None]] = {}
    for person, place in _all(policy):
        found.setdefault(person, {})[place] = None
    return {person: tuple(places) for person, places in found.items()}


def _all(policy: Policy) -> Iterator[tuple[str, Named]]:
    for schedule in policy.schedules.values():
        for person in schedule.people:
            yield person, Named(NamedIn.SCHEDULE, schedule.name, schedule.line)
    for escalation in policy.escalations.values():
        for step in escalation.steps:
            for person in filter(None, map(_person, (*step.mention, *step.direct))):
                yield person, Named(NamedIn.ESCALATION, escalation.name, escalation.line)
    for route in policy.routes:
        for person in filter(None, map(_person, route.mention)):
            yield person, Named(NamedIn.ROUTE, route.channel, route.line)


def _person(mention: str) -> str | None:
    found = _PERSON.fullmatch(mention)
    return (found[1] or found[2]) if found else None
