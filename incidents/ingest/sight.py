"""Keeping the book of what can't be seen: which rules are blind, and which of their incidents are marked so."""

from incidents import lifecycle
from incidents.ingest.closing import close_if_over
from incidents.ingest.desk import Case, Desk
from incidents.ingest.saying import say
from incidents.model import SYSTEM, AlertKind, Incident, Resolution, Series


def blinds_all(series: Series, incident: Incident) -> bool:
    """Whether a series that fires in doubt says it of its rule, rather than of its own incident alone."""
    return series.is_blind or incident.kind is not AlertKind.DATA


def go_blind(desk: Desk, case: Case, series: Series, why: Resolution) -> None:
    """The series, which fires in this case, says that its rule can't see."""
    all_of_rule = blinds_all(series, case.incident)
    desk.blinders.setdefault(series.rule_uid, {})[series.key] = None if all_of_rule else case.incident.id
    for blinded in desk.open_of_rule(series.rule_uid) if all_of_rule else [case]:
        if blinded.incident.blind_since is None and blinded.incident.is_open:
            say(desk, blinded, lifecycle.go_blind(blinded.incident, reason=why, by=SYSTEM, now=desk.now))


def see_again(desk: Desk, case: Case, series: Series) -> None:
    """The series, which is in this case, says so no more. What only blindness held open is closed."""
    blinders = desk.blinders.get(series.rule_uid, {})
    blinders.pop(series.key, None)
    if None in blinders.values():
        return
    blinded = list(desk.open_of_rule(series.rule_uid)) if blinds_all(series, case.incident) else [case]
    for seeing in blinded:
        if seeing.incident.blind_since is not None and seeing.incident.id not in blinders.values():
            say(desk, seeing, lifecycle.see_again(seeing.incident, by=SYSTEM, now=desk.now))
            close_if_over(desk, seeing)
