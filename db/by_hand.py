"""Coroutines that are driven by hand: what they wait for is waited for in their place."""

from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any


async def outcome(work: Coroutine[Any, Any, Any], waits_for: Any) -> tuple[Callable[[Any], Any], Any]:
    """How the work is to go on, and with what: ``send`` or ``throw``, once what it waits for is there or has failed."""
    try:
        return work.send, await _wait(waits_for)
    except BaseException as error:  # noqa: BLE001 - it is the work's, which may know what to do
        return work.throw, error


@coroutine
def _wait(waits_for: Any) -> Generator[Any, Any, Any]:
    """Hand on to the event loop what a coroutine waits for."""
    return (yield waits_for)
