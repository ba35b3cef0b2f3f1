"""What a marathon counts: every message that is not there exactly once, and what follows from so many kills."""

from typing import Any

import pytest

from benchmarks.marathon.reckoning import Reckoning, Row, by_row, doubled, other_than_once
from benchmarks.marathon.report import Leg, markdown

CARD = Row(1, "card", 1, None)
ROLLED_UP = Row(2, "card", 2, 3)
ROLLUP = Row(3, "rollup", 0, None)
ENTRY = Row(4, "thread", 1, None)
REMINDER = Row(5, "reminder", 1, None)
ROWS = [CARD, ROLLED_UP, ROLLUP, ENTRY, REMINDER]
ALL_IS_WELL = (1, 3, 4, 5)


def message(row_id: int | None, *, deleted: bool = False, user: str = "U0BONGSU") -> dict[str, Any]:
    """As the sandbox tells of it. None: it doesn't say of which row it is."""
    metadata = None if row_id is None else {"event_type": "bongsu", "event_payload": {"outbox_id": row_id, "rev": 1}}
    return {"user": user, "deleted": deleted, "metadata": metadata}


def counted(*row_ids: int | None) -> tuple[int, int, int]:
    """Doubled messages, thread entries and reminders that are not there once."""
    shown = by_row([message(row_id) for row_id in row_ids])
    return doubled(ROWS, shown), other_than_once(ROWS, shown, "thread"), other_than_once(ROWS, shown, "reminder")


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        pytest.param(ALL_IS_WELL, (0, 0, 0), id="each once"),
        pytest.param((*ALL_IS_WELL, 1), (1, 0, 0), id="a card twice"),
        pytest.param((*ALL_IS_WELL, 3, 3), (2, 0, 0), id="a roll-up three times"),
        pytest.param((*ALL_IS_WELL, None), (1, 0, 0), id="one that nobody asked for"),
        pytest.param((*ALL_IS_WELL, 99), (1, 0, 0), id="one of a row that there is not"),
        pytest.param((*ALL_IS_WELL, 4), (0, 1, 0), id="a thread entry twice"),
        pytest.param((1, 3, 5), (0, 1, 0), id="no thread entry"),
        pytest.param((*ALL_IS_WELL, 5), (0, 0, 1), id="a reminder twice"),
        pytest.param((1, 3, 4), (0, 0, 1), id="no reminder"),
    ],
)
def test_what_is_not_there_once_is_counted(shown: tuple[int | None, ...], found: tuple[int, int, int]) -> None:
    assert counted(*shown) == found


def test_what_was_deleted_or_is_of_others_does_not_count() -> None:
    assert by_row([message(1, deleted=True), message(1, user="U0ALICE")]) == {}


def test_of_kills_that_did_nothing_a_bound_follows() -> None:
    table = markdown([Leg("intake.stored", "SQLite", kills=200)], minutes=1, hurried=False)
    assert "| `intake.stored` | SQLite | 200 | 0 | 0 | 0 | 0 | 0 | 0 | < 1.5 % |" in table
    assert "200 kills in all, and nothing lost" in table


@pytest.mark.parametrize(
    "leg",
    [
        pytest.param(Leg("x", "SQLite", kills=9, found=Reckoning(lost=1)), id="something lost"),
        pytest.param(Leg("x", "SQLite", kills=9, rested=None), id="Slack never caught up"),
        pytest.param(Leg("x", "SQLite", kills=9, problem="it did not die"), id="cut short"),
        pytest.param(Leg("x", "SQLite"), id="nobody was killed"),
    ],
)
def test_otherwise_no_bound_follows_and_it_is_said(leg: Leg) -> None:
    assert not leg.is_clean
    table = markdown([leg], minutes=1, hurried=False)
    assert "<" not in table
    assert "**not everything is 0**" in table


def test_a_leg_that_kills_nobody_says_how_many_requests_it_tried() -> None:
    leg = Leg("contract", "SQLite", tried=1234)
    assert leg.is_clean
    assert "1,234 requests, and each was answered as" in markdown([leg], minutes=1, hurried=False)
    leg.problem = "ST202 Schema-valid request rejected"
    assert not leg.is_clean
    assert "1,234 requests" not in markdown([leg], minutes=1, hurried=False)
