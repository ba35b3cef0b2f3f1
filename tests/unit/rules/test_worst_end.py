"""How did an incident end whose series ended in different ways?"""

import pytest

from incidents.model import Resolution
from incidents.rules.worst_end import WORST_FIRST, worst_end


def test_without_doubts_it_is_recovered() -> None:
    assert worst_end({}) is Resolution.RECOVERED
    assert worst_end({Resolution.NO_DATA: 0}) is Resolution.RECOVERED


@pytest.mark.parametrize("place", range(len(WORST_FIRST)))
def test_the_worst_stands_for_all_however_many_the_others_are(place: int) -> None:
    doubts = dict.fromkeys(reversed(WORST_FIRST[place + 1 :]), 9) | {WORST_FIRST[place]: 1}
    assert worst_end(doubts) is WORST_FIRST[place]


def test_what_nobody_did_comes_before_what_somebody_did() -> None:
    assert [one.value for one in WORST_FIRST] == [
        "source_error", "no_data", "series_missing", "rule_deleted", "rule_changed", "paused",
    ]  # fmt: skip
