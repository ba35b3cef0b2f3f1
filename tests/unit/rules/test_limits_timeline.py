import pytest

from incidents.policy import Limits
from incidents.rules.limits_timeline import tells
from tests.building import an_incident


@pytest.mark.parametrize(("events", "told"), [(0, True), (4, True), (5, False), (6, False)])
def test_a_timeline_has_room_up_to_the_limit(events: int, told: bool) -> None:
    assert tells(an_incident(event_count=events), Limits(timeline=5)) is told
