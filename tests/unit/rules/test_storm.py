from datetime import timedelta

import pytest

from incidents.policy import StormPolicy
from incidents.rules.storm import begins, is_over
from tests.building import minutes

POLICY = StormPolicy(above=10, calm=timedelta(minutes=2))
OFF = StormPolicy(above=0)


@pytest.mark.parametrize(("count", "policy", "does"), [(10, POLICY, False), (11, POLICY, True), (1000, OFF, False)])
def test_it_begins_above_the_rate(count: int, policy: StormPolicy, does: bool) -> None:
    assert begins(count, policy) is does


@pytest.mark.parametrize(("passed", "over"), [(1.9, False), (2, True)])
def test_it_is_over_after_the_calm(passed: float, over: bool) -> None:
    assert is_over(minutes(0), POLICY, now=minutes(passed)) is over


def test_turned_off_it_is_over_at_once() -> None:
    assert is_over(minutes(0), OFF, now=minutes(0))
