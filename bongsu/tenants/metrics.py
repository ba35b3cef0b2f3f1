"""The figures of all tenants on one page. A single team's look as they always have."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from incidents.tenants.model import Tenant

LABEL = "tenant"


class Counted(Protocol):
    """A tenant, and what is counted of it."""

    @property
    def tenant(self) -> Tenant: ...

    @property
    def registry(self) -> CollectorRegistry: ...


class FiguresOfAll(Collector):
    """What is the default tenant's has no label more; what is another's has its slug as ``tenant``."""

    def __init__(self) -> None:
        self._parts: list[Counted] = []

    def add(self, part: Counted) -> None:
        self._parts.append(part)

    def describe(self) -> Iterable[Metric]:
        """Nothing: the names are known once there is a tenant."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Each name once, with the samples of all."""
        found: dict[str, Metric] = {}
        for part in self._parts:
            for metric in part.registry.collect():
                same = found.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                same.samples += _labelled(metric.samples, part.tenant)
        yield from found.values()


def _labelled(samples: Iterable[Sample], tenant: Tenant) -> list[Sample]:
    if tenant.is_default:
        return list(samples)
    return [sample._replace(labels={**sample.labels, LABEL: tenant.slug}) for sample in samples]
