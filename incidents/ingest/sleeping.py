"""Snoozes while alerts come: a new incident takes its key's over, and what is graver than that wakes."""

from incidents import lifecycle
from incidents.ingest.desk import Case, Desk
from incidents.model import SYSTEM
from incidents.reasons import Reason
from incidents.rules.snooze import hands_on, is_graver


def hand_snoozes_on(desk: Desk) -> None:
    """From older incidents of the keys of which one has opened, which hold them no more: each key has one snooze."""
    new = {case.incident.incident_key: case for case in desk.cases.values() if case.is_new and case.has_begun}
    if not new:
        return
    older = [case for case in desk.cases.values() if not case.is_new and case.incident.is_snoozed]
    for key in {case.incident.incident_key for case in older} & new.keys():
        of_key = [case for case in older if case.incident.incident_key == key]
        from_whom = hands_on((case.incident for case in of_key), now=desk.now)
        if from_whom is None:
            continue
        new[key].apply(lifecycle.take_snooze_over(new[key].incident, from_whom, by=SYSTEM, now=desk.now))
        for case in of_key:
            case.incident = lifecycle.without_snooze(case.incident)
            case.values_changed = True


def wake_if_graver(case: Case, desk: Desk) -> None:
    """Before its time. What is over stays quiet: if it comes back so grave, that wakes it."""
    if case.incident.is_open and is_graver(case.incident):
        case.apply(lifecycle.wake(case.incident, by=SYSTEM, now=desk.now, reason=Reason.GRAVER_THAN_SNOOZED))
