"""When must the clock look at an incident next?"""

from datetime import datetime, timedelta

from incidents.model import AlertKind, Incident, Resolution, Severity, Status
from incidents.rules.next_check import next_check
from tests.building import T0, an_acknowledged, an_incident, minutes

AFTER = timedelta(minutes=100)
SECOND = timedelta(seconds=1)


def due(incident: Incident, minute: float = 0) -> datetime | None:
    return next_check(incident, now=minutes(minute), stale_after=AFTER)


def test_an_open_one_when_its_silence_is_too_long() -> None:
    assert due(an_incident()) == minutes(100)


def test_the_earliest_of_all_that_may_become_due() -> None:
    assert due(an_acknowledged(confirm_by=minutes(5))) == minutes(5)
    assert due(an_incident(flapping=True)) == minutes(15)
    assert due(an_incident(flapping=True, firing=1)) == minutes(100)
    assert due(an_acknowledged(confirm_by=minutes(20), flapping=True)) == minutes(15)
    assert due(an_incident(kind=AlertKind.TEST)) == T0 + timedelta(seconds=15)


def test_the_end_of_a_snooze_whether_it_is_open_or_not() -> None:
    assert due(an_incident(snoozed_until=minutes(40))) == minutes(40)
    closed = {"status": Status.RESOLVED, "resolution": Resolution.MANUAL, "resolved_time": T0, "firing": 1}
    assert due(an_incident(**closed, snoozed_until=minutes(40))) == minutes(40)
    assert due(an_incident(**closed, snoozed_until=minutes(40), severity=Severity.CRITICAL)) == minutes(40)
    assert due(an_incident(**closed, snoozed_until=minutes(10), severity=Severity.CRITICAL)) == minutes(10)


def test_one_that_was_asked_about_is_looked_at_again() -> None:
    assert due(an_incident(asked_at=minutes(100), severity=Severity.CRITICAL), 100) == minutes(200)


def test_never_at_once_so_that_looking_comes_to_an_end() -> None:
    assert due(an_incident(), 500) == minutes(500) + SECOND


def test_a_closed_one_only_if_it_may_come_back() -> None:
    closed = {"status": Status.RESOLVED, "resolution": Resolution.MANUAL, "resolved_time": T0, "firing": 1}
    assert due(an_incident(**closed, severity=Severity.CRITICAL)) == minutes(30)
    assert due(an_incident(**closed, severity=Severity.CRITICAL), 30) is None
    assert due(an_incident(**closed)) is None


def test_the_end_of_a_request_for_a_second_person_whether_it_is_open_or_not() -> None:
    assert due(an_incident(approval_until=minutes(15))) == minutes(15)
    closed = {"status": Status.RESOLVED, "resolution": Resolution.RECOVERED, "resolved_time": T0}
    assert due(an_incident(**closed, approval_until=minutes(15))) == minutes(15)
