"""Which alerts of a batch open an incident? Played once on a copy of the desk, where nothing is written.

Whether what says that a rule can't see opens an incident of its own depends on how all the alerts before it leave the
rule's incidents; and so it does where so many are open that there may be no room for one more. That is what taking them
finds out, so they are taken twice. Only batches with such alerts are.
"""

from collections.abc import Sequence

from incidents import lifecycle
from incidents.ingest.dating import dated
from incidents.ingest.desk import Case, Desk
from incidents.ingest.ending import end
from incidents.ingest.firing import fire, home_of, is_news
from incidents.ingest.opening import Opening, new_incident, opening_of
from incidents.model import SYSTEM, Alert, Incident, Status

_NOT_YET = 2**62
"""Ids from here on are of incidents that are yet to open: newer than all others."""


def rehearse(desk: Desk, alerts: Sequence[Alert]) -> list[Opening]:
    """The incidents which are not on the desk that are needed, in the order in which they open."""
    stage, wanted = _copy(desk), list[Opening]()
    for alert in (dated(stage, one) for one in alerts):
        is_new = alert.is_firing and is_news(stage, alert)
        opens = is_new and home_of(stage, alert) is None
        if opens:
            wanted.append(opening_of(alert, stage.crowding(alert.told.rule_uid)))
            stage.add_case(_imagined(stage, wanted[-1], _NOT_YET + len(wanted) - 1))
        case, _ = fire(stage, alert, 0) if alert.is_firing else end(stage, alert, 0)
        if case is not None:
            case.counted += 1
            if is_new and not opens and case.is_new:
                wanted[case.incident.id - _NOT_YET].alerts.append(alert)
    return wanted


def _copy(desk: Desk) -> Desk:
    copy = Desk(now=desk.now, policy=desk.policy, series=dict(desk.series), orphans=dict(desk.orphans))
    copy.episodes = dict(desk.episodes)
    copy.aliases = dict(desk.aliases)
    copy.is_rehearsed = desk.is_rehearsed
    copy.room = desk.room.copy() if desk.room is not None else None
    copy.blinders = {rule_uid: dict(of_rule) for rule_uid, of_rule in desk.blinders.items()}
    for case in desk.cases.values():
        copy.add_case(Case(case.incident))
    return copy


def _imagined(desk: Desk, opening: Opening, incident_id: int) -> Case:
    new = new_incident(opening, desk.policy.limits)
    incident = Incident(
        id=incident_id,
        number=0,
        incident_key=new.incident_key,
        title=new.title,
        status=Status.ACTIVE,
        severity=new.severity,
        source=new.source,
        rule_uid=new.rule_uid,
        alert_name=new.alert_name,
        place=new.place,
        start_time=new.start_time,
        last_alert_time=desk.now,
        episode=1,
        version=1,
        kind=new.kind,
        is_overflow=new.is_overflow,
    )
    case = Case(incident, is_new=True)
    case.apply(lifecycle.opened(incident, by=SYSTEM, now=desk.now, data={}))
    return case
