"""Waiting for something to become true, never for time to pass."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY = 0.04


def until(look: Callable[[], T], what: str | Callable[[], str], *, within: float = 25.0) -> T:
    """What ``look`` finds, once it is true. AssertionError after ``within`` seconds, with what it saw last."""
    deadline = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() > deadline:
            told = what if isinstance(what, str) else what()
            raise AssertionError(f"{told}: not within {within:g} s, last seen {found!r}")
        time.sleep(_LOOK_EVERY)
    return found
