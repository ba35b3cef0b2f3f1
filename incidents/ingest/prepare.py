"""What a batch may open: remembered, counted, locked and made, after what is known is on the desk."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from incidents import lifecycle
from incidents.errors import Conflict
from incidents.ingest.crowd import count_open, has_overflow, make_room, news, remember
from incidents.ingest.desk import Case, Desk
from incidents.ingest.firing import is_at_home, is_news, needs_opening
from incidents.ingest.merged import lay_out_merged
from incidents.ingest.opening import Opening, new_incident, opening_of
from incidents.ingest.rehearsal import rehearse
from incidents.model import SYSTEM, Alert, Delivery
from incidents.ports import UnitOfWork

_OVERTAKING = timedelta(hours=1)
"""For so long an end that came before its beginning is remembered."""


async def prepare(desk: Desk, batch: Sequence[Delivery], alerts: Sequence[Alert], uow: UnitOfWork) -> None:
    """Once what is known is on the desk.

    Raises Conflict where another process opened one of these incidents at this very moment: run it again.
    """
    firing = [alert for alert in alerts if alert.is_firing]
    first = _first_news(desk, firing)
    depends = _depends_on_order(first, firing)
    wanted, known = _wanted(desk, first, firing, depends=depends), len(desk.cases)
    _, _, counted = await uow.together(
        _remember_ends(desk, firing, uow), _remember_keys(desk, alerts, uow), count_open(desk, wanted, uow)
    )
    if len(desk.cases) > known or desk.aliases:  # which can take what would open
        wanted = _wanted(desk, first, firing, depends=depends)
    await make_room(desk, wanted, counted, uow)
    desk.is_rehearsed = depends or desk.room is not None
    openings = rehearse(desk, alerts) if desk.is_rehearsed else _by_key(wanted)
    await _open(openings, _cut_off(batch), desk, uow)


def _wanted(desk: Desk, first: Mapping[str, Alert], firing: Sequence[Alert], *, depends: bool) -> list[Alert]:
    """Those that may open incidents."""
    if depends or has_overflow(desk):
        return news(desk, firing)
    return [alert for alert in first.values() if needs_opening(desk, alert)]


async def _remember_ends(desk: Desk, firing: Iterable[Alert], uow: UnitOfWork) -> None:
    """An end that overtook its beginning can only be told by the beginning that both name."""
    unknown = [alert.series_key for alert in firing if _is_new(desk, alert)]
    if unknown:
        desk.orphans = dict(await uow.alerts.orphan_resolves(unknown, since=uow.now - _OVERTAKING))


def _is_new(desk: Desk, alert: Alert) -> bool:
    if alert.told.starts_at is None:
        return False
    series = desk.series.get(alert.series_key)
    return series is None or series.starts_at < alert.starts_at


async def _remember_keys(desk: Desk, alerts: Sequence[Alert], uow: UnitOfWork) -> None:
    """Of the keys of which an incident may open or reopen: what is told again of an open one does neither."""
    ends = any(not alert.is_firing for alert in alerts)
    keys = {key for alert in alerts if alert.is_firing for key in _keys_that_may_open(desk, alert, ends=ends)}
    if not keys:
        return
    past = await remember(desk, keys, uow)
    if past.aliases:
        await lay_out_merged(desk, past.aliases, {alert.series_key for alert in alerts}, uow)


def _keys_that_may_open(desk: Desk, alert: Alert, *, ends: bool) -> Iterable[str]:
    """``ends``: others of these alerts are ends, and may close what is open now."""
    series = desk.series.get(alert.series_key)
    home = desk.cases[series.incident_id].incident if series is not None else None
    stays = series is not None and is_at_home(desk, series)
    of_key = desk.by_key.get(alert.incident_key)
    if not ends and home is not None and home.is_open and stays:
        return ()
    if not ends and not stays and of_key is not None and of_key.incident.is_open:
        return ()
    if not is_news(desk, alert) and not (ends and alert.told.starts_at is None):
        return ()
    return (alert.incident_key,) if home is None else (alert.incident_key, home.incident_key)


def _first_news(desk: Desk, firing: Iterable[Alert]) -> dict[str, Alert]:
    """By series. It needs one incident at most: after its first news it is at home in it."""
    first: dict[str, Alert] = {}
    for alert in firing:
        if alert.series_key not in first and is_news(desk, alert):
            first[alert.series_key] = alert
    return first


def _depends_on_order(first: Mapping[str, Alert], firing: Iterable[Alert]) -> bool:
    """Whether what opens depends on what came before: blindness does; and so does a series whose labels change.

    It keeps its fingerprint, and where an incident is full it may not be at home in it.
    """
    return any(
        alert.told.kind.is_blindness or first.get(alert.series_key, alert).incident_key != alert.incident_key
        for alert in firing
    )


def _by_key(wanted: Iterable[Alert]) -> list[Opening]:
    """One incident for each key among these alerts."""
    openings: dict[str, Opening] = {}
    for alert in wanted:
        known = openings.get(alert.incident_key)
        if known is None:
            openings[alert.incident_key] = opening_of(alert, None)
        else:
            known.alerts.append(alert)
    return list(openings.values())


def _cut_off(batch: Iterable[Delivery]) -> dict[int, int]:
    """How many alerts each delivery has cut off, by the identities of those that it tells."""
    return {id(told): delivery.hidden for delivery in batch if delivery.hidden for told in delivery.alerts}


async def _open(openings: Sequence[Opening], cut_off: Mapping[int, int], desk: Desk, uow: UnitOfWork) -> None:
    if not openings:
        return
    by_key = {opening.key: opening for opening in openings}
    opened = await uow.incidents.open([new_incident(opening, desk.policy.limits) for opening in openings])
    if not all(is_ours for _, is_ours in opened.values()):
        raise Conflict("another process opened the incident meanwhile")
    for incident, _ in (opened[key] for key in by_key):
        opening = by_key[incident.incident_key]
        case = Case(incident, is_new=True, labels=opening.labels)
        hidden = sum({cut_off.get(id(one.told), 0) for one in opening.alerts})
        data = {"title": incident.title, **({"hidden": hidden} if hidden else {})}
        case.apply(lifecycle.opened(incident, by=SYSTEM, now=desk.now, data=data))
        desk.add_case(case)
