"""Does a label tell a deployment phase?"""

import pytest

from incidents.rules.phase import is_phase


@pytest.mark.parametrize("value", ["prod", "Production", "STAGING", "dev", "qa", "real", "canary"])
def test_environments_are_phases_in_any_case(value: str) -> None:
    assert is_phase(value)


@pytest.mark.parametrize("value", ["Running", "Pending", "Failed", "Succeeded", "Unknown", "", "prod-a"])
def test_what_a_pod_goes_through_is_none(value: str) -> None:
    assert not is_phase(value)


def test_a_team_adds_its_own_names() -> None:
    assert is_phase("KR-Live", {"kr-live"})
    assert is_phase("prod", {"kr-live"})
    assert not is_phase("Pending", {"kr-live"})
