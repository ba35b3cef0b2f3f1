"""Nothing was heard of an open incident for too long: is it closed, or is somebody asked?"""

from datetime import timedelta

from incidents.model import AlertKind, Incident, Severity, Status
from incidents.reasons import Reason
from incidents.rules.stale import heard_at, stale_at, staleness
from tests.building import T0, an_incident, minutes

AFTER = timedelta(minutes=100)


def judged(incident: Incident, minute: float) -> Reason | None:
    return staleness(incident, now=minutes(minute), stale_after=AFTER)


def test_below_critical_it_is_closed_when_its_time_is_over() -> None:
    assert judged(an_incident(), 99.9) is None
    assert judged(an_incident(severity=Severity.ERROR), 100) is Reason.STALE


def test_a_critical_one_is_asked_about_once_for_each_silence() -> None:
    critical = {"severity": Severity.CRITICAL}
    assert judged(an_incident(**critical), 100) is Reason.SILENT
    assert judged(an_incident(**critical, asked_at=minutes(100)), 500) is None
    heard_since = an_incident(**critical, asked_at=minutes(100), last_alert_time=minutes(120))
    assert judged(heard_since, 219) is None
    assert judged(heard_since, 220) is Reason.SILENT


def test_one_that_can_not_see_is_asked_about() -> None:
    assert judged(an_incident(blind_since=T0), 100) is Reason.SILENT


def test_a_snooze_is_kept_to_its_end() -> None:
    snoozed = an_incident(snoozed_until=minutes(300))
    assert judged(snoozed, 299) is None
    assert judged(snoozed, 300) is Reason.STALE
    assert stale_at(an_incident(snoozed_until=minutes(5)), now=T0, stale_after=AFTER) == minutes(100)


def test_a_test_and_what_is_closed_are_never_stale() -> None:
    assert judged(an_incident(kind=AlertKind.TEST), 999) is None
    assert judged(an_incident(status=Status.RESOLVED), 999) is None


def test_who_opened_it_by_hand_was_heard_of_but_a_start_in_the_future_was_not() -> None:
    by_hand = an_incident(start_time=minutes(60))
    assert heard_at(by_hand, now=minutes(61)) == minutes(60)
    assert heard_at(by_hand, now=minutes(59)) == T0
