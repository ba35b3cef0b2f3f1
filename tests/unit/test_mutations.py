"""What `make mutations` takes out is still there, and so are the tests that must then fail."""

import re

import pytest

from tests.guards import GUARDS, ROOT, Guard


@pytest.mark.parametrize("guard", GUARDS, ids=[guard.name for guard in GUARDS])
def test_what_takes_a_guard_out_matches_once_and_its_tests_are_there(guard: Guard) -> None:
    assert [edit.matches for edit in guard.edits] == [1] * len(guard.edits)
    for test in guard.tests:
        path, name = re.sub(r"\[.*", "", test).split("::")
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), test


def test_each_guard_has_a_name_of_its_own_and_a_test() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
    assert all(guard.tests and guard.edits for guard in GUARDS)
