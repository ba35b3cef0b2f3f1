"""What is traced inside a test, kept in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, Sampler

from base import tracing
from bongsu.otel import OtelTracer


@dataclass(frozen=True)
class Traced:
    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    @property
    def spans(self) -> list[ReadableSpan]:
        """Those that have ended, in that order."""
        return list(self.exporter.get_finished_spans())

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.spans]

    def one(self, name: str) -> ReadableSpan:
        [span] = [one for one in self.spans if one.name == name]
        return span


@contextmanager
def traced(sampler: Sampler = DEFAULT_ON) -> Iterator[Traced]:
    kept = Traced()
    provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept.exporter))
    tracing.use(OtelTracer(provider))
    try:
        yield kept
    finally:
        tracing.use(None)


def id_of(span: ReadableSpan) -> str:
    return f"{span.context.span_id:016x}"


def parent_of(span: ReadableSpan) -> str:
    """ "" where it is a root."""
    return "" if span.parent is None else f"{span.parent.span_id:016x}"


def links_of(span: ReadableSpan) -> set[str]:
    return {f"{link.context.span_id:016x}" for link in span.links}
