"""A collector of traces on loopback: takes OTLP over HTTP as any does, and keeps what it was told."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class Seen:
    """A span. Ids are hexadecimal; ``parent`` is "" at a root. ``links``: the ids of the spans it has to do with."""

    trace: str
    id: str
    parent: str
    name: str
    attributes: dict[str, Any]
    links: list[str]
    failed: bool


@dataclass
class Collector:
    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)

    @property
    def requests(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for body in self.bodies]

    @property
    def resource(self) -> dict[str, Any]:
        """Who has sent the first."""
        return _attributes(self.requests[0].resource_spans[0].resource.attributes)

    @property
    def spans(self) -> list[Seen]:
        return [
            _seen(span)
            for request in self.requests
            for of_one in request.resource_spans
            for scope in of_one.scope_spans
            for span in scope.spans
        ]


@contextmanager
def collector() -> Iterator[Collector]:
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            kept.paths.add(self.path)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def _seen(span: Any) -> Seen:
    return Seen(
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        name=span.name,
        attributes=_attributes(span.attributes),
        links=[link.span_id.hex() for link in span.links],
        failed=span.status.code == 2,
    )


def _attributes(told: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in told}
