"""The rollups equal a plain count, whoever counts, however often, and whatever happens meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from db import tables
from db.engine import connect
from db.queries import marks
from db.queries.rollups import ALERTS_MARK, FLOOR_MARK
from db.unit_of_work import SqlUnitOfWork
from incidents.ingest import ingest
from incidents.keeping import RollupLimits
from incidents.policy import Policy
from jobs.rollups import RollupMetrics, Rollups
from tests.building import a_delivery, firing, resolved
from tests.integration.db.past import Sums, live, no_rest, plainly_counted, rolled_up, rollup_job, spread, told
from tests.integration.db.stage import Stage

AnotherProcess = Callable[[], Stage]
HOUR = timedelta(hours=1)
NO_LAG = RollupLimits(lag=timedelta(0))


async def test_they_equal_a_plain_count(stage: Stage) -> None:
    await live(stage)
    await spread(stage, over=7 * HOUR)
    await rollup_job(stage).catch_up()
    counted = await rolled_up(stage)
    assert counted == await plainly_counted(stage)
    assert {hour for hour, *_ in counted} > {max(counted)[0], min(counted)[0]}
    totals = sum(counted.values(), Counter[str]())
    assert min(totals[name] for name in ("alerts", "incidents", "reopened", "resolved_untouched")) > 0


async def test_counting_in_small_steps_and_again_changes_nothing(stage: Stage) -> None:
    await live(stage)
    await spread(stage, over=5 * HOUR)
    await rollup_job(stage, rows=3).catch_up()
    assert await rolled_up(stage) == await plainly_counted(stage)
    await rollup_job(stage).catch_up()
    assert await rolled_up(stage) == await plainly_counted(stage)


async def test_two_processes_count_once_while_others_store(another_process: AnotherProcess) -> None:
    one, other, storing = another_process(), another_process(), another_process()
    await live(one, series=30)
    await spread(one, over=4 * HOUR)

    async def store() -> None:
        for number in range(100, 120):
            await storing.take(told(number))

    metrics, limits = RollupMetrics(CollectorRegistry()), RollupLimits(rows=2)
    jobs = [Rollups(stage.transactions, metrics, limits=limits, rest=no_rest) for stage in (one, other)]
    await asyncio.gather(store(), *(job.catch_up(wait=True) for job in jobs))
    await asyncio.gather(rollup_job(one, rows=2).catch_up(wait=True), rollup_job(other, rows=2).catch_up(wait=True))
    assert await rolled_up(one) == await plainly_counted(one)


async def test_what_is_younger_than_the_lag_is_left_for_later(stage: Stage) -> None:
    """Its transaction may not have committed yet: a mark beyond it would skip it for ever."""
    await stage.take(firing())
    now = await stage.now()
    job_with_lag = Rollups(stage.transactions, RollupMetrics(CollectorRegistry()), rest=no_rest)
    await job_with_lag.catch_up()
    until = await stage.read(lambda uow: uow.rollups.counted_until())
    assert until is not None
    assert until <= now
    assert await rolled_up(stage) == {}
    await rollup_job(stage).catch_up()
    assert await rolled_up(stage) == await plainly_counted(stage)


async def test_a_transaction_that_commits_late_is_counted(mariadb_stage: Stage) -> None:
    stage, began, may_end = mariadb_stage, asyncio.Event(), asyncio.Event()
    await stage.take(firing("pod-a"))

    async def slow(uow: SqlUnitOfWork) -> None:
        await ingest([a_delivery(firing("pod-b", service="other"))], uow=uow, policy=Policy())
        began.set()
        await may_end.wait()

    slow_one = asyncio.create_task(stage.write(slow))
    await began.wait()
    with_lag = Rollups(stage.transactions, RollupMetrics(CollectorRegistry()), rest=no_rest)
    await with_lag.catch_up()
    may_end.set()
    await slow_one
    await rollup_job(stage).catch_up()
    assert await rolled_up(stage) == await plainly_counted(stage)
    assert len(await stage.all(tables.alerts)) == 2


async def test_the_mark_stops_at_what_one_step_takes_and_never_passes_an_alert(stage: Stage) -> None:
    await live(stage, series=20)
    await spread(stage, over=2 * HOUR)
    more = True
    while more:
        step = await stage.write(lambda uow: uow.rollups.count_alerts(RollupLimits(lag=timedelta(0), rows=4)))
        more = step.more
        assert step.counted_until is not None
        rows = await stage.all(tables.alerts)
        before = sum(row["received_at"] < step.counted_until for row in rows)
        assert sum(row["alerts"] for row in await stage.all(tables.alert_rollups)) == before


async def test_a_severity_that_rises_later_moves_its_episode(stage: Stage) -> None:
    await stage.take(firing("pod-a", severity="warning"))
    await spread(stage, over=HOUR, ending=3 * HOUR)
    await rollup_job(stage).catch_up()
    await stage.take(firing("pod-b", severity="critical"))
    await rollup_job(stage).catch_up()
    counted = await rolled_up(stage)
    assert counted == await plainly_counted(stage)
    assert [(key[4], sums["incidents"]) for key, sums in counted.items() if sums["incidents"]] == [("critical", 1)]


async def test_what_people_touched_is_not_untouched(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b", service="other"))
    await stage.change(tables.incident_episodes, responded_at=await stage.now())
    await stage.take(firing("pod-c", service="third"))
    await stage.take(resolved("pod-a"), resolved("pod-b", service="other"), resolved("pod-c", service="third"))
    await rollup_job(stage).catch_up()
    untouched = {key[2]: sums["resolved_untouched"] for key, sums in (await rolled_up(stage)).items()}
    assert untouched == {"checkout": 0, "other": 0, "third": 1}


async def test_rebuilt_they_are_what_they_were(stage: Stage) -> None:
    await live(stage)
    await spread(stage, over=6 * HOUR)
    await rollup_job(stage, rows=7).catch_up()
    before = await stage.all(tables.alert_rollups)
    await stage.change(tables.alert_rollups, alerts=77, incidents=5)
    begun = await rollup_job(stage, rows=11).rebuild(None)
    assert begun == min(row["hour"] for row in before)
    assert await rolled_up(stage) == await plainly_counted(stage)


async def test_a_rebuild_in_two_processes_while_the_job_runs_is_exact(another_process: AnotherProcess) -> None:
    one, other = another_process(), another_process()
    await live(one, series=30)
    await spread(one, over=4 * HOUR)
    await rollup_job(one).catch_up()
    work = (
        rollup_job(one, rows=5).rebuild(None),
        rollup_job(other, rows=3).rebuild(None),
        rollup_job(other, rows=4).catch_up(),
    )
    await asyncio.gather(*work)
    await rollup_job(one).catch_up()
    assert await rolled_up(one) == await plainly_counted(one)


async def test_a_rebuild_since_an_hour_leaves_the_hours_before_it(stage: Stage) -> None:
    await live(stage)
    await spread(stage, over=6 * HOUR)
    await rollup_job(stage).catch_up()
    right = await rolled_up(stage)
    await stage.change(tables.alert_rollups, alerts=77)
    since = sorted({key[0] for key in right})[3]
    assert await rollup_job(stage).rebuild(since + timedelta(minutes=7)) == since
    counted = await rolled_up(stage)
    assert of_hours(counted, at_least=since) == of_hours(right, at_least=since)
    assert {sums["alerts"] for key, sums in counted.items() if key[0] < since} == {77}


def of_hours(sums: Sums, *, at_least: object) -> Sums:
    return {key: figures for key, figures in sums.items() if key[0] >= at_least}  # type: ignore[operator]


async def test_hours_whose_alerts_were_deleted_are_not_counted_again(stage: Stage) -> None:
    await live(stage)
    await spread(stage, over=6 * HOUR)
    await rollup_job(stage).catch_up()
    right = await rolled_up(stage)
    floor = sorted({key[0] for key in right})[2] + timedelta(minutes=30)
    await stage.write(lambda uow: marks.raise_to(uow.gate, FLOOR_MARK, floor))
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.delete(tables.alerts).where(tables.alerts.c.received_at < floor))
    assert await rollup_job(stage).rebuild(None) == sorted({key[0] for key in right})[3]
    assert await rolled_up(stage) == right


async def test_beyond_the_cap_an_hour_is_counted_as_other(stage: Stage) -> None:
    alerts = [firing(f"pod-{n}", service=f"service-{n}", severity="critical" if n % 2 else "info") for n in range(20)]
    await stage.take(*alerts)
    registry = CollectorRegistry()
    await rollup_job(stage, registry, distinct=6).catch_up()
    counted = await rolled_up(stage)
    other = {key[1:]: sums for key, sums in counted.items() if key[1] == "(other)"}
    assert set(other) == {("(other)", "(other)", "(other)", severity) for severity in ("critical", "info")}
    assert len(counted) == 6 + len(other)
    assert sum(sums["alerts"] for sums in counted.values()) == 20
    assert sum(sums["incidents"] for sums in counted.values()) == 20
    assert registry.get_sample_value("bongsu_rollups_folded_total") == 14
    await rollup_job(stage, distinct=6).rebuild(None)
    assert await rolled_up(stage) == counted


async def test_names_that_differ_by_a_last_space_are_counted_the_same_on_each_database(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b"), firing("pod-c"))
    async with stage.engines.write.begin() as connection:
        [first, *_] = await stage.all(tables.alerts)
        spaced = sa.update(tables.alerts).where(tables.alerts.c.id == first["id"]).values(service="checkout ")
        await connection.execute(spaced)
    await rollup_job(stage).catch_up()
    [sums] = (await rolled_up(stage)).values()
    assert sums["alerts"] == 3


async def test_an_empty_database_has_nothing_to_count(stage: Stage) -> None:
    await rollup_job(stage).catch_up()
    await rollup_job(stage).catch_up()
    assert await rolled_up(stage) == {}


async def test_a_long_silence_is_crossed_in_one_step(stage: Stage) -> None:
    await stage.take(firing())
    await spread(stage, over=HOUR, ending=4000 * HOUR)
    first = await stage.write(lambda uow: uow.rollups.count_alerts(NO_LAG))
    assert first.more
    second = await stage.write(lambda uow: uow.rollups.count_alerts(NO_LAG))
    assert not second.more
    episodes = [await stage.write(lambda uow: uow.rollups.count_episodes(NO_LAG)) for _ in range(2)]
    assert [step.more for step in episodes] == [True, False]
    assert await rolled_up(stage) == await plainly_counted(stage)


async def test_while_another_counts_nothing_is_done(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    await stage.take(firing())
    await rollup_job(stage).catch_up()

    async def hold(uow: SqlUnitOfWork) -> bool:
        await marks.lock(uow.gate, ALERTS_MARK, wait=True)
        steps = [
            await stage.write(lambda inner: inner.rollups.count_alerts(NO_LAG)),
            await stage.write(lambda inner: inner.rollups.count_episodes(NO_LAG)),
        ]
        return all(step.busy for step in steps)

    assert await stage.write(hold)


async def test_tenants_are_counted_apart(stage: Stage) -> None:
    other = Stage.on(stage.engines, tenant_id=2)
    await stage.take(firing())
    await other.take(firing("pod-b"), firing("pod-c"))
    await rollup_job(stage).catch_up()
    await rollup_job(other).catch_up()
    rows = await stage.all(tables.alert_rollups)
    assert sorted((row["tenant_id"], row["alerts"]) for row in rows) == [(1, 1), (2, 2)]


async def test_a_database_away_is_a_fact_in_the_log(
    free_port: Callable[[], int], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr("jobs.rollups._PATIENCE", timedelta(seconds=0.2))
    engines = connect(f"mysql://bongsu:x@127.0.0.1:{free_port()}/bongsu")
    await rollup_job(Stage.on(engines)).run()
    assert "rollups_wait" in [getattr(record, "action", "") for record in caplog.records]
    await engines.dispose()
