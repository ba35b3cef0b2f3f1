"""The marathon's reckoning of escalation steps finds each thing that must not be."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from benchmarks.loopback import Json
from benchmarks.marathon.steps import Books, reckoned
from incidents.model import EventKind, Incident, Resolution, Status
from tests.building import T0, an_acknowledged, an_incident

SOON, LATER = T0 + timedelta(seconds=1), T0 + timedelta(hours=1)
MESSAGE: Json = {"blocks": ["INC-12"]}


def a_step(number: int, **given: Any) -> dict[str, Any]:
    values = {"incident_id": 7, "episode": 1, "step": number, "timer": "page", "state": "done", "due_at": None}
    return {**values, "planned_for": SOON, "done_at": SOON, "reason": None, "event_id": 3, "told_in_id": None, **given}


PLANNED = a_step(2, state="planned", due_at=LATER, planned_for=LATER, done_at=None, event_id=None)
EVENT = {
    "id": 3,
    "incident_id": 7,
    "episode": 1,
    "at": SOON,
    "kind": EventKind.ESCALATED,
    "data": {"channels": ["#leads"]},
}
REMINDER = {"id": 5, "incident_id": 7, "channel": "#a", "kind": "reminder", "subject": "event:3", "ts": "1.1"}
PAGE = {**REMINDER, "id": 6, "channel": "#leads", "kind": "page"}
NEWS = {**EVENT, "id": 4, "kind": EventKind.ACKNOWLEDGED}
SHOWN = {5: [MESSAGE], 6: [MESSAGE]}


def books(
    steps: Sequence[Any] = (a_step(1), PLANNED),
    events: Sequence[Any] = (EVENT,),
    messages: Sequence[Any] = (REMINDER, PAGE),
    incident: Incident | None = None,
) -> Books:
    it = incident or an_incident()
    return Books(steps, events, messages, {it.id: it})


def test_all_that_was_done_once_is_well() -> None:
    assert reckoned(books(), SHOWN).found == {}


def test_what_was_settled_before_it_was_sent_need_not_be_shown() -> None:
    unsent = [{**REMINDER, "ts": None}, {**PAGE, "ts": None}]
    assert reckoned(books(events=[EVENT, NEWS], messages=unsent), {}).found == {}


def test_a_message_to_a_person_may_come_again_and_must_come() -> None:
    told = {**EVENT, "data": {"direct": ["U0BOB"]}}
    direct = {**PAGE, "channel": "U0BOB"}
    it = books(events=[told], messages=[REMINDER, direct])
    assert reckoned(it, {5: [MESSAGE], 6: [MESSAGE, MESSAGE]}).found == {}
    assert reckoned(it, {5: [MESSAGE]}).found == {"messages missing": 1}


TOGETHER = {**PAGE, "incident_id": 0, "channel": "#a", "subject": "page:3"}
RESOLVED = an_incident(status=Status.RESOLVED, resolution=Resolution.RECOVERED, resolved_time=LATER)
STILL_OPEN = {**EVENT, "id": 9, "kind": EventKind.STILL_OPEN}
ASKED = a_step(1, timer="ask_owner", event_id=None)


@pytest.mark.parametrize(
    ("wrong", "shown", "what"),
    [
        (books(steps=[a_step(1), a_step(2), {**PLANNED, "step": 3}]), SHOWN, "pages of two steps told by one event"),
        (books(steps=[a_step(1, event_id=9), PLANNED]), SHOWN, "steps told by no event"),
        (books(steps=[a_step(1, episode=2), {**PLANNED, "step": 1}]), SHOWN, "steps told by no event"),
        (books(steps=[{**PLANNED, "step": 1}]), SHOWN, "pages told by no step"),
        (books(steps=[ASKED, PLANNED], events=[], messages=[]), {}, "ask_owner without its event"),
        (books(events=[EVENT, STILL_OPEN]), SHOWN, "still_open told without its step"),
        (books(steps=[a_step(1), {**PLANNED, "step": 3}]), SHOWN, "gaps in numbers"),
        (books(steps=[a_step(1), {**PLANNED, "due_at": None}]), SHOWN, "due though settled, or planned and never due"),
        (books(steps=[a_step(1, planned_for=LATER), PLANNED]), SHOWN, "done before its time"),
        (books(steps=[a_step(1)]), SHOWN, "nobody will be called"),
        (books(incident=RESOLVED), SHOWN, "planned though nobody is to be called"),
        (books(incident=an_acknowledged()), SHOWN, "planned though nobody is to be called"),
        (books(incident=replace(an_incident(), snoozed_until=LATER)), SHOWN, "planned though nobody is to be called"),
        (books(messages=[PAGE]), SHOWN, "calls without a message"),
        (books(messages=[REMINDER]), SHOWN, "calls elsewhere without a message"),
        (books(), {5: [MESSAGE]}, "messages missing"),
        (books(), {5: [MESSAGE, MESSAGE], 6: [MESSAGE]}, "messages twice"),
        (books(messages=[{**REMINDER, "ts": None}, PAGE]), {6: [MESSAGE]}, "never sent, and nothing had settled it"),
        (
            books(events=[EVENT, NEWS], messages=[{**REMINDER, "ts": None}, PAGE]),
            SHOWN,
            "settled, and shown all the same",
        ),
        (
            books(steps=[a_step(1, told_in_id=8), PLANNED], messages=[{**TOGETHER, "id": 8}, PAGE]),
            {6: [MESSAGE], 8: [{"blocks": ["INC-1"]}]},
            "incidents that their message does not name",
        ),
    ],
)  # fmt: skip
def test_whatever_must_not_be_is_found(wrong: Books, shown: dict[int, list[Json]], what: str) -> None:
    found = reckoned(wrong, shown).found
    assert found[what] >= 1, found
