"""When does a critical incident come back that was closed by hand while it fired?"""

from typing import Any

import pytest

from incidents.model import Resolution, Severity, Status
from incidents.rules.critical_still_firing import comes_back_at
from tests.building import an_incident, minutes

CLOSED: dict[str, Any] = {
    "status": Status.RESOLVED,
    "resolution": Resolution.MANUAL,
    "resolved_time": minutes(20),
    "severity": Severity.CRITICAL,
    "firing": 2,
}


def test_half_an_hour_after_it_was_closed() -> None:
    assert comes_back_at(an_incident(**CLOSED)) == minutes(50)


def test_what_is_snoozed_comes_back_after_that() -> None:
    assert comes_back_at(an_incident(**CLOSED, snoozed_until=minutes(200))) == minutes(200)
    assert comes_back_at(an_incident(**CLOSED, snoozed_until=minutes(30))) == minutes(50)


@pytest.mark.parametrize(
    "given",
    [
        {"severity": Severity.ERROR},
        {"firing": 0},
        {"is_noise": True},
        {"merged_into_id": 3},
        {"resolution": Resolution.STALE},
        {"status": Status.ACTIVE, "resolution": None, "resolved_time": None},
    ],
)
def test_never_where_it_is_not_that(given: dict[str, Any]) -> None:
    assert comes_back_at(an_incident(**{**CLOSED, **given})) is None
