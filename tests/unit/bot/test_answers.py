from datetime import datetime, timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import NoAnswer, outcome, sentence
from bot.listeners.submitting import in_plain
from bot.people import Directory
from incidents.errors import (
    AlreadyAcknowledged,
    AlreadyNoise,
    AlreadyResolved,
    AlreadySnoozed,
    AnotherIncident,
    AnotherIsOpen,
    AnotherThing,
    BongsuError,
    Conflict,
    HandledElsewhere,
    IncidentGone,
    IncidentNotFound,
    InvalidInput,
    NotAcknowledged,
    NotAssignable,
    NotNoise,
    NotOver,
    NotResolved,
    NotSnoozed,
    SnoozeOver,
    SnoozeTooLong,
    StaleView,
    Unavailable,
)
from incidents.storms import StormNotFound
from tests.unit.bot.samples import ALICE, AT_TEN, BOB, minutes

TWO_MINUTES_PAST = minutes(2)


def told(error: BongsuError, now: datetime = TWO_MINUTES_PAST) -> str:
    return sentence(error, to=ALICE, now=now)


def test_who_was_faster_is_named_with_how_long_ago() -> None:
    error = AlreadyAcknowledged("INC-12", BOB, AT_TEN)
    assert told(error).startswith("Already acknowledged by <@U0BOB> 2 min ago, so nothing was changed.")


def test_ones_own_second_click_reads_as_such() -> None:
    assert "by you 2 min ago" in told(AlreadyAcknowledged("INC-12", ALICE, AT_TEN))
    assert "by you just now" in told(AlreadyResolved("INC-12", ALICE, AT_TEN), AT_TEN)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (AlreadySnoozed("INC-12", BOB, minutes(60)), "2026-01-02 11:00 UTC> by <@U0BOB> already"),
        (SnoozeTooLong("INC-12", timedelta(hours=4), is_critical=True), "is critical, so it can be snoozed for 4 h"),
        (SnoozeTooLong("INC-12", timedelta(days=30), is_critical=False), "INC-12 can be snoozed for 30 d at most"),
        (SnoozeOver("INC-12", AT_TEN), "2026-01-02 10:00 UTC> has passed: choose a later end"),
        (NotAssignable(BOB, is_bot=True), "<@U0BOB> is a bot"),
        (NotAssignable(BOB, is_bot=False), "<@U0BOB> has left the workspace"),
        (HandledElsewhere("INC-12", "INC-14"), "Work on INC-14 instead"),
        (NotSnoozed("INC-12"), "nothing to wake"),
        (NotOver("INC-12"), "Write a note instead"),
    ],
)
def test_what_can_not_be_done_says_why_and_what_to_do(error: BongsuError, says: str) -> None:
    assert says in told(error)
    assert outcome(error) == "refused"


def test_under_a_field_stands_no_markup() -> None:
    directory = Directory(AsyncWebClient())
    error = told(AlreadySnoozed("INC-12", BOB, minutes(60)))
    assert "until 2026-01-02 11:00 UTC by somebody else already" in in_plain(error, directory)


def test_what_recovered_by_itself_was_resolved_by_nobody() -> None:
    answer = told(AlreadyResolved("INC-12", "system", AT_TEN))
    assert answer.startswith("INC-12 has resolved 2 min ago")
    assert "`/incident reopen INC-12`" in answer


def test_a_key_that_was_faster_is_named() -> None:
    assert told(AlreadyResolved("INC-12", "key:ci", AT_TEN)).startswith("Already resolved by API key ci 2 min ago")
    assert told(AlreadyAcknowledged("INC-12", "key:ci", AT_TEN)).startswith("Already acknowledged by API key ci")


def test_a_clock_that_runs_behind_gives_no_negative_time() -> None:
    assert "just now" in told(AlreadyAcknowledged("INC-12", BOB, minutes(3)))


@pytest.mark.parametrize(
    ("error", "word", "says"),
    [
        (AlreadyAcknowledged("INC-12", None, None), "refused", "Already acknowledged, so nothing was changed"),
        (NotAcknowledged("INC-12"), "refused", "nothing to take back"),
        (NotResolved("INC-12"), "refused", "still open"),
        (NotNoise("INC-12"), "refused", "not marked as noise"),
        (AlreadyNoise("INC-12"), "refused", "already marked as noise"),
        (AnotherIsOpen("INC-12", "INC-13"), "refused", "Work on INC-13 instead"),
        (StaleView("INC-12", "it is resolved now"), "stale", "Look at the card as it is now"),
        (IncidentNotFound("INC-99"), "not_found", "There is no incident INC-99."),
        (IncidentGone(7), "not_found", "it was deleted as old data, or the database was restored from a backup."),
        (
            AnotherIncident(7),
            "not_found",
            "This card is of an incident that this database does not know (was it",
        ),
        (AnotherThing(7), "not_found", "This message is about something that this database does not know (was it"),
        (StormNotFound(7), "not_found", "it was deleted as old data, or the database was restored from a backup."),
        (InvalidInput("note", "it is empty"), "invalid", "Note: it is empty."),
        (Unavailable("refused"), "unavailable", "nothing was changed. Try again"),
        (NoAnswer(), "no_answer", "not known whether that was done"),
        (Conflict(), "unavailable", "Others are changing"),
        (BongsuError("odd"), "failed", "odd"),
    ],
)
def test_every_failure_is_told_and_counted(error: BongsuError, word: str, says: str) -> None:
    assert says in told(error)
    assert outcome(error) == word


def test_the_databases_own_words_are_not_shown() -> None:
    assert "10.0.0.7" not in told(Unavailable("can't connect to 10.0.0.7:3306"))
