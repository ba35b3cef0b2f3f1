"""Whom can a reminder mention?"""

import pytest

from incidents.model import SYSTEM, Actor
from incidents.rules.mention import mention
from tests.building import ALICE


def test_people_in_slack() -> None:
    assert mention(str(ALICE)) == "U0ALICE"
    assert mention("W012A3CDE") == "W012A3CDE"


@pytest.mark.parametrize("actor", [None, str(SYSTEM), str(Actor("key", "ci")), "cli", "U0ALICE> <!channel", ""])
def test_nobody_else(actor: str | None) -> None:
    assert mention(actor) is None
