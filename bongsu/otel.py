"""Traces by OpenTelemetry's SDK: the optional extra ``bongsu[otel]``, which must be there to import this.

Implements ``base.tracing.Tracer``. What is under way is kept here, not in OpenTelemetry's own context.
"""

import logging
import re
import threading
import time
from collections.abc import Sequence
from contextvars import ContextVar, Token
from types import TracebackType

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, TraceFlags, set_span_in_context
from opentelemetry.trace import Span as TheirSpan
from opentelemetry.trace.status import StatusCode

from base.tracing import Attributes, Kind, Span, Value
from bongsu import __version__
from bongsu.tracing_settings import Batching

logger = logging.getLogger(__name__)

_FLUSH_SECONDS = 1.5
"""For what is left at the end. With the time for open requests it stays below the 30 s that Kubernetes gives."""
_QUIET_SECONDS = 1.0
"""A quiet span that took longer is worth being seen."""
_USUAL = Batching()
_ERROR_TYPE = re.compile(r"[A-Za-z0-9_.]{1,64}")
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_KINDS = {
    Kind.INTERNAL: SpanKind.INTERNAL,
    Kind.SERVER: SpanKind.SERVER,
    Kind.CLIENT: SpanKind.CLIENT,
    Kind.CONSUMER: SpanKind.CONSUMER,
}


class _Traced:
    """One of OpenTelemetry's spans. A quiet one that nothing happened in is never ended, and so never told."""

    __slots__ = ("_began", "_span", "is_quiet", "is_worth_it")

    def __init__(self, span: TheirSpan, *, is_quiet: bool) -> None:
        self._span = span
        self._began = time.monotonic()
        self.is_quiet = is_quiet
        self.is_worth_it = False

    @property
    def trace_id(self) -> str:
        return f"{self._span.get_span_context().trace_id:032x}"

    @property
    def span_id(self) -> str:
        return f"{self._span.get_span_context().span_id:016x}"

    @property
    def traceparent(self) -> str:
        place = self._span.get_span_context()
        return f"00-{place.trace_id:032x}-{place.span_id:016x}-{int(place.trace_flags):02x}"

    @property
    def is_sampled(self) -> bool:
        return self._span.is_recording()

    @property
    def around(self) -> Context:
        """For a span inside of it."""
        return set_span_in_context(self._span, Context())

    def set(self, name: str, value: Value) -> None:
        self._span.set_attribute(name, value)

    def event(self, name: str, attributes: Attributes | None = None) -> None:
        self._span.add_event(name, attributes)

    def link(self, traceparent: str | None) -> None:
        place = place_of(traceparent)
        if place is not None and self._span.is_recording():
            self._span.add_link(place)

    def fail(self, error_type: str) -> None:
        self.is_worth_it = True
        self._span.set_attribute("error.type", error_type if _ERROR_TYPE.fullmatch(error_type) else "other")
        self._span.set_status(StatusCode.ERROR)

    def keep(self) -> None:
        self.is_worth_it = True

    def end(self) -> None:
        if not self.is_quiet or self.is_worth_it or time.monotonic() - self._began >= _QUIET_SECONDS:
            self._span.end()


_current: ContextVar[_Traced | None] = ContextVar("span", default=None)


class _Inside:
    """While it is entered, the span is what is under way here."""

    __slots__ = ("_before", "_span")

    def __init__(self, span: _Traced) -> None:
        self._span = span
        self._before: Token[_Traced | None] | None = None

    def __enter__(self) -> Span:
        self._before = _current.set(self._span)
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            _current.reset(self._before)
        if kind is not None:
            self._span.fail(kind.__name__)
        self._span.end()


class OtelTracer:
    """Neither messages of exceptions nor their tracebacks are told: they may repeat what an alert or a person said."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("bongsu", __version__)

    def current(self) -> _Traced | None:
        return _current.get()

    def span(
        self,
        name: str,
        attributes: Attributes,
        *,
        kind: Kind,
        parent: str | None,
        links: Sequence[str],
        is_quiet: bool,
    ) -> _Inside:
        linked = [Link(place) for place in map(place_of, links) if place is not None]
        return _Inside(self._begun(name, attributes, kind, self._around(parent), linked, is_quiet=is_quiet))

    def begin(self, name: str, attributes: Attributes, *, kind: Kind) -> _Traced:
        return self._begun(name, attributes, kind, self._around(None), [], is_quiet=False)

    def _around(self, parent: str | None) -> Context:
        place = place_of(parent)
        if place is not None:
            return set_span_in_context(NonRecordingSpan(place), Context())
        now = _current.get()
        if now is None:
            return Context()
        now.is_worth_it = True
        return now.around

    def _begun(
        self, name: str, attributes: Attributes, kind: Kind, around: Context, links: Sequence[Link], *, is_quiet: bool
    ) -> _Traced:
        return _Traced(self._tracer.start_span(name, around, _KINDS[kind], attributes, links), is_quiet=is_quiet)


def place_of(traceparent: str | None) -> SpanContext | None:
    """None: there is none, or it is malformed, which W3C wants to be taken for none.

    Source: https://www.w3.org/TR/trace-context/#traceparent-header
    """
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if found is None or found[1] == "ff" or (found[1] == "00" and found[5]):
        return None
    flags = TraceFlags(int(found[4], 16) & TraceFlags.SAMPLED)
    place = SpanContext(int(found[2], 16), int(found[3], 16), is_remote=True, trace_flags=flags)
    return place if place.is_valid else None


class Told(SpanExporter):
    """Another exporter, of which is said once that nobody takes its traces, and once that somebody does again."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self.is_away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            self._tell(is_away=result is not SpanExportResult.SUCCESS)
        return result

    def _tell(self, *, is_away: bool) -> None:
        if is_away and not self.is_away:
            logger.warning("traces do not get through; all else goes on", extra={"action": "traces_lost"})
        elif self.is_away and not is_away:
            logger.info("traces get through again", extra={"action": "traces_sent"})
        self.is_away = is_away

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)


class Exporting:
    """Spans wait in a queue of a known length and go out by a thread of their own; what does not fit is dropped."""

    def __init__(self, exporter: SpanExporter, batching: Batching = _USUAL) -> None:
        self._exporter = Told(exporter)
        self._processor = BatchSpanProcessor(self._exporter, batching.queue, batching.delay, batching.batch)
        provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        provider.add_span_processor(self._processor)
        self.tracer = OtelTracer(provider)

    def stop(self) -> None:
        """What is left goes out, unless nobody takes it: that keeps nobody waiting for long."""
        leaving = threading.Thread(target=self._processor.shutdown, name="last traces", daemon=True)
        leaving.start()
        leaving.join(0.0 if self._exporter.is_away else _FLUSH_SECONDS)
        if leaving.is_alive():
            self._exporter.shutdown()


def exporting(name: str, batching: Batching) -> Exporting:
    """``otlp`` or ``console``. All else is read from the environment by the SDK."""
    return Exporting(ConsoleSpanExporter() if name == "console" else OTLPSpanExporter(), batching)


def _resource() -> Resource:
    """What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes first."""
    told = OTELResourceDetector().detect().attributes
    return Resource.create({"service.name": "bongsu", "service.version": __version__, **told})
