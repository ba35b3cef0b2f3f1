"""Does an alert that fires bring a resolved incident back?"""

from datetime import timedelta

from incidents.model import Incident, Status
from incidents.rules.reopen import reopens, reopens_until
from tests.building import an_incident, minutes

WINDOW = timedelta(minutes=10)


def closed(**given: object) -> Incident:
    return an_incident(status=Status.RESOLVED, resolved_time=minutes(20), **given)


def test_it_reopens_within_the_window_its_last_instant_included() -> None:
    assert reopens(closed(), now=minutes(20), window=WINDOW)
    assert reopens(closed(), now=minutes(30), window=WINDOW)


def test_after_the_window_it_stays_closed() -> None:
    assert not reopens(closed(), now=minutes(30) + timedelta(microseconds=1), window=WINDOW)


def test_the_window_counts_from_resolving_and_is_told_to_people() -> None:
    assert reopens_until(closed(), WINDOW) == minutes(30)


def test_what_is_open_does_not_reopen() -> None:
    assert reopens_until(an_incident(), WINDOW) is None
    assert not reopens(an_incident(), now=minutes(0), window=WINDOW)


def test_what_was_merged_away_does_not_reopen() -> None:
    assert not reopens(closed(merged_into_id=3), now=minutes(21), window=WINDOW)
