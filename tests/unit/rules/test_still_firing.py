"""An incident that somebody closed is told to fire still: must they hear of it?"""

from typing import Any

import pytest

from incidents.model import Resolution, Status
from incidents.rules.still_firing import reminds_resolver
from tests.building import an_incident, minutes

CLOSED: dict[str, Any] = {"status": Status.RESOLVED, "resolution": Resolution.MANUAL, "episode": 2}


@pytest.mark.parametrize(
    ("given", "firing", "reminds"),
    [
        ({}, 1, True),
        ({"reminded_episode": 1}, 1, True),
        ({"reminded_episode": 2}, 1, False),
        ({}, 0, False),
        ({"resolution": Resolution.RECOVERED}, 1, False),
        ({"resolution": Resolution.MERGED}, 1, False),
        ({"is_noise": True, "resolution": Resolution.NOISE}, 1, False),
        ({"is_noise": True}, 1, False),
        ({"snoozed_until": minutes(90)}, 1, False),
    ],
)
def test_who_closed_it_by_hand_hears_of_it_once_for_the_episode(
    given: dict[str, Any], firing: int, reminds: bool
) -> None:
    assert reminds_resolver(an_incident(**{**CLOSED, **given}), firing=firing) is reminds
