"""The page that explains the card shows every picture that is taken, and no other."""

import re
from pathlib import Path

from tests.screenshots.cards import FOLDER, SHOWN, forms
from tests.unit.bot.states import STATES

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "the-card.md"
LEFT_OUT = {"acknowledged-assigned", "korean", "why-quiet"}
"""Taken to be looked at alone."""


def test_every_picture_is_there_and_told_of() -> None:
    told = set(re.findall(r"images/cards/([a-z-]+)\.png", PAGE.read_text(encoding="utf-8")))
    taken = {*SHOWN, *forms()}
    assert told == taken - LEFT_OUT
    assert {path.stem for path in FOLDER.glob("*.png")} == taken
    assert set(SHOWN) <= set(STATES)
