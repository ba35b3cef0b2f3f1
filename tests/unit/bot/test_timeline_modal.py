"""The form of "Add to incident", and what comes back with it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.blocks.timeline_modal import Where, read_where, read_words, timeline_modal
from incidents.threads import LONGEST_TEXT, Spoken
from sandbox.blockkit import problems_in_view
from tests.unit.bot.samples import BOB, an_incident
from tests.unit.bot.snapshots import expect_view

SAID = Spoken("C0GENERAL", "1700000000.000002", BOB, "I rolled back\nbuild 9")
HOSTILE = "<!channel> *b* \u202e한국어 🔥 " + "x&<" * 1000


def form(said: Spoken = SAID, **given: Any) -> dict[str, Any]:
    incident = an_incident()
    asked = {"thread_ts": "", "incidents": [incident], "chosen": None, "is_private": False}
    return timeline_modal(said, **{**asked, **given})


def test_the_form_as_it_was_looked_at() -> None:
    expect_view("modal-add-to-incident", form(chosen=an_incident(), thread_ts="1700000000.000001"))


def test_slack_takes_it_at_its_extremes() -> None:
    many = [an_incident(id=number, number=10**9 + number, title=HOSTILE[:500]) for number in range(100)]
    said = replace(SAID, text=HOSTILE[:LONGEST_TEXT], author="app:" + HOSTILE[:124], is_clipped=True, files=999)
    view = form(said, incidents=many, chosen=many[99], is_private=True)
    assert problems_in_view(view) == []
    assert problems_in_view(form(replace(SAID, text="", files=1), incidents=[an_incident(title="")])) == []


@pytest.mark.parametrize("text", ["I rolled back\nbuild 9", "a & <b> :fire:", "x" * LONGEST_TEXT])
def test_what_was_seen_comes_back(text: str) -> None:
    view = form(replace(SAID, text=text, is_clipped=True, files=2), thread_ts="1.1")
    assert read_words(view) == text
    told = Where("C0GENERAL", "1700000000.000002", "1.1", BOB, is_clipped=True, files=2)
    assert read_where(view["private_metadata"]) == told


@pytest.mark.parametrize("private_metadata", ["", "{}", "[]", "null", '["C1"]', '["C1","1.1","","U0BOB",false,"many"]'])
def test_a_form_of_another_version_is_not_read(private_metadata: str) -> None:
    assert read_where(private_metadata) is None


def test_without_words_there_is_nothing_to_read() -> None:
    assert read_words(form(replace(SAID, text="", files=1))) == ""
