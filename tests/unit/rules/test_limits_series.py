import pytest

from incidents.model import Status
from incidents.policy import Limits
from incidents.rules.limits_series import BLIND_RESERVE, follows
from tests.building import an_incident, minutes

LIMITS = Limits(series_per_incident=10)
CLOSED = an_incident(status=Status.RESOLVED, resolved_time=minutes(5))


@pytest.mark.parametrize(("series", "followed"), [(0, True), (9, True), (10, False), (11, False)])
def test_up_to_the_limit_each_series_is_followed(series: int, followed: bool) -> None:
    assert follows(an_incident(), series=series, is_blindness=False, limits=LIMITS) is followed


@pytest.mark.parametrize(("more", "followed"), [(0, True), (BLIND_RESERVE - 1, True), (BLIND_RESERVE, False)])
def test_blindness_has_a_reserve_which_ends_too(more: int, followed: bool) -> None:
    assert follows(an_incident(), series=10 + more, is_blindness=True, limits=LIMITS) is followed


def test_what_opens_it_again_is_always_followed() -> None:
    assert follows(CLOSED, series=10, is_blindness=False, limits=LIMITS)
