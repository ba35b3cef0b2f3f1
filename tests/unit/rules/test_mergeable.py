"""May one incident be merged into another?"""

import pytest

from incidents.model import AlertKind, Resolution, Status
from incidents.rules.mergeable import Obstacle, obstacle
from tests.building import T0, an_incident

CHILD = an_incident(id=1)
PARENT = an_incident(id=2)
CLOSED = {"status": Status.RESOLVED, "resolved_time": T0, "resolution": Resolution.RECOVERED}


def test_two_open_ones_may() -> None:
    assert obstacle(CHILD, into=PARENT) is None


@pytest.mark.parametrize(
    ("merged", "into", "why"),
    [
        (CHILD, CHILD, Obstacle.ITSELF),
        (an_incident(id=1, merged_into_id=9, **CLOSED), PARENT, Obstacle.MERGED_ALREADY),
        (CHILD, an_incident(id=2, merged_into_id=9, **CLOSED), Obstacle.INTO_MERGED),
        (an_incident(id=1, kind=AlertKind.TEST), PARENT, Obstacle.TEST),
        (CHILD, an_incident(id=2, kind=AlertKind.TEST), Obstacle.TEST),
        (an_incident(id=1, **CLOSED), PARENT, Obstacle.RESOLVED),
        (CHILD, an_incident(id=2, **CLOSED), Obstacle.INTO_RESOLVED),
    ],
)
def test_what_makes_no_sense_has_a_name(merged: object, into: object, why: Obstacle) -> None:
    assert obstacle(merged, into=into) is why  # type: ignore[arg-type]
