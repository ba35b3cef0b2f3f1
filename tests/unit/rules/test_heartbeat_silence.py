"""What is to be told of a heartbeat."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incidents.heartbeats.model import Pulse
from incidents.rules.heartbeat_silence import Turn, our_own_silence, turn
from tests.building import T0, minutes

HEARD = Pulse("a", timedelta(minutes=10), T0, minutes(10), last_seen_at=T0)
NEVER = replace(HEARD, last_seen_at=None)
SILENT = replace(HEARD, silent_since=minutes(10), told_at=minutes(10))
BACK = replace(SILENT, last_seen_at=minutes(12), expected_by=minutes(22))


@pytest.mark.parametrize(
    ("pulse", "at", "told"),
    [
        (HEARD, 9.99, None),
        (HEARD, 10, Turn.BEGAN),
        (NEVER, 9.99, None),
        (NEVER, 10, Turn.BEGAN),
        (SILENT, 11, None),
        (SILENT, 69.99, None),
        (SILENT, 70, Turn.LASTS),
        (BACK, 12, Turn.ENDED),
        (BACK, 500, Turn.ENDED),
    ],
)
def test_silence_begins_lasts_and_ends(pulse: Pulse, at: float, told: Turn | None) -> None:
    assert turn(pulse, now=minutes(at)) is told


def test_a_beat_that_was_written_after_the_silence_was_ends_it_though_it_was_heard_before() -> None:
    crossing = replace(SILENT, last_seen_at=minutes(9.9), expected_by=minutes(19.9))
    assert turn(crossing, now=minutes(11)) is Turn.ENDED


@pytest.mark.parametrize(("away", "counted"), [(0, 0), (0.5, 0), (0.6, 0.6), (60, 60), (-1, 0)])
def test_our_own_silence_is_what_is_longer_than_any_tick(away: float, counted: float) -> None:
    assert our_own_silence(T0, now=minutes(away)) == timedelta(minutes=counted)
