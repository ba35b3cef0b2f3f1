"""Does a firing alert tell what its rule sees, or that it can't see?"""

from dataclasses import replace

import pytest

from incidents.model import AlertKind, Resolution
from incidents.rules.blindness import blindness
from tests.building import because, cannot_see, firing


def test_what_a_rule_measures_is_no_blindness() -> None:
    assert blindness(firing()) is None
    assert blindness(replace(firing(), kind=AlertKind.TEST)) is None


def test_no_data_and_errors_say_so_by_their_kind() -> None:
    assert blindness(cannot_see()) is Resolution.NO_DATA
    assert blindness(cannot_see(kind=AlertKind.ERROR)) is Resolution.SOURCE_ERROR


@pytest.mark.parametrize("reason", [Resolution.NO_DATA, Resolution.SOURCE_ERROR])
def test_a_rule_that_fires_without_data_says_so_by_its_reason(reason: Resolution) -> None:
    assert blindness(because(reason, firing())) is reason


def test_another_reason_is_no_blindness() -> None:
    assert blindness(because(Resolution.RULE_CHANGED, firing())) is None


def test_two_kinds_of_alerts_say_that_a_rule_cannot_see() -> None:
    assert [kind for kind in AlertKind if kind.is_blindness] == [AlertKind.NO_DATA, AlertKind.ERROR]
