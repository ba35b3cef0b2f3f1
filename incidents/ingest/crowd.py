"""Before incidents open: is there room for them, and if there may be none, which incidents take the rest?"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from incidents.errors import Conflict
from incidents.history import Past
from incidents.ingest.desk import Case, Desk
from incidents.ingest.firing import is_news
from incidents.ingest.room import Room
from incidents.keys import incident_key
from incidents.model import Alert, AlertKind
from incidents.policy import Limit
from incidents.ports import UnitOfWork
from incidents.rules.flapping import FLAPPING_HOUR
from incidents.rules.limits_open import rest


def has_overflow(desk: Desk) -> bool:
    """Whether an incident is on the desk whose series get others, where there is room, when they have ended."""
    return any(case.incident.is_overflow for case in desk.cases.values())


def news(desk: Desk, firing: Iterable[Alert]) -> list[Alert]:
    """Those that may open an incident, whatever comes before them. Undated ones say something new after any end."""
    return [alert for alert in firing if alert.told.starts_at is None or is_news(desk, alert)]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many incidents are open: ``of_rule`` of these ``rules``, and ``in_all``."""

    rules: Collection[str] = ()
    of_rule: Mapping[str, int] = field(default_factory=dict)
    in_all: int = 0


async def count_open(desk: Desk, wanted: Iterable[Alert], uow: UnitOfWork) -> Counted:
    """Of the rules of these alerts, which may open more. Where there are none, nothing is asked."""
    rules = {one.told.rule_uid for one in wanted}
    if not rules:
        return Counted()
    return Counted(rules, *await uow.incidents.count_open(rules, most=desk.policy.limits.open_incidents))


async def make_room(desk: Desk, wanted: Sequence[Alert], counted: Counted, uow: UnitOfWork) -> None:
    """Find out whether these alerts may reach a limit; and lock what takes the rest where it is near.

    ``counted`` may be of other rules, where it was not known yet what is wanted: then it is counted again.
    """
    if not wanted:
        return
    by_rule = Counter(rule_uid for rule_uid, _ in {(one.told.rule_uid, one.incident_key) for one in wanted})
    if not by_rule.keys() <= set(counted.rules):
        counted = await count_open(desk, wanted, uow)
    room = Room.counted(desk.policy.limits, counted.of_rule, counted.in_all)
    closed = sum(not case.incident.is_open for case in desk.cases.values())
    if room.may_fill(by_rule, others=closed):
        await _lock_the_rest(desk, wanted, uow)
    elif not has_overflow(desk):
        return
    for case in desk.cases.values():
        if case.incident.is_overflow and case.incident.is_open:
            room.without(case.incident)
    desk.room = room


async def _lock_the_rest(desk: Desk, wanted: Sequence[Alert], uow: UnitOfWork) -> None:
    """After all others, which everybody locks before these; and before any is opened."""
    keys = {
        incident_key(*rest(limit, kind=kind, rule_uid=rule_uid, source=source))
        for rule_uid, source in {(one.told.rule_uid, one.source) for one in wanted}
        for kind in AlertKind
        for limit in (Limit.INCIDENTS_PER_RULE, Limit.OPEN_INCIDENTS)
    }
    since = desk.now - desk.policy.reopen_window
    locked = await uow.incidents.lock_for(keys=keys, ids=(), resolved_since=since)
    fresh = [incident for incident in locked if incident.id not in desk.cases]
    for incident in fresh:
        desk.add_case(Case(incident))
    if fresh:
        await _refuse_moved(desk, wanted, uow)
    await remember(desk, keys, uow)


async def remember(desk: Desk, keys: Iterable[str], uow: UnitOfWork) -> Past:
    """How often incidents of these keys have opened lately; and those that are snoozed, which are over, are locked."""
    alive_since = desk.now - desk.policy.reopen_window
    past = await uow.episodes.past_of(keys, opened_since=desk.now - FLAPPING_HOUR, alive_since=alive_since)
    desk.episodes.update(past.opened)
    missing = past.snoozed - desk.cases.keys()
    if missing:
        for incident in await uow.incidents.lock_for(keys=(), ids=missing, resolved_since=desk.now):
            desk.add_case(Case(incident))
    return past


async def _refuse_moved(desk: Desk, wanted: Sequence[Alert], uow: UnitOfWork) -> None:
    """Series were read before these were locked: somebody may have put one of them in there meanwhile."""
    keys = {alert.series_key for alert in wanted}
    now = await uow.series.latest(keys)
    if now != {key: desk.series[key] for key in keys if key in desk.series}:
        raise Conflict("series changed before the incident of the rest was locked")
