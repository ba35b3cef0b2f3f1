"""Spans as OpenTelemetry keeps them: what belongs to what, what is told of errors, and what is never told."""

import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased

from base import log_context, tracing
from base.tracing import NOTHING, Kind
from bongsu import otel
from bongsu.otel import Exporting, Told, place_of
from tests.traced import Traced, traced

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def seen() -> Iterator[Traced]:
    """What was traced."""
    with traced() as kept:
        yield kept


def test_where_nothing_is_traced_a_span_does_nothing() -> None:
    with tracing.span("a", {"b": 1}) as span, tracing.step("c") as inside:
        span.set("x", 1)
        span.link("y")
        assert span is inside is tracing.current() is NOTHING
        assert (span.traceparent, span.trace_id) == (None, "")


def test_a_step_is_a_part_of_what_is_under_way_and_is_no_span_where_nothing_is(seen: Traced) -> None:
    with tracing.step("nowhere"):
        pass
    with tracing.span("a") as around, tracing.step("b") as inside:
        assert tracing.current() is inside
        assert inside.trace_id == around.trace_id
    [b, a] = seen.spans
    assert (b.name, a.name) == ("b", "a")
    assert b.parent is not None
    assert f"{b.parent.span_id:016x}" == around.span_id
    assert tracing.current() is NOTHING


def test_a_traceparent_goes_on_here(seen: Traced) -> None:
    with tracing.span("a", kind=Kind.SERVER, parent=f"00-{TRACE}-{SPAN}-01") as span:
        assert span.trace_id == TRACE
        assert span.traceparent == f"00-{TRACE}-{span.span_id}-01"
    parent = seen.one("a").parent
    assert parent is not None
    assert f"{parent.span_id:016x}" == SPAN


@pytest.mark.parametrize(
    ("told", "is_good"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", True),
        (f"cc-{TRACE}-{SPAN}-01-more-of-later-versions", True),
        (f"00-{TRACE}-{SPAN}-01-more", False),
        (f"ff-{TRACE}-{SPAN}-01", False),
        (f"00-{TRACE.upper()}-{SPAN}-01", False),
        (f"00-{'0' * 32}-{SPAN}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00-{TRACE}-{SPAN}", False),
        (f"00-{TRACE}-{SPAN}-01\n", False),
        (f"00-{'٣' * 32}-{SPAN}-01", False),
        ("", False),
        ("x" * 10_000, False),
    ],
)
def test_what_is_no_traceparent_is_taken_for_none(told: str, is_good: bool, seen: Traced) -> None:
    assert (place_of(told) is not None) is is_good
    with tracing.span("a", parent=told, links=[told]) as span:
        span.link(told)
        assert (span.trace_id == TRACE) is is_good


def test_what_a_sender_does_not_want_to_be_traced_is_not() -> None:
    with traced(ParentBased(ALWAYS_OFF)) as seen:
        with tracing.span("no"), tracing.span("no", parent=f"00-{TRACE}-{SPAN}-00") as unseen:
            assert (unseen.is_sampled, unseen.traceparent) == (False, f"00-{TRACE}-{unseen.span_id}-00")
        with tracing.span("yes", parent=f"00-{TRACE}-{SPAN}-01") as span:
            assert span.is_sampled
    assert seen.names == ["yes"]


def test_of_an_error_its_kind_is_told_and_nothing_that_it_says(seen: Traced) -> None:
    with pytest.raises(ValueError, match="secret"), tracing.span("a"):
        raise ValueError("secret")
    with tracing.span("b") as span:
        span.fail("what <@U0ALICE> said")
    [a, b] = seen.spans
    assert "secret" not in a.to_json()
    assert (a.attributes, a.events, a.status.is_ok) == ({"error.type": "ValueError"}, (), False)
    assert b.attributes == {"error.type": "other"}


def test_what_has_no_inside_ends_when_it_is_said(seen: Traced) -> None:
    with tracing.span("a"):
        begun = tracing.begin("call", kind=Kind.CLIENT)
        assert tracing.current() is not begun
    assert seen.names == ["a"]
    begun.end()
    assert seen.names == ["a", "call"]


def test_a_quiet_span_that_did_nothing_is_not_told(seen: Traced) -> None:
    with tracing.span("tick", is_quiet=True), tracing.step("read", is_look=True):
        pass
    assert seen.names == []


@pytest.mark.parametrize("worth", ["step", "error", "time"])
def test_a_quiet_span_that_did_something_is_told(worth: str, seen: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    with tracing.span("tick", is_quiet=True) as span:
        if worth == "step":
            with tracing.step("transaction"):
                pass
        elif worth == "error":
            span.fail("Unavailable")
        else:
            now = time.monotonic()
            monkeypatch.setattr(time, "monotonic", lambda: now + 2)
    assert seen.names[-1] == "tick"


async def test_what_is_begun_apart_belongs_to_no_trace(seen: Traced) -> None:
    with tracing.span("request"):
        assert log_context.apart().run(tracing.current) is NOTHING


class _Refusing(SpanExporter):
    """Takes nothing until ``result`` says otherwise."""

    result = SpanExportResult.FAILURE

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.result


def test_that_nobody_takes_traces_is_said_once_and_that_somebody_does_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    refusing = _Refusing()
    told = Told(refusing)
    for result in (SpanExportResult.FAILURE,) * 3 + (SpanExportResult.SUCCESS,) * 2:
        refusing.result = result
        told.export([])
    assert [getattr(record, "action", "") for record in caplog.records] == ["traces_lost", "traces_sent"]


def test_that_the_sdk_fails_at_sending_is_said_too(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(_Refusing):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            raise ValueError(len(spans))

    told = Told(Broken())
    with pytest.raises(ValueError, match="0"):
        told.export([])
    assert [getattr(record, "action", "") for record in caplog.records] == ["traces_lost"]


def test_a_collector_that_hangs_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither whoever is traced, though there is no room for more, nor the end."""
    monkeypatch.setattr(otel, "_FLUSH_SECONDS", 0.02)
    with socket.create_server(("127.0.0.1", 0), backlog=1) as hangs:
        exporting = Exporting(OTLPSpanExporter(endpoint=f"http://127.0.0.1:{hangs.getsockname()[1]}/v1/traces"))
        tracing.use(exporting.tracer)
        try:
            for _ in range(2_100):  # one more than 2,048, for which there is room, and those that are on their way
                with tracing.span("a"):
                    pass
            exporting.stop()
        finally:
            tracing.use(None)
        assert [one.name for one in threading.enumerate() if one.name == "last traces"]


def test_to_a_collector_that_is_away_nothing_more_is_sent_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel, "_FLUSH_SECONDS", 3600.0)
    entered = threading.Event()

    class Away(_Refusing):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            if entered.is_set():
                threading.Event().wait()  # for ever: whoever waits for it does not come back
            entered.set()
            return self.result

    exporting = Exporting(Away())
    with exporting.tracer.span("a", {}, kind=Kind.INTERNAL, parent=None, links=(), is_quiet=False):
        pass
    exporting._processor.force_flush()
    before = set(threading.enumerate())
    with exporting.tracer.span("b", {}, kind=Kind.INTERNAL, parent=None, links=(), is_quiet=False):
        pass
    exporting.stop()
    assert [one.name for one in set(threading.enumerate()) - before] == ["last traces"]  # it was not waited for
