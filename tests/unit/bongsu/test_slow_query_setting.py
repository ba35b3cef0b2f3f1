"""From when on a statement is slow."""

from datetime import timedelta
from pathlib import Path

import pytest

from bongsu.settings import read_settings
from incidents.errors import InvalidInput


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no ``bongsu.yaml`` is."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("told", "meant"), [("", timedelta(milliseconds=500)), ("250", timedelta(milliseconds=250)), ("0", None)]
)
def test_it_is_read_in_milliseconds(told: str, meant: timedelta | None) -> None:
    assert read_settings({"BONGSU_SLOW_QUERY_MS": told}).slow_query == meant


@pytest.mark.parametrize("told", ["0.5", "-1", "500ms", "60001"])
def test_a_mistake_says_what_to_write(told: str) -> None:
    with pytest.raises(InvalidInput, match=r"BONGSU_SLOW_QUERY_MS.*write a whole number from 0 to 60000"):
        read_settings({"BONGSU_SLOW_QUERY_MS": told})
