"""The pages that explain the card and lead through the demo show every picture that is taken, and no other."""

import re
from pathlib import Path

from tests.screenshots import timeline, views
from tests.screenshots.cards import FOLDER, QUESTIONS, SHOWN, forms
from tests.unit.bot.states import STATES

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "the-card.md"
APPROVALS = PAGE.parents[1] / "how-to" / "approvals.md"
LARGEST = 150_000
"""Bytes."""
LEFT_OUT = {"acknowledged-assigned", "korean", "why-quiet"}
"""Taken to be looked at alone."""


def test_every_picture_is_there_and_told_of() -> None:
    told = set(re.findall(r"images/cards/([a-z-]+)\.png", PAGE.read_text(encoding="utf-8")))
    taken = {*SHOWN, *forms()}
    assert told == taken - LEFT_OUT
    questions = {f"approval-{name}" for name in QUESTIONS}
    assert {path.stem for path in FOLDER.glob("*.png")} == taken | questions
    shown_there = re.findall(r"images/cards/(approval-[a-z-]+)\.png", APPROVALS.read_text(encoding="utf-8"))
    assert questions == set(shown_there)
    assert set(SHOWN) <= set(STATES)


def test_the_tour_shows_every_view() -> None:
    told = re.findall(r"images/(view-[a-z-]+)\.png", (PAGE.parents[1] / "quickstart.md").read_text(encoding="utf-8"))
    assert sorted(told) == sorted(views.SHOWN)
    assert {path.stem for path in views.FOLDER.glob("view-*.png")} == set(views.SHOWN)
    assert [path.name for path in views.FOLDER.glob("view-*.png") if path.stat().st_size > LARGEST] == []


def test_the_timeline_is_drawn_as_escalation_is_planned() -> None:
    assert timeline.PICTURE.read_text(encoding="utf-8") == timeline.drawn()
    assert timeline.PICTURE.name in (PAGE.parents[1] / "how-to" / "escalation.md").read_text(encoding="utf-8")
