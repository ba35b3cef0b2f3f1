"""What every line of a log says of what it belongs to: the request, the click, the message, the job.

Kept by ``contextvars``, so a task tells what the one that began it told, unless it was begun ``apart``.
"""

import contextvars
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, ContextVar
from types import MappingProxyType

_NONE: Mapping[str, object] = MappingProxyType({})
_facts: ContextVar[Mapping[str, object]] = ContextVar("log_facts", default=_NONE)


def facts() -> Mapping[str, object]:
    """By name: what lines that are logged here say besides their own facts."""
    return _facts.get()


@contextmanager
def bound(**told: object) -> Iterator[None]:
    """Lines inside say this, too. What was bound inside ends with it."""
    token = _facts.set({**_facts.get(), **told})
    try:
        yield
    finally:
        _facts.reset(token)


def bind(**told: object) -> None:
    """The same from here to the end of the ``bound`` around it, or of the task."""
    _facts.set({**_facts.get(), **told})


def apart() -> Context:
    """For a task that outlives whoever happens to begin it: it belongs to nothing."""
    return contextvars.Context()
