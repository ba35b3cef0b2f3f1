"""Durations as people write them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base.durations import parse_duration, written


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30s", timedelta(seconds=30)),
        ("90m", timedelta(minutes=90)),
        ("4h", timedelta(hours=4)),
        ("2d", timedelta(days=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("2w", timedelta(weeks=2)),
        (" 4h ", timedelta(hours=4)),
        ("4 h", timedelta(hours=4)),
        ("1h 30m", timedelta(minutes=90)),
        ("0s", timedelta(0)),
    ],
)
def test_a_number_with_its_unit_is_a_duration(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "told", ["", " ", "4", "h", "4H", "-4h", "1.5h", "12345678s", "30m1h", "4h!", "٤h", 90, None, [], {}]
)
def test_anything_else_is_refused_in_words(told: Any) -> None:
    with pytest.raises(ValueError, match="is no duration: write a number with its unit, such as 30s, 90m, 4h or 2d"):
        parse_duration(told)


@pytest.mark.parametrize("text", ["36501d", "9999999d", "9999999w"])
def test_what_nobody_can_mean_is_too_long(text: str) -> None:
    with pytest.raises(ValueError, match="is too long: 36500d are the most"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0s", "30s", "1h30m", "4h", "2d", "1d2h3m4s"])
def test_it_is_written_as_it_was_read(text: str) -> None:
    assert written(parse_duration(text)) == text


@settings(deadline=None)
@given(st.integers(0, 10**9))
def test_what_is_written_can_be_read(seconds: int) -> None:
    assert parse_duration(written(timedelta(seconds=seconds))) == timedelta(seconds=seconds)
