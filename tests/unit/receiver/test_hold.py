"""How much may be in the house at once."""

import pytest

from receiver.errors import TooMuchHeld
from receiver.hold import Hold


def never(_: TooMuchHeld) -> None:
    pytest.fail("it was complete, or the newest")


def test_requests_beyond_the_bound_are_turned_away_at_once() -> None:
    hold = Hold(max_requests=1, max_bytes=100)
    with hold.place(), pytest.raises(TooMuchHeld), hold.place():
        pass
    with hold.place():
        assert hold.requests == 1
    assert hold.requests == 0


def test_bytes_are_given_back_when_the_request_is_done() -> None:
    hold = Hold(max_requests=9, max_bytes=100)
    with hold.body(never) as one, hold.body(never) as other:
        one.grow(60)
        one.arrived()
        with pytest.raises(TooMuchHeld):
            other.grow(41)
        other.grow(40)
        assert hold.bytes == 100
    assert hold.bytes == 0


def test_the_body_that_arrives_for_longest_gives_up_its_room() -> None:
    hold, given_up = Hold(max_requests=9, max_bytes=100), list[str]()
    with (
        hold.body(never) as complete,
        hold.body(lambda _: given_up.append("empty")),
        hold.body(lambda _: given_up.append("slow")) as slow,
        hold.body(lambda _: given_up.append("next")) as other,
        hold.body(never) as newest,
    ):
        complete.grow(30)
        complete.arrived()
        slow.grow(40)
        other.grow(20)
        newest.grow(20)
        assert (given_up, slow.size, hold.bytes) == (["slow"], 0, 70)
        newest.grow(50)
        assert (given_up, hold.bytes) == (["slow", "next"], 100)
        with pytest.raises(TooMuchHeld):
            newest.grow(1)
    assert hold.bytes == 0


def test_a_place_is_given_back_by_a_request_that_fails() -> None:
    hold = Hold(max_requests=1, max_bytes=1)
    with pytest.raises(KeyError), hold.place():
        raise KeyError
    assert hold.requests == 0
