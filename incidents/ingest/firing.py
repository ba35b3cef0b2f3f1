"""An alert fires: into which incident, and what does that change?"""

from base.records import made, replace
from incidents import lifecycle
from incidents.ingest.dating import dated
from incidents.ingest.desk import Case, Desk
from incidents.ingest.ending import end_series, leave
from incidents.ingest.opening import rest_key
from incidents.ingest.saying import say
from incidents.ingest.sight import go_blind, see_again
from incidents.model import SYSTEM, Alert, AlertKind, AlertStatus, EventKind, Resolution, Series
from incidents.policy import Limit
from incidents.reasons import Reason
from incidents.rules.blindness import blindness
from incidents.rules.flapping import flaps
from incidents.rules.limits_labels import cut
from incidents.rules.limits_series import follows
from incidents.rules.reopen import reopens
from incidents.rules.resend import is_homeless, known_firing
from incidents.rules.series_name import series_name
from incidents.rules.still_firing import reminds_resolver
from incidents.rules.told_severity import is_graver_than_told

_LONGEST_NAME = 255
"""Of a series, in characters: events tell it, too."""


def is_news(desk: Desk, alert: Alert) -> bool:
    """Whether it tells of a firing that is not known of its series."""
    series = desk.series.get(alert.series_key)
    return series is None or _known(desk, series, dated(desk, alert)) is None


def needs_opening(desk: Desk, alert: Alert) -> bool:
    """Whether no incident on the desk can take this news."""
    series = desk.series.get(alert.series_key)
    if series is not None and is_at_home(desk, series):
        return False
    case = of_key(desk, alert.incident_key)
    return case is None or not takes(desk, case)


def fire(desk: Desk, alert: Alert, delivery_id: int) -> tuple[Case, Reason]:
    """Take a firing alert. Every incident that it may need is on the desk."""
    series = desk.series.get(alert.series_key)
    if series is not None:
        known = _known(desk, series, alert)
        if known is not None:
            home = desk.cases[series.incident_id]
            _repeat(desk, home, series, alert, delivery_id)
            if known is Reason.STILL_FIRING:
                _remind(desk, home)
            return home, known
    case = home_of(desk, alert)
    if case is None:
        raise LookupError(f"no incident was made ready for {alert.incident_key}")
    _count_overflow(desk, case, series, alert)
    if not _is_followed(desk, case, series, alert):
        return case, _leave_unfollowed(desk, case, alert)
    reason = _reason(desk, case, series)
    _count_episode(desk, case, alert, reason)
    if series is not None and series.is_firing and series.incident_id != case.incident.id:
        leave(desk, series, for_case=case, ended_at=alert.starts_at)
    if alert.told.kind.is_blindness and case.incident.kind is AlertKind.DATA:
        reason = Reason.BLINDED
    _burn(desk, case, series, alert, delivery_id, reason)
    return case, _unless_overtaken(desk, case, alert, reason)


def home_of(desk: Desk, alert: Alert) -> Case | None:
    """Where its series is, while that is open; else its key's; else where its series was until earlier in this batch.

    The key alone would not do: labels, and the map that reads them, may change while a series keeps its fingerprint.
    What says that a rule can't see goes to the oldest incident that this blinds. Where too many are open already for
    one more, it is that of the rest. None: that is what it needs, or one of its own.
    """
    series = desk.series.get(alert.series_key)
    home = desk.cases[series.incident_id] if series is not None else None
    if home is not None and series is not None and is_at_home(desk, series):
        return home
    told = alert.told
    if told.kind.is_blindness:
        blinded = min(desk.open_of_rule(told.rule_uid), key=_age, default=None)
        if blinded is not None:
            return blinded
    keys = of_key(desk, alert.incident_key)
    if desk.is_rehearsed:
        return _as_rehearsed(desk, alert, keys)
    if keys is not None and takes(desk, keys):
        return keys
    if home is not None and home.was_open and not told.kind.is_blindness:
        return home
    return keys if keys is not None and keys.was_open else None


def of_key(desk: Desk, incident_key: str) -> Case | None:
    """The open, else the last resolved, case of this key; but before a resolved one that into which it was merged.

    As long as that is open, or may open again.
    """
    own, alias = desk.by_key.get(incident_key), desk.aliases.get(incident_key)
    if alias is None or (own is not None and own.incident.is_open):
        return own
    other = desk.cases[alias.incident_id]
    return other if takes(desk, other) else own


def _as_rehearsed(desk: Desk, alert: Alert, of_key: Case | None) -> Case | None:
    """Its key's; else that of the rest, where there is no room. One that is to open is not there before it must."""
    if of_key is not None and of_key.has_begun and (takes(desk, of_key) or of_key.was_open):
        return of_key
    crowding = desk.crowding(alert.told.rule_uid)
    if crowding is not None:
        return _rest(desk, alert, crowding)
    return of_key if of_key is not None and not of_key.has_begun else None


def _age(case: Case) -> tuple[bool, int]:
    """Lower is older. Those of this batch are on the desk in the order in which they open, whatever their ids."""
    return case.is_new, 0 if case.is_new else case.incident.id


def is_at_home(desk: Desk, series: Series) -> bool:
    """Whether its next firing belongs where it is. In an incident of the rest it stays only until it ends.

    People have split some off those of their key: these come back to where they were put, as long as that opens again.
    """
    case = desk.cases[series.incident_id]
    if case.incident.split_from_id is not None:
        return takes(desk, case)
    return case.incident.is_open and (series.is_firing or not case.incident.is_overflow)


def _rest(desk: Desk, alert: Alert, crowding: Limit) -> Case | None:
    rest = desk.by_key.get(rest_key(crowding, alert))
    return rest if rest is not None and (takes(desk, rest) or rest.was_open) else None


def takes(desk: Desk, case: Case) -> bool:
    """Whether a series that fires can go into this incident."""
    return case.incident.is_open or _reopens(desk, case)


def _known(desk: Desk, series: Series, alert: Alert) -> Reason | None:
    incident = desk.cases[series.incident_id].incident
    known = known_firing(series, alert.starts_at, incident_is_open=incident.is_open)
    return None if known is Reason.STILL_FIRING and is_homeless(series, incident) else known


def _reason(desk: Desk, case: Case, series: Series | None) -> Reason:
    if not case.incident.is_open and _reopens(desk, case):
        return Reason.WITHIN_REOPEN_WINDOW
    if not case.has_begun:
        return Reason.OPENED
    return Reason.FIRED_AGAIN if series is not None and series.incident_id == case.incident.id else Reason.JOINED


def _count_overflow(desk: Desk, case: Case, series: Series | None, alert: Alert) -> None:
    if case.incident.is_overflow and not (series is not None and is_at_home(desk, series)):
        limit = Limit.INCIDENTS_PER_RULE if case.incident.rule_uid else Limit.OPEN_INCIDENTS
        desk.limit(limit, alert.told.rule_uid)


def _is_followed(desk: Desk, case: Case, series: Series | None, alert: Alert) -> bool:
    if series is not None and series.incident_id == case.incident.id:
        return True
    blind, limits = alert.told.kind.is_blindness, desk.policy.limits
    return follows(case.incident, series=case.series, is_blindness=blind, limits=limits)


def _leave_unfollowed(desk: Desk, case: Case, alert: Alert) -> Reason:
    """One alert more of a series that nothing is remembered of. How grave it is counts all the same."""
    case.unfollowed += 1
    case.values_changed = True
    desk.limit(Limit.SERIES_PER_INCIDENT, alert.told.rule_uid)
    _raise_severity(desk, case, alert)
    return Reason.UNFOLLOWED


def _raise_severity(desk: Desk, case: Case, alert: Alert) -> None:
    """The machine never lowers it, and of what people have closed it changes nothing."""
    if not case.incident.is_open or not is_graver_than_told(case.incident, alert.severity):
        return
    if alert.severity.rank > case.incident.severity.rank:
        case.apply(lifecycle.raise_severity(case.incident, to=alert.severity, by=SYSTEM, now=desk.now))
    else:
        case.incident = replace(case.incident, told_severity=alert.severity)


def _reopens(desk: Desk, case: Case) -> bool:
    return reopens(case.incident, now=desk.now, window=desk.policy.reopen_window)


def _count_episode(desk: Desk, case: Case, alert: Alert, reason: Reason) -> None:
    """Open it again where the alert does that; and where it opens so often, that is flapping."""
    if reason is Reason.WITHIN_REOPEN_WINDOW:
        case.apply(lifecycle.reopen(case.incident, by=SYSTEM, now=desk.now, reason=reason, start_time=alert.starts_at))
    elif reason is not Reason.OPENED:
        return
    desk.has_opened(case)
    episodes = desk.one_more_episode(case.incident.incident_key)
    if flaps(case.incident, episodes=episodes):
        case.apply(lifecycle.flap(case.incident, episodes=episodes, by=SYSTEM, now=desk.now))


def _repeat(desk: Desk, case: Case, series: Series, alert: Alert, delivery_id: int) -> None:
    """The same firing is told again: its value may be news, or what it sees; only while it is the present firing."""
    present = series.is_firing and series.starts_at == alert.starts_at
    now, peak = series.value_now, series.value_peak
    if present and now != alert.value:
        now, peak = alert.value, _peak(peak, alert.value)
        case.values_changed = True
    series = replace(series, last_delivery_id=delivery_id, last_alert_at=desk.now, value_now=now, value_peak=peak)
    if present and not series.is_blind:
        _raise_severity(desk, case, alert)
    unseen = blindness(alert.told) if present else None
    if present and (unseen is not None or series.doubt is not None):
        series = _look(desk, case, series, unseen)
    desk.keep(series)


def _look(desk: Desk, case: Case, series: Series, unseen: Resolution | None) -> Series:
    """Incidents of the rule that have opened since it went blind are marked, too."""
    if unseen is None:
        see_again(desk, case, series)
    else:
        go_blind(desk, case, series, unseen)
    return replace(series, doubt=unseen)


def _remind(desk: Desk, case: Case) -> None:
    if reminds_resolver(case.incident, firing=case.firing):
        case.apply(lifecycle.still_firing(case.incident, firing=case.firing, by=SYSTEM, now=desk.now))


def _peak(before: float | None, told: float | None) -> float | None:
    if before is None or told is None:
        return told if before is None else before
    return told if abs(told) > abs(before) else before


def _burn(desk: Desk, case: Case, before: Series | None, alert: Alert, delivery_id: int, reason: Reason) -> None:
    """The series fires in this incident from now on."""
    known = before if before is not None and before.incident_id == case.incident.id else None
    series = _new_series(desk, case, known, alert, delivery_id)
    desk.keep(series)
    if known is None:
        case.series += 1
    if not series.is_blind:
        _count_firing(case, known)
        if reason is not Reason.OPENED:
            data = {"series": series.name, "value": alert.value}
            told = lifecycle.series_event(case.incident, EventKind.SERIES_FIRING, by=SYSTEM, now=desk.now, data=data)
            say(desk, case, told)
        _raise_severity(desk, case, alert)
    if series.doubt is not None:
        go_blind(desk, case, series, series.doubt)
    elif known is not None and known.is_firing and known.doubt is not None:
        see_again(desk, case, known)


def _merged_from(desk: Desk, case: Case, known: Series | None, alert: Alert) -> int | None:
    """The merged incident that it is of, and would have come to if people had not merged it into this one."""
    if known is not None:
        return known.merged_from_id
    alias = desk.aliases.get(alert.incident_key)
    return alias.merged_id if alias is not None and alias.incident_id == case.incident.id else None


def _count_firing(case: Case, known: Series | None) -> None:
    """One more fires. One that ended in this episode, and in doubt, takes its doubt back."""
    if known is not None and known.is_firing and not known.is_blind:
        return
    case.firing += 1
    if known is not None and known.ended_episode == case.incident.episode:
        case.doubt(known.doubt, -1)


def _new_series(desk: Desk, case: Case, known: Series | None, alert: Alert, delivery_id: int) -> Series:
    """``known``: its newest row, where that is of this incident already. It is overwritten."""
    told = alert.told
    values = {
        "key": alert.series_key,
        "incident_id": case.incident.id,
        "source": alert.source,
        "rule_uid": told.rule_uid,
        "fingerprint": told.fingerprint,
        "name": cut(series_name(told.labels, desk.policy.labels.series, alert.place, told.fingerprint), _LONGEST_NAME),
        "status": AlertStatus.FIRING,
        "starts_at": alert.starts_at,
        "ends_at": None,
        "value_fired": alert.value,
        "value_peak": alert.value,
        "value_now": alert.value,
        "summary": told.summary,
        "links": told.links,
        "last_delivery_id": delivery_id,
        "last_alert_at": desk.now,
        "is_blind": told.kind.is_blindness and case.incident.kind is AlertKind.DATA,
        "doubt": blindness(told),
        "merged_from_id": _merged_from(desk, case, known, alert),
        "ended_episode": None,
        "id": known.id if known is not None else None,
    }
    return made(Series, values)


def _unless_overtaken(desk: Desk, case: Case, alert: Alert, reason: Reason) -> Reason:
    """Its end may have been told before its beginning: then it is over already."""
    orphan = desk.orphans.get(alert.series_key)
    if orphan is None or orphan.starts_at < alert.starts_at or alert.told.starts_at is None:
        return reason
    end_series(desk, case, desk.series[alert.series_key], ended_at=orphan.ends_at, doubt=None)
    return Reason.OVERTAKEN
