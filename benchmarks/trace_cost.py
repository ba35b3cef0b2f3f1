"""What traces cost intake, in CPU time: `python -m benchmarks.trace_cost`.

The same webhooks of one alert go over HTTP into SQLite, in one process, in turns without traces, with a tenth of them
traced and with all of them, whose spans are encoded as for a collector and thrown away: the median of 5 rounds.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from prometheus_client import CollectorRegistry

from base import tracing
from bongsu.otel import OtelTracer
from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID, migrate
from db.transactions import SqlTransactions
from incidents.policy import Policies, Policy
from receiver.app import add_routes
from receiver.commit import BatchLimits, Commits
from receiver.health import Health
from receiver.intake import Intake
from receiver.keyring import Keyring
from receiver.metrics import ReceiverMetrics
from receiver.settings import ReceiverSettings
from tests.unit.receiver.bodies import alert, body

ROUNDS, REQUESTS, CONNECTIONS = 5, 1_500, 16
SHARES = {"off": None, "a tenth": 0.1, "all": 1.0}


class Discarded(SpanExporter):
    """Does the work of telling a collector, but for the socket."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


def use(share: float | None) -> None:
    if share is None:
        tracing.use(None)
        return
    provider = TracerProvider(sampler=ParentBasedTraceIdRatio(share), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Discarded()))
    tracing.use(OtelTracer(provider))


class _Stores:
    def __init__(self, store: Commits) -> None:
        self._store = store

    def of(self, _: int, /) -> Commits:
        return self._store


async def serving(folder: Path, stack: AsyncExitStack) -> str:
    engines = connect(f"sqlite+aiosqlite:///{folder / 'cost.db'}")
    stack.push_async_callback(engines.dispose)
    await migrate(engines)
    policies, registry = Policies(Policy()), CollectorRegistry()
    transactions = SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID, policies=policies)
    settings, metrics = ReceiverSettings(anonymous=True), ReceiverMetrics(registry)
    store = Commits(transactions, policies, metrics, patience=settings.patience, limits=BatchLimits(writers=1))
    keys = Keyring(transactions, lambda _: transactions)
    intake = Intake(settings, _Stores(store), metrics, keys=keys, committed=lambda _: None)
    app = web.Application()
    add_routes(app, intake=intake, health=Health(_no_problems), registry=registry)
    server = await stack.enter_async_context(TestServer(app))
    return str(server.make_url("/webhooks/grafana"))


async def _no_problems() -> list[str]:
    return []


def _again(number: int) -> dict[str, object]:
    """One of 200 series, with another value than before: what is sent most of the time."""
    return alert(fingerprint=f"{number % 200:016x}", values={"A": number})


async def seconds_each(url: str, http: aiohttp.ClientSession, start: int) -> float:
    """CPU seconds of one request."""
    told = iter([body(_again(start + n)) for n in range(REQUESTS)])

    async def send() -> None:
        for one in told:
            async with http.post(url, data=one) as answer:
                if answer.status != 200:
                    raise RuntimeError(await answer.text())

    began = time.process_time()
    await asyncio.gather(*(send() for _ in range(CONNECTIONS)))
    return (time.process_time() - began) / REQUESTS


async def measure() -> dict[str, float]:
    figures: dict[str, list[float]] = {name: [] for name in SHARES}
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            url = await serving(Path(folder), stack)
            http = await stack.enter_async_context(aiohttp.ClientSession())
            await seconds_each(url, http, 0)
            for number in range(ROUNDS):
                for place, (name, share) in enumerate(SHARES.items()):
                    use(share)
                    figures[name].append(await seconds_each(url, http, (3 * number + place + 1) * REQUESTS))
            use(None)
    return {name: statistics.median(some) for name, some in figures.items()}


def main() -> int:
    told = asyncio.run(measure())
    for name, seconds in told.items():
        print(f"traces {name:<8} {seconds * 1e6:7.0f} µs of CPU a webhook   {seconds / told['off']:.2f} ×")
    return 0


if __name__ == "__main__":
    sys.exit(main())
