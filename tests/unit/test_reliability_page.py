"""docs/reliability.md names tests that there are, and every failpoint."""

import re
from pathlib import Path

from base.failpoints import Failpoint

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
FAULTS = PAGE.partition("## Every fault")[2]


def test_every_test_that_it_names_is_there() -> None:
    named = re.findall(r"`([a-z_/]+\.py)::(test_[a-z_0-9]+)`", PAGE)
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"^(async )?def {name}\(", (ROOT / "tests" / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(named) > 30
    assert missing == []


def test_every_failpoint_is_in_its_list_of_faults() -> None:
    assert [name for name in Failpoint if f"`{name}`" not in FAULTS] == []


def test_all_thirty_two_faults_are_in_it() -> None:
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", FAULTS, re.MULTILINE)] == list(range(1, 33))
