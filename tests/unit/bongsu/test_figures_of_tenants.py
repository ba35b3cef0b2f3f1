"""One page of figures for all tenants."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bongsu.tenants import FiguresOfAll
from incidents.tenants.model import DEFAULT, Tenant

ACME = Tenant(2, "acme", "Acme")


@dataclass
class Part:
    tenant: Tenant
    registry: CollectorRegistry


def counted(tenant: Tenant, *, depth: int, calls: int) -> Part:
    registry = CollectorRegistry()
    Gauge("depth", "How deep", registry=registry).set(depth)
    Counter("calls", "How often", ["method"], registry=registry).labels("post").inc(calls)
    Histogram("seconds", "How long", registry=registry, buckets=(1,)).observe(0.5)
    return Part(tenant, registry)


def page(*parts: Part) -> str:
    registry, figures = CollectorRegistry(), FiguresOfAll()
    registry.register(figures)
    for part in parts:
        figures.add(part)
    lines = generate_latest(registry).decode().splitlines()
    return "\n".join(line for line in lines if "_created" not in line)


def test_a_single_team_sees_what_its_own_registry_has() -> None:
    part = counted(DEFAULT, depth=3, calls=2)
    alone = [line for line in generate_latest(part.registry).decode().splitlines() if "_created" not in line]
    assert page(part) == "\n".join(alone)


def test_another_tenants_figures_have_its_name_and_each_family_is_told_once() -> None:
    told = page(counted(DEFAULT, depth=3, calls=2), counted(ACME, depth=5, calls=7))
    assert told.count("# TYPE depth gauge") == 1
    assert "\ndepth 3.0\n" in told
    assert '\ndepth{tenant="acme"} 5.0\n' in told
    assert 'calls_total{method="post"} 2.0' in told
    assert 'calls_total{method="post",tenant="acme"} 7.0' in told
    assert 'seconds_bucket{le="1.0",tenant="acme"} 1.0' in told
