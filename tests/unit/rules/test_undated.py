"""When did an alert begin whose sender never tells it?"""

from datetime import timedelta

from incidents.model import AlertStatus
from incidents.rules.undated import begun_at
from tests.building import T0, a_series, minutes

INSTANT = timedelta(microseconds=1)
ENDED = a_series(status=AlertStatus.RESOLVED, ends_at=minutes(5))


def test_an_unknown_one_begins_now() -> None:
    assert begun_at(None, is_firing=True, now=minutes(9)) == minutes(9)
    assert begun_at(None, is_firing=False, now=minutes(9)) == minutes(9)


def test_while_it_fires_it_keeps_its_start_and_an_end_ends_that() -> None:
    assert begun_at(a_series(), is_firing=True, now=minutes(9)) == T0
    assert begun_at(a_series(), is_firing=False, now=minutes(9)) == T0


def test_after_its_end_it_fires_anew_strictly_after_it() -> None:
    assert begun_at(ENDED, is_firing=True, now=minutes(9)) == minutes(9)
    assert begun_at(ENDED, is_firing=True, now=minutes(5)) == minutes(5) + INSTANT
    assert begun_at(ENDED, is_firing=True, now=minutes(2)) == minutes(5) + INSTANT


def test_an_end_is_told_again_of_the_firing_that_it_ended() -> None:
    assert begun_at(ENDED, is_firing=False, now=minutes(9)) == T0


def test_an_end_before_its_beginning_does_not_turn_time_back() -> None:
    odd = a_series(status=AlertStatus.RESOLVED, starts_at=minutes(8), ends_at=minutes(3))
    assert begun_at(odd, is_firing=True, now=minutes(4)) == minutes(8) + INSTANT
