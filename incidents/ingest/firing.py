"""An alert fires: into which incident, and what does that change?"""

from dataclasses import replace

from incidents import lifecycle
from incidents.ingest.desk import Case, Desk
from incidents.ingest.ending import end_series
from incidents.model import SYSTEM, Alert, AlertStatus, EventKind, Series
from incidents.reasons import Reason
from incidents.rules.reopen import reopens
from incidents.rules.resend import known_firing
from incidents.rules.series_name import series_name


def is_news(desk: Desk, alert: Alert) -> bool:
    """Whether it tells of a firing that is not known of its series."""
    series = desk.series.get(alert.series_key)
    return series is None or known_firing(series, alert.starts_at, incident_is_open=False) is None


def needs_opening(desk: Desk, alert: Alert) -> bool:
    """Whether no incident on the desk can take this news."""
    series = desk.series.get(alert.series_key)
    if series is not None and desk.cases[series.incident_id].incident.is_open:
        return False
    case = desk.by_key.get(alert.incident_key)
    return case is None or not _takes(desk, case)


def fire(desk: Desk, alert: Alert, delivery_id: int) -> tuple[Case, Reason]:
    """Take a firing alert. Every incident that it may need is on the desk."""
    series = desk.series.get(alert.series_key)
    home = desk.cases[series.incident_id] if series else None
    if series is not None and home is not None:
        known = known_firing(series, alert.starts_at, incident_is_open=home.incident.is_open)
        if known is not None:
            _repeat(desk, home, series, alert, delivery_id)
            return home, known
    case = _case_for(desk, alert, home)
    reason = _reason(desk, case, series)
    if reason is Reason.WITHIN_REOPEN_WINDOW:
        case.apply(lifecycle.reopen(case.incident, by=SYSTEM, now=desk.now, reason=reason, start_time=alert.starts_at))
    _leave_behind(desk, series, case, alert)
    _burn(desk, case, series, alert, delivery_id, told=reason is not Reason.OPENED)
    return case, _unless_overtaken(desk, case, alert, reason)


def _case_for(desk: Desk, alert: Alert, home: Case | None) -> Case:
    """Where its series is, while that is open; else its key's; else where its series was until earlier in this batch.

    The key alone would not do: labels, and the map that reads them, may change while a series keeps its fingerprint.
    """
    of_key = desk.by_key.get(alert.incident_key)
    if home is not None and (home.incident.is_open or of_key is None or not _takes(desk, of_key)):
        return home
    return desk.by_key[alert.incident_key]


def _takes(desk: Desk, case: Case) -> bool:
    return case.incident.is_open or _reopens(desk, case)


def _reason(desk: Desk, case: Case, series: Series | None) -> Reason:
    if not case.incident.is_open and _reopens(desk, case):
        return Reason.WITHIN_REOPEN_WINDOW
    if case.is_new and not case.counted:
        return Reason.OPENED
    return Reason.FIRED_AGAIN if series is not None and series.incident_id == case.incident.id else Reason.JOINED


def _reopens(desk: Desk, case: Case) -> bool:
    return reopens(case.incident, now=desk.now, window=desk.policy.reopen_window)


def _repeat(desk: Desk, case: Case, series: Series, alert: Alert, delivery_id: int) -> None:
    """The same firing is told again: only its value may be news, and only while it is the present firing."""
    series = replace(series, last_delivery_id=delivery_id, last_alert_at=desk.now)
    if series.is_firing and series.starts_at == alert.starts_at and series.value_now != alert.value:
        series = replace(series, value_now=alert.value, value_peak=_peak(series.value_peak, alert.value))
        case.values_changed = True
    desk.keep(series)


def _peak(before: float | None, told: float | None) -> float | None:
    return max((v for v in (before, told) if v is not None), key=abs, default=None)


def _burn(desk: Desk, case: Case, before: Series | None, alert: Alert, delivery_id: int, *, told: bool) -> None:
    """The series fires in this incident from now on."""
    already = before is not None and before.incident_id == case.incident.id and before.is_firing
    series = _new_series(desk, case, alert, delivery_id)
    desk.keep(series)
    case.firing += 0 if already else 1
    if told:
        data = {"series": series.name, "value": alert.value}
        case.apply(lifecycle.series_event(case.incident, EventKind.SERIES_FIRING, by=SYSTEM, now=desk.now, data=data))
    if alert.severity.rank > case.incident.severity.rank:
        case.apply(lifecycle.raise_severity(case.incident, to=alert.severity, by=SYSTEM, now=desk.now))


def _new_series(desk: Desk, case: Case, alert: Alert, delivery_id: int) -> Series:
    told = alert.told
    return Series(
        key=alert.series_key,
        incident_id=case.incident.id,
        source=alert.source,
        rule_uid=told.rule_uid,
        fingerprint=told.fingerprint,
        name=series_name(told.labels, desk.policy.labels.series, alert.place, told.fingerprint),
        status=AlertStatus.FIRING,
        starts_at=alert.starts_at,
        ends_at=None,
        value_fired=alert.value,
        value_peak=alert.value,
        value_now=alert.value,
        summary=told.summary,
        links=told.links,
        last_delivery_id=delivery_id,
        last_alert_at=desk.now,
    )


def _leave_behind(desk: Desk, series: Series | None, case: Case, alert: Alert) -> None:
    """The series fires in a newer incident: in the older one it has ended, at the latest when it fired anew."""
    if series is None or not series.is_firing or series.incident_id == case.incident.id:
        return
    old = desk.cases[series.incident_id]
    old.firing -= 1
    desk.put_away(replace(series, status=AlertStatus.RESOLVED, ends_at=alert.starts_at))
    data = {"series": series.name, "moved_to_id": case.incident.id}
    old.apply(lifecycle.series_event(old.incident, EventKind.SERIES_RESOLVED, by=SYSTEM, now=desk.now, data=data))


def _unless_overtaken(desk: Desk, case: Case, alert: Alert, reason: Reason) -> Reason:
    """Its end may have been told before its beginning: then it is over already."""
    orphan = desk.orphans.get(alert.series_key)
    if orphan is None or orphan.starts_at < alert.starts_at:
        return reason
    end_series(desk, case, desk.series[alert.series_key], ended_at=orphan.ends_at)
    return Reason.OVERTAKEN
