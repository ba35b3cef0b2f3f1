"""Durations as people write them."""

from datetime import timedelta

import pytest

from bongsu.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("10m", 600), ("12h", 43_200), ("90d", 7_776_000), ("2w", 1_209_600), (" 5 m ", 300)],
)
def test_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "90", "d", "-1d", "1.5h", "1y", "10 minutes", "1h30m", "٣d"])
def test_anything_else_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration: write a whole number and one of s, m, h, d, w"):
        parse_duration(text)


def test_what_no_clock_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than anything lasts"):
        parse_duration("9" * 30 + "d")
