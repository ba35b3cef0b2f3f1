from datetime import datetime

import pytest

from bot.answers import NoAnswer, outcome, sentence
from incidents.errors import (
    AlreadyAcknowledged,
    AlreadyNoise,
    AlreadyResolved,
    AnotherIsOpen,
    BongsuError,
    Conflict,
    IncidentNotFound,
    InvalidInput,
    NotAcknowledged,
    NotNoise,
    NotResolved,
    StaleView,
    Unavailable,
)
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


def test_what_recovered_by_itself_was_resolved_by_nobody() -> None:
    answer = told(AlreadyResolved("INC-12", "system", AT_TEN))
    assert answer.startswith("INC-12 has resolved 2 min ago")
    assert "`/incident reopen INC-12`" in answer


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
