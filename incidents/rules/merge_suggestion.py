"""Which open incidents are likely to be about the same trouble as this one, and why?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from incidents.model import Incident
from incidents.rules.mergeable import obstacle

CLOSE = timedelta(minutes=5)
RATHER_CLOSE = timedelta(minutes=30)


class Likeness(StrEnum):
    """One thing that two incidents have in common."""

    SPLIT_FROM = "split_from"
    """Somebody took the one out of the other."""
    SERVICE = "service"
    RULE = "rule"
    NAMESPACE = "namespace"
    CLUSTER = "cluster"
    START = "start"
    """They began within ``CLOSE`` of each other."""
    RATHER_CLOSE_START = "rather_close_start"


_SCORES = {
    Likeness.SPLIT_FROM: 10,
    Likeness.SERVICE: 4,
    Likeness.RULE: 3,
    Likeness.START: 3,
    Likeness.NAMESPACE: 2,
    Likeness.CLUSTER: 1,
    Likeness.RATHER_CLOSE_START: 1,
}
_LEAST = 3
"""Below it two incidents only share what many share: a cluster, or half an hour."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``likenesses`` are the strongest first; ``score`` is the sum of what they count."""

    incident: Incident
    score: int
    likenesses: tuple[Likeness, ...]


def suggestion(merged: Incident, other: Incident) -> Suggestion:
    """How much the other is like this one, whether or not that is worth suggesting."""
    alike = sorted(_likenesses(merged, other), key=lambda one: -_SCORES[one])
    return Suggestion(other, sum(_SCORES[one] for one in alike), tuple(alike))


def suggestions(merged: Incident, others: Iterable[Incident]) -> list[Suggestion]:
    """The likeliest first, then the ones that began last; none that it can't be merged into or is hardly like it."""
    scored = [suggestion(merged, other) for other in others if obstacle(merged, into=other) is None]
    likely = [one for one in scored if one.score >= _LEAST]
    return sorted(likely, key=lambda one: (-one.score, -one.incident.start_time.timestamp(), one.incident.id))


def _likenesses(merged: Incident, other: Incident) -> Iterable[Likeness]:
    here, there = merged.place, other.place
    if merged.split_from_id == other.id or other.split_from_id == merged.id:
        yield Likeness.SPLIT_FROM
    if here.service and here.service == there.service:
        yield Likeness.SERVICE
    if merged.rule_uid and merged.rule_uid == other.rule_uid:
        yield Likeness.RULE
    if here.cluster and here.cluster == there.cluster:
        yield Likeness.CLUSTER
        if here.namespace and here.namespace == there.namespace:
            yield Likeness.NAMESPACE
    apart = abs(merged.start_time - other.start_time)
    if apart <= CLOSE:
        yield Likeness.START
    elif apart <= RATHER_CLOSE:
        yield Likeness.RATHER_CLOSE_START
