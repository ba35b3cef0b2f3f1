"""What every line of a log says of what it belongs to: the request, the click, the message, the job.

Kept by ``contextvars``, so a task tells what the one that began it told, unless it was begun ``apart``.
"""

import contextvars
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import Context, ContextVar, Token
from types import MappingProxyType

_NONE: Mapping[str, object] = MappingProxyType({})
_facts: ContextVar[Mapping[str, object]] = ContextVar("log_facts", default=_NONE)


def facts() -> Mapping[str, object]:
    """By name: what lines that are logged here say besides their own facts."""
    return _facts.get()


def bound(**told: object) -> AbstractContextManager[None]:
    """Lines inside say this, too. What was bound inside ends with it."""
    return _Bound(told)


def bind(**told: object) -> None:
    """The same from here to the end of the ``bound`` around it, or of the task."""
    _facts.set({**_facts.get(), **told})


class _Bound:
    """A class, since each request is in one, and a generator costs three times as much."""

    __slots__ = ("_before", "_told")

    def __init__(self, told: Mapping[str, object]) -> None:
        self._told = told

    def __enter__(self) -> None:
        self._before: Token[Mapping[str, object]] = _facts.set({**_facts.get(), **self._told})

    def __exit__(self, *_: object) -> None:
        _facts.reset(self._before)


def apart() -> Context:
    """For a task that outlives whoever happens to begin it: it belongs to nothing."""
    return contextvars.Context()
