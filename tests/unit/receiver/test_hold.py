"""How much may be in the house at once."""

import pytest

from receiver.errors import TooMuchHeld
from receiver.hold import Hold


def test_requests_beyond_the_bound_are_turned_away_at_once() -> None:
    hold = Hold(max_requests=1, max_bytes=100)
    with hold.place(), pytest.raises(TooMuchHeld), hold.place():
        pass
    with hold.place():
        assert hold.requests == 1
    assert hold.requests == 0


def test_bytes_are_given_back_when_the_request_is_done() -> None:
    hold = Hold(max_requests=9, max_bytes=100)
    with hold.body() as one, hold.body() as other:
        one.grow(60)
        with pytest.raises(TooMuchHeld):
            other.grow(41)
        other.grow(40)
        assert hold.bytes == 100
    assert hold.bytes == 0


def test_a_place_is_given_back_by_a_request_that_fails() -> None:
    hold = Hold(max_requests=1, max_bytes=1)
    with pytest.raises(KeyError), hold.place():
        raise KeyError
    assert hold.requests == 0
