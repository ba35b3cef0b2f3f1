"""Every metric of a program that is built as it is served."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector

from bongsu.app import assemble
from bongsu.settings import read_settings
from receiver.app import REGISTRY

_SUFFIXES = {
    "counter": ("",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
}


@dataclass(frozen=True)
class Metric:
    """``name`` as ``/metrics`` tells it; ``labels`` without those that a scrape or a tenant adds.

    ``begins``: the values of labels that are there from the start.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    begins: frozenset[tuple[str, ...]] = frozenset()

    @property
    def series(self) -> tuple[str, ...]:
        """The names that a query can ask for."""
        return tuple(self.name + suffix for suffix in _SUFFIXES[self.kind])


@cache
def metrics() -> dict[str, Metric]:
    """By name."""
    return asyncio.run(_metrics())


@cache
def series() -> dict[str, Metric]:
    """By what a query can ask for."""
    return {name: metric for metric in metrics().values() for name in metric.series}


async def _metrics() -> dict[str, Metric]:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bongsu.yaml"
        config.touch()
        settings = read_settings(
            {
                "BONGSU_CONFIG": str(config),
                "BONGSU_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/never-opened.db",
                "BONGSU_WEBHOOK_ANONYMOUS": "1",
                "SLACK_BOT_TOKEN": "xoxb-test",
                "SLACK_SIGNING_SECRET": "secret",
            }
        )
        bongsu = await assemble(settings)
        try:
            found = [*_of(bongsu.web[REGISTRY]), *_of(bongsu.tenants.default.registry)]
        finally:
            await bongsu.session.close()
            await bongsu.engines.dispose()
    return {metric.name: metric for metric in found}


def _of(registry: CollectorRegistry) -> Iterator[Metric]:
    """By what each collector was declared with: one whose labels have no value yet has no sample."""
    for collector in registry._collector_to_names:
        if isinstance(collector, ProcessCollector):
            yield from (_declared(one.name, one.type, ()) for one in collector.collect())
        elif hasattr(collector, "_labelnames"):
            begins = frozenset(collector._metrics) if collector._labelnames else frozenset()
            yield _declared(collector._name, collector._type, collector._labelnames, begins)


def _declared(
    name: str, kind: str, labels: tuple[str, ...], begins: frozenset[tuple[str, ...]] = frozenset()
) -> Metric:
    return Metric(f"{name}_total" if kind == "counter" else name, kind, tuple(labels), begins)
