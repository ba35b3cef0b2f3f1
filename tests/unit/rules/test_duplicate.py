"""Has this very body been taken a moment ago, and nothing else been heard since?"""

from dataclasses import replace
from datetime import timedelta

from incidents.arrivals import SeenBody
from incidents.rules.duplicate import AT_LEAST_EACH, is_duplicate
from tests.building import T0, a_series

WINDOW = timedelta(seconds=60)
SEEN = SeenBody(delivery_id=1, request_id="r", last_seen_at=T0, taken_at=T0)
SILENT = [a_series(last_delivery_id=1), a_series(last_delivery_id=1)]


def test_the_same_body_within_a_minute_is_a_duplicate() -> None:
    assert is_duplicate(SEEN, SILENT, now=T0 + WINDOW, window=WINDOW)


def test_a_body_never_seen_is_none() -> None:
    assert not is_duplicate(None, SILENT, now=T0, window=WINDOW)


def test_after_the_window_it_is_taken_again() -> None:
    assert not is_duplicate(SEEN, SILENT, now=T0 + WINDOW + timedelta(microseconds=1), window=WINDOW)


def test_something_different_from_one_of_its_series_in_between_makes_it_news() -> None:
    heard = [a_series(last_delivery_id=1), a_series(last_delivery_id=2)]
    assert not is_duplicate(SEEN, heard, now=T0, window=WINDOW)


def test_one_that_is_repeated_all_the_time_is_heard_once_an_hour() -> None:
    now = T0 + AT_LEAST_EACH
    repeated = replace(SEEN, last_seen_at=now)
    assert is_duplicate(repeated, SILENT, now=now, window=WINDOW)
    assert not is_duplicate(repeated, SILENT, now=now + timedelta(microseconds=1), window=WINDOW)


def test_a_body_whose_series_are_all_unknown_is_judged_by_its_age_alone() -> None:
    assert is_duplicate(SEEN, [], now=T0, window=WINDOW)
