"""Laying out the desk: read and lock all that a batch may touch, in one order for everybody."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from incidents import lifecycle
from incidents.errors import Conflict
from incidents.ingest.desk import Case, Desk
from incidents.ingest.firing import is_news, needs_opening
from incidents.ingest.opening import new_incident
from incidents.ingest.rehearsal import rehearse
from incidents.ingest.sight import blinds_all
from incidents.model import SYSTEM, Alert, Delivery, Incident, Series
from incidents.policy import Policy
from incidents.ports import SeenBody, UnitOfWork
from incidents.rules.blindness import blindness
from incidents.rules.flapping import FLAPPING_HOUR

_OVERTAKING = timedelta(hours=1)
"""For so long an end that came before its beginning is remembered."""


async def prepare(
    batch: Sequence[Delivery],
    alerts: Sequence[Alert],
    seen: Mapping[tuple[str, str], SeenBody],
    *,
    uow: UnitOfWork,
    policy: Policy,
) -> Desk:
    """``seen`` are the bodies of the batch, as they were found and locked.

    Raises Conflict where another process opened one of these incidents at this very moment: run it again.
    """
    desk = Desk(now=uow.now, policy=policy, seen=dict(seen), series={}, orphans={}, cases={})
    await _lock_what_is_known(desk, alerts, uow)
    firing = [alert for alert in alerts if alert.is_firing]
    unknown = [alert.series_key for alert in firing if _is_new(desk, alert)]
    if unknown:
        desk.orphans = dict(await uow.alerts.orphan_resolves(unknown, since=uow.now - _OVERTAKING))
    await _count_episodes(desk, alerts, uow)
    wanted = _that_open(desk, firing)
    if any(alert.told.kind.is_blindness for alert in firing):
        wanted = _as_rehearsed(desk, alerts, wanted)
    await _open(wanted, _cut_off(batch), desk, uow)
    return desk


def _is_new(desk: Desk, alert: Alert) -> bool:
    """An end that overtook its beginning can only be told by the beginning that both name."""
    if alert.told.starts_at is None:
        return False
    series = desk.series.get(alert.series_key)
    return series is None or series.starts_at < alert.starts_at


async def _lock_what_is_known(desk: Desk, alerts: Sequence[Alert], uow: UnitOfWork) -> None:
    """Series are read before the lock, to know what to lock, and after it, to know what is true."""
    series_keys = {alert.series_key for alert in alerts}
    before = await uow.series.latest(series_keys)
    rules = _rules_in_doubt(alerts, before)
    blinded = await uow.incidents.open_keys_of(rules) if rules else set()
    locked = await uow.incidents.lock_for(
        keys={alert.incident_key for alert in alerts if alert.is_firing} | blinded,
        ids={series.incident_id for series in before.values()},
        resolved_since=uow.now - desk.policy.reopen_window,
    )
    desk.series = await uow.series.latest(series_keys) if locked else before
    moved = {series.incident_id for series in desk.series.values()} - {incident.id for incident in locked}
    if moved:
        raise Conflict("series moved to another incident meanwhile")
    _lay_out(desk, locked)
    if rules:
        await _open_the_book(desk, rules, uow)


def _lay_out(desk: Desk, incidents: Iterable[Incident]) -> None:
    for incident in incidents:
        desk.add_case(Case(incident))


def _rules_in_doubt(alerts: Iterable[Alert], series: Mapping[str, Series]) -> set[str]:
    """The rules that can't see, or did not: what these alerts say may concern all their incidents."""
    return {alert.told.rule_uid for alert in alerts if _is_in_doubt(alert, series.get(alert.series_key))}


def _is_in_doubt(alert: Alert, series: Series | None) -> bool:
    if alert.told.kind.is_blindness or (series is not None and series.is_firing and series.doubt is not None):
        return True
    return alert.is_firing and blindness(alert.told) is not None


async def _open_the_book(desk: Desk, rules: set[str], uow: UnitOfWork) -> None:
    """Which series say that these rules can't see."""
    for series in await uow.series.firing_blindly(case.incident.id for case in desk.cases.values() if case.was_open):
        if series.rule_uid in rules:
            incident = desk.cases[series.incident_id].incident
            of = None if blinds_all(series, incident) else incident.id
            desk.blinders.setdefault(series.rule_uid, {})[series.key] = of


async def _count_episodes(desk: Desk, alerts: Sequence[Alert], uow: UnitOfWork) -> None:
    """Of the keys of which an incident may open or reopen: what is told again of an open one does neither."""
    ends = any(not alert.is_firing for alert in alerts)
    keys = {key for alert in alerts if alert.is_firing for key in _keys_that_may_open(desk, alert, ends=ends)}
    if keys:
        desk.episodes = dict(await uow.episodes.opened_since(keys, desk.now - FLAPPING_HOUR))


def _keys_that_may_open(desk: Desk, alert: Alert, *, ends: bool) -> Iterable[str]:
    """``ends``: others of these alerts are ends, and may close what is open now."""
    series = desk.series.get(alert.series_key)
    home = desk.cases[series.incident_id].incident if series is not None else None
    of_key = desk.by_key.get(alert.incident_key)
    if not ends and home is not None and home.is_open:
        return ()
    if not ends and of_key is not None and of_key.incident.is_open:
        return ()
    if not is_news(desk, alert) and not (ends and alert.told.starts_at is None):
        return ()
    return (alert.incident_key,) if home is None else (alert.incident_key, home.incident_key)


def _that_open(desk: Desk, firing: Iterable[Alert]) -> list[Alert]:
    """Those that need an incident. A series needs one at most: after its first news it is at home in it.

    Without that, one whose labels change while it keeps its fingerprint would leave an incident that nothing is in.
    """
    first_news: dict[str, Alert] = {}
    for alert in firing:
        if is_news(desk, alert):
            first_news.setdefault(alert.series_key, alert)
    return [alert for alert in first_news.values() if needs_opening(desk, alert)]


def _as_rehearsed(desk: Desk, alerts: Sequence[Alert], wanted: Sequence[Alert]) -> list[Alert]:
    """Those that really open an incident first, then the others of ``wanted`` that are about the same."""
    opening = rehearse(desk, alerts)
    keys = {alert.incident_key for alert in opening}
    return opening + [alert for alert in wanted if alert.incident_key in keys]


def _cut_off(batch: Iterable[Delivery]) -> dict[int, int]:
    """How many alerts each delivery has cut off, by the identities of those that it tells."""
    return {id(told): delivery.hidden for delivery in batch if delivery.hidden for told in delivery.alerts}


async def _open(alerts: Sequence[Alert], cut_off: Mapping[int, int], desk: Desk, uow: UnitOfWork) -> None:
    """One incident for each key among these alerts."""
    by_key: dict[str, list[Alert]] = {}
    for alert in alerts:
        by_key.setdefault(alert.incident_key, []).append(alert)
    if not by_key:
        return
    opened = await uow.incidents.open([new_incident(key, of_key) for key, of_key in by_key.items()])
    if not all(is_ours for _, is_ours in opened.values()):
        raise Conflict("another process opened the incident meanwhile")
    for incident, _ in opened.values():
        case = Case(incident, is_new=True)
        hidden = sum({cut_off.get(id(one.told), 0) for one in by_key[incident.incident_key]})
        data = {"title": incident.title, **({"hidden": hidden} if hidden else {})}
        case.apply(lifecycle.opened(incident, by=SYSTEM, now=desk.now, data=data))
        desk.add_case(case)
