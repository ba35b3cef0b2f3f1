from dataclasses import replace

import pytest

from bot.blocks.clicks import read_button
from bot.blocks.reminder import reminder
from bot.message import Message
from incidents.model import Event, EventKind, Resolution, Severity, Status
from tests.unit.bot.samples import (
    ALICE,
    BOB,
    CONFIRM_BY,
    GRAVER,
    LONG_OWNED,
    MORE_SERIES,
    SEVERITY_ROSE,
    acknowledged,
    an_event,
    an_incident,
    minutes,
    resolved,
)
from tests.unit.bot.snapshots import expect_message

K = EventKind
CLOSED = resolved(Resolution.MANUAL)
WAITS = acknowledged(confirm_by=CONFIRM_BY)
ROSE = an_event(K.WORSENED, actor="system", **SEVERITY_ROSE)
OWNER_ASKED = an_event(K.OWNER_ASKED, actor="system", **LONG_OWNED)
REMINDERS = {
    "worsened": (ROSE, WAITS),
    "worsened-and-confirmed": (ROSE, acknowledged()),
    "worsened-by-series": (an_event(K.WORSENED, actor="system", **MORE_SERIES), acknowledged()),
    "still-firing": (an_event(K.STILL_FIRING, actor="system", firing=2, mention=ALICE), CLOSED),
    "still-firing-warning": (
        an_event(K.STILL_FIRING, actor="system", firing=2, mention=ALICE),
        replace(CLOSED, severity=Severity.WARNING),
    ),
    "reopened-by-the-clock": (
        an_event(K.REOPENED, actor="system", reason="critical_still_firing", mention=ALICE, firing=2),
        an_incident(),
    ),
    "unacknowledged-by-the-clock": (
        an_event(K.UNACKNOWLEDGED, actor="system", was=ALICE, reason="worsening_unconfirmed", mention=ALICE),
        an_incident(),
    ),
    "unacknowledged-for-long": (
        an_event(K.UNACKNOWLEDGED, actor="system", was=ALICE, reason="for_long_unconfirmed", mention=ALICE),
        an_incident(),
    ),
    "owner-asked": (OWNER_ASKED, WAITS),
    "owner-asked-and-confirmed": (OWNER_ASKED, acknowledged()),
    "still-open": (an_event(K.STILL_OPEN, actor="system", owner=ALICE, mention=ALICE), acknowledged()),
    "woke-at-its-end": (
        an_event(K.WOKE, actor="system", snoozed_by=ALICE, reason="snooze_over", mention=ALICE),
        an_incident(),
    ),
    "woke-graver": (an_event(K.WOKE, actor="system", **GRAVER), acknowledged()),
    "woke-and-over-since": (an_event(K.WOKE, actor="system", reason="snooze_over", mention=ALICE), CLOSED),
    "left": (an_event(K.UNASSIGNED, actor="system", to=None, was=BOB, reason="left", owner=None), an_incident()),
    "left-to-another": (
        an_event(K.UNASSIGNED, actor="system", to=None, was=BOB, reason="left", owner=ALICE),
        acknowledged(),
    ),
    "asked": (an_event(K.ASKED, actor="system", since=minutes(-490).isoformat(), mention=ALICE), acknowledged()),
    "declined": (
        an_event(K.DECLINED, actor=BOB, wanted="resolve", asked_by=ALICE, mention=ALICE, note="not <!here>"),
        an_incident(),
    ),
    "declined-what-a-key-asked": (
        an_event(K.DECLINED, actor=BOB, wanted="resolve", asked_by="key:ci", mention=None, note=""),
        an_incident(),
    ),
    "approval-lapsed": (
        an_event(K.APPROVAL_LAPSED, actor="system", asked_by=ALICE, mention=ALICE, outcome="lapsed"),
        an_incident(),
    ),
    "approval-not-needed": (
        an_event(K.APPROVAL_LAPSED, actor="system", asked_by=ALICE, mention=ALICE, outcome="overtaken"),
        an_incident(),
    ),
    "asked-nobody": (an_event(K.ASKED, actor="system", since=minutes(-490).isoformat(), mention=None), an_incident()),
}


def has_button(message: Message) -> bool:
    return any(block["type"] == "actions" for block in message.blocks)


@pytest.mark.parametrize("name", REMINDERS)
def test_each_reminder_is_as_it_was_looked_at(name: str) -> None:
    event, incident = REMINDERS[name]
    expect_message(f"reminder-{name}", reminder(event, incident))


def test_who_is_asked_is_mentioned_where_slack_wakes_them() -> None:
    message = reminder(ROSE, WAITS)
    assert f"<@{ALICE}>" in message.text
    assert message.blocks[0]["text"]["text"].startswith(f"<@{ALICE}>, ")


@pytest.mark.parametrize("mention", [None, "", "key:ci", "system", "<!channel>", 7])
def test_nobody_else_is_ever_mentioned(mention: object) -> None:
    event = an_event(K.STILL_FIRING, actor="system", firing=2, mention=mention)
    assert "<" not in reminder(event, CLOSED).text


def test_the_button_stands_only_while_this_very_question_is_open() -> None:
    assert has_button(reminder(ROSE, WAITS))
    assert not has_button(reminder(ROSE, acknowledged()))
    assert not has_button(reminder(ROSE, acknowledged(confirm_by=minutes(30))))
    assert not has_button(reminder(an_event(K.WORSENED, actor="system", **MORE_SERIES), WAITS))


def test_the_button_carries_the_incident_and_what_was_seen() -> None:
    target = read_button(reminder(ROSE, WAITS).blocks[-1]["elements"][0]["value"])
    assert target is not None
    assert (target.name, target.seen.status, target.seen.version) == ("INC-142", Status.ACKNOWLEDGED, WAITS.version)


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_of_any_kind_and_without_data_can_be_a_reminder(kind: EventKind) -> None:
    message = reminder(Event(at=ROSE.at, actor="system", kind=kind, data={"confirm_by": "soon"}), an_incident())
    assert message.text.startswith("CRITICAL INC-142: ")
    assert not has_button(message)


@pytest.mark.parametrize("name", REMINDERS)
def test_the_whole_channel_hears_of_who_has_left_and_of_nothing_else(name: str) -> None:
    assert reminder(*REMINDERS[name]).broadcast == name.startswith("left")
