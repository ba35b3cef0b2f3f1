"""As many connections as the system allows, and the soft limit raised for them."""

import resource

import pytest

from bongsu import open_files
from bongsu.open_files import KEPT, connections_that_fit

Limits = tuple[int, int]


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[Limits]:
    """The last is what holds; each change is added."""
    told: list[Limits] = []
    monkeypatch.setattr(open_files.resource, "getrlimit", lambda _: told[-1])
    monkeypatch.setattr(open_files.resource, "setrlimit", lambda _, limits: told.append(limits))
    return told


@pytest.mark.parametrize(
    ("before", "after", "fit"),
    [
        pytest.param((100_000, 100_000), (100_000, 100_000), 5000, id="enough"),
        pytest.param((1024, 524_288), (5000 + KEPT, 524_288), 5000, id="the soft limit is raised"),
        pytest.param((1024, 4096), (4096, 4096), 4096 - KEPT, id="as far as it goes"),
        pytest.param((1024, 1024), (1024, 1024), 512, id="half of very few"),
        pytest.param((1024, resource.RLIM_INFINITY), (5000 + KEPT, resource.RLIM_INFINITY), 5000, id="a soft one only"),
        pytest.param((resource.RLIM_INFINITY,) * 2, (resource.RLIM_INFINITY,) * 2, 5000, id="no limit"),
    ],
)
def test_as_many_connections_as_fit(
    limits: list[Limits], before: Limits, after: Limits, fit: int, caplog: pytest.LogCaptureFixture
) -> None:
    limits.append(before)
    assert connections_that_fit(5000) == fit
    assert limits[-1] == after
    assert ("BONGSU_MAX_CONNECTIONS" in caplog.text) == (fit < 5000)
