"""From rows to the domain's nouns."""

import pytest

from db import rows
from incidents.model import Episode, EventKind, Severity
from tests.building import T0


@pytest.mark.parametrize(
    ("written", "read"), [("noted", EventKind.NOTED), ("escalated_by_a_newer_version", EventKind.UNKNOWN)]
)
def test_what_a_newer_version_has_written_on_a_timeline_can_be_read(written: str, read: EventKind) -> None:
    row = {"id": 7, "at": T0, "actor": "system", "kind": written, "data": {"level": 3}, "episode": 1}
    event = rows.event(row)
    assert (event.kind, event.data) == (read, {"level": 3})


def test_what_no_member_of_an_enum_stands_for_is_refused() -> None:
    row = {**dict.fromkeys(Episode.__match_args__), "severity": "dire"}
    with pytest.raises(ValueError, match="'dire' is not a valid Severity"):
        rows.episode(row)
    assert rows.episode({**row, "severity": "error"}).severity is Severity.ERROR
