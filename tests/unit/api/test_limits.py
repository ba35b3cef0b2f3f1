from datetime import UTC, datetime

import pytest

from incidents.access.model import ApiKey, KeyRole
from receiver.api.errors import NoKey, TooManyRequests, TooManyUnknownKeys
from receiver.api.limits import Limits, Tries
from receiver.settings import ReceiverSettings

PROXY = "192.0.2.1"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def key(number: int) -> ApiKey:
    return ApiKey(number, 1, f"key-{number}", KeyRole.READ, "", "", datetime(2026, 3, 2, tzinfo=UTC), "test")


def limits(clock: Clock) -> Limits:
    return Limits(ReceiverSettings(api_requests_per_second=2, api_burst=4), clock=clock)


def test_a_key_may_send_a_burst_and_then_so_many_a_second() -> None:
    clock = Clock()
    taken = limits(clock)
    headers = [taken.take(key(1)) for _ in range(4)]
    assert [one["RateLimit-Remaining"] for one in headers] == ["3", "2", "1", "0"]
    assert headers[0]["RateLimit-Limit"] == "4"
    assert headers[-1] | {} == {
        "RateLimit-Limit": "4", "RateLimit-Remaining": "0", "RateLimit-Reset": "2", "RateLimit-Policy": "4;w=2",
    }  # fmt: skip
    with pytest.raises(TooManyRequests) as refused:
        taken.take(key(1))
    assert refused.value.wait == pytest.approx(0.5)
    assert refused.value.headers["RateLimit-Remaining"] == "0"
    clock.now += 0.5
    assert taken.take(key(1))["RateLimit-Remaining"] == "0"


def test_one_key_takes_nothing_from_another() -> None:
    taken = limits(Clock())
    for _ in range(4):
        taken.take(key(1))
    assert taken.take(key(2))["RateLimit-Remaining"] == "3"


def test_what_is_left_does_not_grow_beyond_the_burst() -> None:
    clock = Clock()
    taken = limits(clock)
    taken.take(key(1))
    clock.now += 3600
    assert taken.take(key(1))["RateLimit-Remaining"] == "3"


def tried(tries: Tries, digest: str) -> None:
    tries.begin(digest, PROXY)
    tries.refused(digest, "this API key is unknown")


def guessed(tries: Tries) -> None:
    for number in range(20):
        tried(tries, f"guess-{number}")


def test_keys_that_nobody_knows_are_slow_to_try() -> None:
    clock = Clock()
    tries = Tries(clock=clock)
    guessed(tries)
    with pytest.raises(TooManyUnknownKeys):
        tries.begin("guess-20", PROXY)
    tries.begin("guess-20", "192.0.2.2")
    clock.now += 1
    tried(tries, "guess-21")
    with pytest.raises(TooManyUnknownKeys):
        tries.begin("guess-22", PROXY)


def test_a_key_that_has_opened_something_is_let_through_whatever_comes_from_its_proxy() -> None:
    tries = Tries(clock=Clock())
    tries.begin("good", PROXY)
    tries.opened("good", PROXY)
    guessed(tries)
    tries.begin("good", PROXY)


def test_keys_that_open_something_use_nothing_up() -> None:
    tries = Tries(clock=Clock())
    for number in range(100):
        tries.begin(f"good-{number}", PROXY)
        tries.opened(f"good-{number}", PROXY)


def test_the_same_wrong_key_again_and_again_uses_nothing_up() -> None:
    """A client whose key was revoked must not shut out others behind its proxy."""
    clock = Clock()
    tries = Tries(clock=clock)
    tried(tries, "revoked")
    for _ in range(100):
        with pytest.raises(NoKey, match="unknown"):
            tries.begin("revoked", PROXY)
    tries.begin("new", PROXY)
    clock.now += 10
    tries.begin("revoked", PROXY)  # it is looked for again


def test_a_key_that_opens_nothing_any_more_is_a_try_again() -> None:
    tries = Tries(clock=Clock())
    tries.begin("good", PROXY)
    tries.opened("good", PROXY)
    tries.refused("good", "this API key was revoked")
    with pytest.raises(NoKey, match="revoked"):
        tries.begin("good", PROXY)
