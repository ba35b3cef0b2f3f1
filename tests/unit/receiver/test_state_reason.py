"""Why is Grafana's state what it is?"""

import pytest

from incidents.model import Resolution
from receiver.sources.state_reason import state_reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NoData", Resolution.NO_DATA),
        ("Error", Resolution.SOURCE_ERROR),
        ("MissingSeries", Resolution.SERIES_MISSING),
        ("Paused", Resolution.PAUSED),
        ("RuleDeleted", Resolution.RULE_DELETED),
        ("Updated", Resolution.RULE_CHANGED),
        ("NoData, KeepLast", Resolution.NO_DATA),
        ("KeepLast,Error", Resolution.SOURCE_ERROR),
        (" nodata ", Resolution.NO_DATA),
        ("Paused, Updated", Resolution.PAUSED),
    ],
)
def test_the_first_known_word_counts(text: str, reason: Resolution) -> None:
    assert state_reason({"grafana_state_reason": text}) is reason


@pytest.mark.parametrize("text", ["", "KeepLast", "NoData2", "No Data", ",", "Recovered"])
def test_an_unknown_word_says_nothing(text: str) -> None:
    assert state_reason({"grafana_state_reason": text}) is None


def test_without_the_annotation_there_is_none() -> None:
    assert state_reason({"summary": "NoData"}) is None
