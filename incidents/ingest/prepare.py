"""Laying out the desk: read and lock all that a batch may touch, in one order for everybody."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from incidents import lifecycle
from incidents.errors import Conflict
from incidents.ingest.desk import Case, Desk
from incidents.ingest.firing import is_news, needs_opening
from incidents.model import SYSTEM, Alert, Delivery, Incident
from incidents.policy import Policy
from incidents.ports import NewIncident, UnitOfWork

_OVERTAKING = timedelta(hours=1)
"""For so long an end that came before its beginning is remembered."""


async def prepare(batch: Sequence[Delivery], alerts: Sequence[Alert], *, uow: UnitOfWork, policy: Policy) -> Desk:
    """Raises Conflict where another process opened one of these incidents at this very moment: run it again."""
    seen = await uow.deliveries.lock_bodies((delivery.source, delivery.body_sha256) for delivery in batch)
    desk = Desk(now=uow.now, policy=policy, seen=dict(seen), series={}, orphans={}, cases={})
    await _lock_what_is_known(desk, alerts, uow)
    firing = [alert for alert in alerts if alert.is_firing]
    unknown = [alert.series_key for alert in firing if _is_new(desk, alert)]
    if unknown:
        desk.orphans = dict(await uow.alerts.orphan_resolves(unknown, since=uow.now - _OVERTAKING))
    await _open(_that_open(desk, firing), desk, uow)
    return desk


def _is_new(desk: Desk, alert: Alert) -> bool:
    series = desk.series.get(alert.series_key)
    return series is None or series.starts_at < alert.starts_at


async def _lock_what_is_known(desk: Desk, alerts: Sequence[Alert], uow: UnitOfWork) -> None:
    """Series are read before the lock, to know what to lock, and after it, to know what is true."""
    series_keys = {alert.series_key for alert in alerts}
    before = await uow.series.latest(series_keys)
    locked = await uow.incidents.lock_for(
        keys={alert.incident_key for alert in alerts if alert.is_firing},
        ids={series.incident_id for series in before.values()},
        resolved_since=uow.now - desk.policy.reopen_window,
    )
    desk.series = await uow.series.latest(series_keys) if locked else before
    moved = {series.incident_id for series in desk.series.values()} - {incident.id for incident in locked}
    if moved:
        raise Conflict("series moved to another incident meanwhile")
    _lay_out(desk, locked)


def _lay_out(desk: Desk, incidents: Iterable[Incident]) -> None:
    for incident in incidents:
        desk.add_case(Case(incident))


def _that_open(desk: Desk, firing: Iterable[Alert]) -> list[Alert]:
    """Those that need an incident. A series needs one at most: after its first news it is at home in it.

    Without that, one whose labels change while it keeps its fingerprint would leave an incident that nothing is in.
    """
    first_news: dict[str, Alert] = {}
    for alert in firing:
        if is_news(desk, alert):
            first_news.setdefault(alert.series_key, alert)
    return [alert for alert in first_news.values() if needs_opening(desk, alert)]


async def _open(alerts: Sequence[Alert], desk: Desk, uow: UnitOfWork) -> None:
    """One incident for each key among these alerts, from the gravest and the earliest that they tell."""
    by_key: dict[str, list[Alert]] = {}
    for alert in alerts:
        by_key.setdefault(alert.incident_key, []).append(alert)
    if not by_key:
        return
    opened = await uow.incidents.open([_new(key, of_key) for key, of_key in by_key.items()])
    if not all(is_ours for _, is_ours in opened.values()):
        raise Conflict("another process opened the incident meanwhile")
    for incident, _ in opened.values():
        case = Case(incident, is_new=True)
        case.apply(lifecycle.opened(incident, by=SYSTEM, now=desk.now, data={"title": incident.title}))
        desk.add_case(case)


def _new(incident_key: str, alerts: Sequence[Alert]) -> NewIncident:
    first = alerts[0]
    return NewIncident(
        incident_key=incident_key,
        title=first.told.summary,
        severity=max((alert.severity for alert in alerts), key=lambda one: one.rank),
        source=first.source,
        rule_uid=first.told.rule_uid,
        alert_name=first.told.alert_name,
        place=first.place,
        start_time=min(alert.starts_at for alert in alerts),
    )
