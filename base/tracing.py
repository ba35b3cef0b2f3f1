"""Traces: where time goes between a webhook and Slack. A port; ``bongsu/tracing.py`` has what implements it.

Nothing is traced until somebody says ``use``: a span is then one call that finds no tracer.

Attributes are names, numbers and outcomes of our own: never a secret, a label's value, or what a person wrote.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import Protocol

Value = str | int | float | bool
Attributes = Mapping[str, Value]


class Kind(StrEnum):
    """OpenTelemetry's, in lower case: https://opentelemetry.io/docs/specs/otel/trace/api/#spankind"""

    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"
    CONSUMER = "consumer"


class Span(Protocol):
    """One piece of work. ``trace_id`` and ``span_id`` are 32 and 16 hexadecimal digits, "" where nothing is traced."""

    @property
    def trace_id(self) -> str: ...
    @property
    def span_id(self) -> str: ...
    @property
    def traceparent(self) -> str | None:
        """Its place as W3C writes it, https://www.w3.org/TR/trace-context/; None: nothing is traced."""

    @property
    def is_sampled(self) -> bool:
        """Whether anybody will see it."""

    def set(self, name: str, value: Value) -> None: ...
    def event(self, name: str, attributes: Attributes | None = None) -> None:
        """Something that happened in it."""

    def link(self, traceparent: str | None) -> None:
        """It has to do with that one."""

    def fail(self, error_type: str) -> None:
        """``error_type``: a code or the name of a class, never a message, which may repeat what must not be told."""

    def keep(self) -> None:
        """Its ids are written down somewhere, so it must be found, however quiet it is."""

    def end(self) -> None:
        """Only of what was made by ``begin``."""


class Tracer(Protocol):
    """``parent``: a traceparent; None: the span that is under way here. One that is malformed is as good as none."""

    def current(self) -> Span | None:
        """The span that is under way here."""

    def span(
        self,
        name: str,
        attributes: Attributes,
        *,
        kind: Kind,
        parent: str | None,
        links: Sequence[str],
        is_quiet: bool,
    ) -> AbstractContextManager[Span]:
        """See the functions below."""

    def begin(self, name: str, attributes: Attributes, *, kind: Kind) -> Span:
        """See below."""


class _Nothing:
    """The span where nothing is traced."""

    trace_id = span_id = ""
    traceparent = None
    is_sampled = False

    def set(self, name: str, value: Value) -> None:
        """Nothing."""

    def event(self, name: str, attributes: Attributes | None = None) -> None:
        """Nothing."""

    def link(self, traceparent: str | None) -> None:
        """Nothing."""

    def fail(self, error_type: str) -> None:
        """Nothing."""

    def keep(self) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


NOTHING: Span = _Nothing()
_NO_SPAN = nullcontext(NOTHING)
_NO_ATTRIBUTES: Attributes = {}
_used: list[Tracer] = []


def use(tracer: Tracer | None) -> None:
    """From now on; None: trace nothing."""
    _used[:] = [] if tracer is None else [tracer]


def is_on() -> bool:
    return bool(_used)


def current() -> Span:
    """The span that is under way here; one that does nothing where none is."""
    return (_used[0].current() or NOTHING) if _used else NOTHING


def span(
    name: str,
    attributes: Attributes = _NO_ATTRIBUTES,
    *,
    kind: Kind = Kind.INTERNAL,
    parent: str | None = None,
    links: Sequence[str] = (),
    is_quiet: bool = False,
) -> AbstractContextManager[Span]:
    """What is done inside is this span, and what raises inside has failed.

    ``is_quiet``: nobody sees it unless it did something: a step that is no look, an error, or a second.
    """
    if not _used:
        return _NO_SPAN
    return _used[0].span(name, attributes, kind=kind, parent=parent, links=links, is_quiet=is_quiet)


def step(
    name: str,
    attributes: Attributes = _NO_ATTRIBUTES,
    *,
    kind: Kind = Kind.INTERNAL,
    is_look: bool = False,
) -> AbstractContextManager[Span]:
    """The same for a part of what is under way: where nothing is, it is no span.

    ``is_look``: it changes nothing, so a quiet span has none of it.
    """
    if not _used:
        return _NO_SPAN
    around = _used[0].current()
    if around is None or (is_look and getattr(around, "is_quiet", False)):
        return _NO_SPAN
    return _used[0].span(name, attributes, kind=kind, parent=None, links=(), is_quiet=False)


def begin(name: str, attributes: Attributes = _NO_ATTRIBUTES, *, kind: Kind = Kind.INTERNAL) -> Span:
    """A part of what is under way that has no inside: whoever begins it says ``end``."""
    return _used[0].begin(name, attributes, kind=kind) if _used else NOTHING
