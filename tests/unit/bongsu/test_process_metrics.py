"""What a process says of itself."""

from prometheus_client import CollectorRegistry

from bongsu import __version__
from bongsu.process_metrics import LoopLag, ProcessMetrics


async def test_it_is_ready_while_nothing_keeps_it_from_working() -> None:
    registry, problems = CollectorRegistry(), ["the database is away"]

    async def asked() -> list[str]:
        return problems

    metrics = ProcessMetrics(registry, database="sqlite", problems=asked)
    await metrics.look()
    assert registry.get_sample_value("bongsu_ready") == 0
    problems.clear()
    await metrics.look()
    assert registry.get_sample_value("bongsu_ready") == 1
    assert registry.get_sample_value("bongsu_build_info", {"version": __version__, "database": "sqlite"}) == 1


async def test_lag_is_by_how_much_a_nap_was_too_long() -> None:
    registry, now = CollectorRegistry(), [100.0]

    async def nap(seconds: float) -> None:
        now[0] += seconds + 1.5

    await LoopLag(registry, nap=nap, clock=lambda: now[0]).measure_once()
    assert registry.get_sample_value("bongsu_event_loop_lag_seconds_sum") == 1.5


async def test_it_measures_until_it_is_stopped() -> None:
    registry = CollectorRegistry()
    lag = LoopLag(registry)
    lag.start()
    await lag.measure_once()
    await lag.stop()
    assert (registry.get_sample_value("bongsu_event_loop_lag_seconds_count") or 0) >= 1
