import json
from dataclasses import replace

import pytest

from bot.blocks.clicks import (
    Do,
    Target,
    button_value,
    choice_value,
    option_value,
    read_button,
    read_choice,
    read_option,
)
from bot.blocks.modals import assign_modal, noise_modal, note_modal
from incidents.model import Status
from incidents.rules.stale_click import Seen
from tests.unit.bot.samples import a_view, an_incident
from tests.unit.bot.snapshots import expect_view

TARGET = Target.of(a_view())
HUGE = Target(2**63 - 1, 2**31, Seen(2**31, Status.ACKNOWLEDGED, 9999, 99999), "0a1b2c3d")


def test_a_button_says_which_incident_and_what_was_seen() -> None:
    told = {"id": 12, "number": 142, "version": 5, "status": "active", "episode": 1, "firing": 3}
    assert json.loads(button_value(TARGET)) == told | {"birth": an_incident().birth}
    assert read_button(button_value(TARGET)) == TARGET


def test_what_was_posted_before_there_were_marks_works_as_it_did() -> None:
    old = '{"id":12,"number":142,"version":5,"status":"active","episode":1,"firing":3}'
    option = '{"do":"note","id":12,"n":142,"v":5,"s":"active","e":1,"f":3}'
    assert read_button(old) == replace(TARGET, birth="")
    assert read_option(option) == (Do.NOTE, replace(TARGET, birth=""))
    assert read_choice("12") == 12


@pytest.mark.parametrize("value", [None, 12, "", "x", "{}", "[]", '{"id":0}', '{"id":null}', '{"id":1e999}', "9" * 30])
def test_what_is_no_choice_is_none(value: object) -> None:
    assert read_choice(value) is None


def test_a_choice_says_which_incident() -> None:
    assert read_choice(choice_value(an_incident())) == 12
    assert len(choice_value(an_incident(id=2**63 - 1))) <= 150


@pytest.mark.parametrize("do", Do)
def test_an_option_fits_slacks_150_characters(do: Do) -> None:
    assert len(option_value(do, HUGE)) <= 150
    assert read_option(option_value(do, HUGE)) == (do, HUGE)


@pytest.mark.parametrize(
    "value", ["", "12", "{", "[]", "null", '{"id":12}', '{"id":"x","number":1,"version":1,"status":"active"}',
              '{"id":1,"number":1,"version":1,"status":"snoozed","episode":1,"firing":0}', '{"do":"merge","id":1}',
              '{"id":1e999,"number":1,"version":1,"status":"active","episode":1,"firing":0}',
              '{"do":"note","id":9223372036854775808,"n":1,"v":1,"s":"active","e":1,"f":0}',
              '{"id":9223372036854775808,"number":1,"version":1,"status":"active","episode":1,"firing":0}']
)  # fmt: skip
def test_what_another_version_wrote_is_not_guessed_at(value: str) -> None:
    assert read_button(value) is None
    assert read_option(value) is None


def test_the_forms_are_as_they_were_looked_at() -> None:
    expect_view("modal-note", note_modal(TARGET))
    expect_view("modal-noise", noise_modal(TARGET))
    expect_view("modal-assign", assign_modal(HUGE))
