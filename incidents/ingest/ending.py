"""An alert says that its series has ended: which one, and does its incident end with it?"""

from datetime import datetime

from base.records import replace
from incidents import lifecycle
from incidents.arrivals import OrphanResolve
from incidents.ingest.closing import close_if_over
from incidents.ingest.desk import Case, Desk
from incidents.ingest.saying import say
from incidents.ingest.sight import see_again
from incidents.model import SYSTEM, Alert, AlertStatus, EventKind, Resolution, Series
from incidents.reasons import Reason
from incidents.rules.resend import known_end


def end(desk: Desk, alert: Alert, delivery_id: int) -> tuple[Case | None, Reason]:
    """Take a resolved alert. It is told apart by its series' identity, never by an incident key."""
    series = desk.series.get(alert.series_key)
    ended_at = alert.told.ends_at or desk.now
    if series is None:
        _remember(desk, alert, ended_at)
        return None, Reason.UNKNOWN_SERIES
    case = desk.cases[series.incident_id]
    known = known_end(series, alert.starts_at)
    if known is not None:
        desk.keep(replace(series, last_delivery_id=delivery_id, last_alert_at=desk.now))
        if known is Reason.UNKNOWN_SERIES:
            _remember(desk, alert, ended_at)
            return None, known
        return case, known
    series = replace(
        series,
        last_delivery_id=delivery_id,
        last_alert_at=desk.now,
        value_now=series.value_now if alert.value is None else alert.value,
        # Where it ends a later firing than the known one, it has overtaken that one's beginning, which ends with it.
        starts_at=alert.starts_at,
    )
    return case, end_series(desk, case, series, ended_at=ended_at, doubt=alert.told.state_reason)


def end_series(desk: Desk, case: Case, series: Series, *, ended_at: datetime, doubt: Resolution | None) -> Reason:
    """The series has ended, and with the last one that fires an open incident ends, unless something holds it.

    ``doubt`` is why its end is no recovery, None where it is one.
    """
    desk.keep(_ended(series, case, ended_at=ended_at, doubt=doubt))
    if series.doubt is not None:
        see_again(desk, case, series)
    if series.is_blind:
        return Reason.SEES_AGAIN
    case.firing -= 1
    case.doubt(doubt, 1)
    case.latest_end = max(ended_at, case.latest_end or ended_at)
    data = {"series": series.name, "value": series.value_now}
    told = lifecycle.series_event(case.incident, EventKind.SERIES_RESOLVED, by=SYSTEM, now=desk.now, data=data)
    say(desk, case, told)
    return close_if_over(desk, case)


def leave(desk: Desk, series: Series, *, for_case: Case, ended_at: datetime) -> None:
    """The series fires in another incident now: in the one where it was it has ended."""
    old = desk.cases[series.incident_id]
    desk.put_away(_ended(series, old, ended_at=ended_at, doubt=None))
    if series.is_blind:
        return
    old.firing -= 1
    data = {"series": series.name, "moved_to_id": for_case.incident.id}
    told = lifecycle.series_event(old.incident, EventKind.SERIES_RESOLVED, by=SYSTEM, now=desk.now, data=data)
    say(desk, old, told)


def _ended(series: Series, case: Case, *, ended_at: datetime, doubt: Resolution | None) -> Series:
    return replace(
        series, status=AlertStatus.RESOLVED, ends_at=ended_at, doubt=doubt, ended_episode=case.incident.episode
    )


def _remember(desk: Desk, alert: Alert, ended_at: datetime) -> None:
    """It may have overtaken its beginning; where the sender tells no beginning, nobody would know it again."""
    if alert.told.starts_at is not None:
        desk.remember_end(OrphanResolve(alert.series_key, alert.starts_at, ended_at))
