"""An alert says that its series has ended: which one, and does its incident end with it?"""

from dataclasses import replace
from datetime import datetime

from incidents import lifecycle
from incidents.ingest.desk import Case, Desk
from incidents.model import SYSTEM, Alert, AlertStatus, EventKind, Resolution, Series
from incidents.ports import OrphanResolve
from incidents.reasons import Reason
from incidents.rules.resend import known_end


def end(desk: Desk, alert: Alert, delivery_id: int) -> tuple[Case | None, Reason]:
    """Take a resolved alert. It is told apart by its series' identity, never by an incident key."""
    series = desk.series.get(alert.series_key)
    ended_at = alert.told.ends_at or desk.now
    orphan = OrphanResolve(alert.series_key, alert.starts_at, ended_at)
    if series is None:
        desk.remember_end(orphan)
        return None, Reason.UNKNOWN_SERIES
    case = desk.cases[series.incident_id]
    known = known_end(series, alert.starts_at)
    series = replace(series, last_delivery_id=delivery_id, last_alert_at=desk.now)
    if known is not None:
        desk.keep(series)
        if known is Reason.UNKNOWN_SERIES:
            desk.remember_end(orphan)
            return None, known
        return case, known
    if alert.value is not None:
        series = replace(series, value_now=alert.value)
    # Where it ends a later firing than the known one, it has overtaken that one's beginning, which ends with it.
    series = replace(series, starts_at=alert.starts_at)
    return case, end_series(desk, case, series, ended_at=ended_at)


def end_series(desk: Desk, case: Case, series: Series, *, ended_at: datetime) -> Reason:
    """The series has ended, and with the last one that fires an open incident recovers."""
    desk.keep(replace(series, status=AlertStatus.RESOLVED, ends_at=ended_at))
    case.firing -= 1
    case.latest_end = max(ended_at, case.latest_end or ended_at)
    data = {"series": series.name, "value": series.value_now}
    case.apply(lifecycle.series_event(case.incident, EventKind.SERIES_RESOLVED, by=SYSTEM, now=desk.now, data=data))
    if not case.incident.is_open:
        return Reason.ENDED_AFTER_CLOSING
    if case.firing > 0:
        return Reason.SERIES_RESOLVED
    end = lifecycle.resolve(
        case.incident, by=SYSTEM, now=desk.now, resolution=Resolution.RECOVERED, recovered_at=case.latest_end
    )
    case.apply(end)
    return Reason.RECOVERED
