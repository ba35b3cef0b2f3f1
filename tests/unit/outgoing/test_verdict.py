"""What an answer means, and when a call is tried again."""

from datetime import timedelta

import pytest

from jobs.outgoing.call import Answer
from jobs.outgoing.verdict import Failure, in_words, judge, wait_after
from tests.unit.outgoing.pages import AT

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
AGAIN = Failure("it answered 503", "http_503")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_it_is_done(status: int) -> None:
    assert judge(Answer(status), now=AT) is None


@pytest.mark.parametrize(
    ("status", "is_final"),
    [(408, False), (429, False), (500, False), (503, False), (400, True), (401, True), (404, True), (422, True)],
)
def test_some_refusals_are_final(status: int, is_final: bool) -> None:
    failure = judge(Answer(status), now=AT)
    assert failure is not None
    assert (failure.code, failure.is_final) == (f"http_{status}", is_final)


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("30", 30 * SECOND),
        ("0", timedelta(0)),
        ("Fri, 02 Jan 2026 10:06:00 GMT", MINUTE),
        ("Fri, 02 Jan 2026 09:00:00 GMT", timedelta(0)),
        ("999999999999", HOUR),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_who_asks_for_time_gets_it(told: str, wait: timedelta | None) -> None:
    failure = judge(Answer(429, {"Retry-After": told}), now=AT)
    assert failure is not None
    assert failure.retry_after == wait


def test_each_wait_is_twice_the_one_before_up_to_five_minutes() -> None:
    waits = [wait_after(AGAIN, attempts=count, began_at=AT, now=AT) for count in (1, 2, 3, 9, 10, 1000)]
    assert waits == [SECOND, 2 * SECOND, 4 * SECOND, 256 * SECOND, 5 * MINUTE, 5 * MINUTE]


def test_what_was_asked_for_is_not_cut_short() -> None:
    asked = Failure("", "http_429", retry_after=2 * MINUTE)
    assert wait_after(asked, attempts=1, began_at=AT, now=AT) == 2 * MINUTE


def test_after_six_hours_it_is_given_up() -> None:
    assert wait_after(AGAIN, attempts=90, began_at=AT, now=AT + 6 * HOUR - 5 * MINUTE) == 5 * MINUTE
    assert wait_after(AGAIN, attempts=90, began_at=AT, now=AT + 6 * HOUR - 4 * MINUTE) is None
    assert wait_after(Failure("", "refused", is_final=True), attempts=1, began_at=AT, now=AT) is None


def test_what_it_said_is_one_short_line() -> None:
    assert in_words(Answer(400, body=b'{"status":\n"invalid \x1b[31mevent"}')) == (
        'it answered 400: {"status": "invalid [31mevent"}'
    )
    assert len(in_words(Answer(500, body=b"x" * 9999))) < 250
    assert in_words(Answer(401)) == "it answered 401"
