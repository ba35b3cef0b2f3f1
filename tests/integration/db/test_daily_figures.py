"""The figures by day are those of the episodes, whoever counts, however often, and whatever happens meanwhile."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db import tables
from db.daily_tables import daily_figures, daily_places, daily_rules, daily_times, hourly_alerts
from db.queries import marks
from db.queries.daily_figures import FIGURES_FLOOR, FIGURES_MARK
from incidents import actions
from incidents.browse import Matching
from incidents.daily import asking
from incidents.daily.asking import Question, Stats, stats
from incidents.daily.keeping import DAY, GroupBy, Where, day_of
from incidents.daily.tally import Tally
from incidents.model import Resolution, Severity
from incidents.policy import Policies, Policy
from incidents.statistics import Figures, figures
from jobs.daily_figures import DailyFigures
from jobs.rollups import Rest
from tests.building import ALICE, firing, resolved
from tests.integration.db.past import live, no_rest, rollup_job, spread
from tests.integration.db.stage import Stage
from tests.unit.incidents.test_daily import assert_they_agree

AnotherProcess = Callable[[], Stage]
HOUR = timedelta(hours=1)


def figures_job(stage: Stage, *, rest: Rest = no_rest, at_once: int = 500, places: int = 2000) -> DailyFigures:
    """Without a lag: what a test has stored is committed."""
    policies = Policies(stage.policy)
    return DailyFigures(stage.transactions, policies, lag=timedelta(0), at_once=at_once, places=places, rest=rest)


async def counted(stage: Stage) -> None:
    await rollup_job(stage).catch_up()
    await figures_job(stage).catch_up()


async def asked(stage: Stage, *, days: int = 10, where: Where | None = None, group_by: GroupBy | None = None) -> Stats:
    end = day_of(await stage.now()) + DAY
    question = Question(end - days * DAY, end, where or Where(), group_by)
    return await stage.read(lambda uow: stats(question, uow=uow, window=Policy().reopen_window))


async def told(stage: Stage, *, days: int = 10, wanted: Matching | None = None) -> Figures:
    """By the episodes themselves."""
    past = await stage.read(lambda uow: uow.statistics.past(wanted or Matching(), within=(days + 1) * DAY))
    since = day_of(past.now) + DAY - days * DAY
    return figures(past.episodes, since=since, now=past.now, reopen_window=Policy().reopen_window)


async def lived(stage: Stage, *, series: int = 12) -> None:
    await live(stage, series=series)
    await spread(stage, over=timedelta(days=2))


def added_up(found: Stats) -> Tally:
    sum_ = Tally()
    for group in found.groups.values():
        sum_.plus(group.tally)
    return sum_


async def test_they_are_the_figures_of_the_episodes_whatever_is_done_to_them_later(stage: Stage) -> None:
    await lived(stage, series=28)
    await counted(stage)
    plain, found = await told(stage), await asked(stage)
    assert plain.opened > 20
    assert plain.recovered.n > 10
    assert_they_agree(found.whole.tally, plain)
    assert [(one.uid, one.count) for one in found.by_incidents] == [(one.uid, one.count) for one in plain.noisiest]
    assert found.whole.tally.counts["alerts"] == len(await stage.all(tables.alerts))
    assert sum(one.count for one in found.by_alerts) == len(await stage.all(tables.alerts))
    for group_by in GroupBy:
        grouped = await asked(stage, group_by=group_by)
        assert_they_agree(added_up(grouped), plain)
        assert len(grouped.groups) > 2
    by_day = (await asked(stage, group_by=GroupBy.DAY)).groups
    assert list(by_day) == sorted(by_day)
    await narrowed_down(stage)
    await done_later(stage)


async def narrowed_down(stage: Stage) -> None:
    """By place and severity."""
    critical = Where(severities=(Severity.CRITICAL,))
    plain = await told(stage, wanted=Matching(frozenset({Severity.CRITICAL})))
    assert plain.opened > 2
    by_service = await asked(stage, where=critical, group_by=GroupBy.SERVICE)
    assert_they_agree(by_service.whole.tally, plain)
    assert_they_agree(added_up(by_service), plain)
    named = Where(services=("service-1", "service-2"), clusters=("cluster-1",), severities=(Severity.CRITICAL,))
    for where in (critical, Where(services=("service-1", "service-2")), named):
        whole = (await asked(stage, where=where)).whole
        grouped = await asked(stage, where=where, group_by=GroupBy.CLUSTER)
        assert added_up(grouped).counts == whole.tally.counts
        assert sum(group.open_now for group in grouped.groups.values()) == whole.open_now
    plain = await told(stage, wanted=Matching(services=("service-3",)))
    assert_they_agree((await asked(stage, where=Where(services=("service-3",)))).whole.tally, plain)


async def done_later(stage: Stage) -> None:
    """To incidents of earlier days: noise and its undoing, an acknowledgement after a day, a severity that rises."""
    found = await stage.all(tables.incidents)
    over = [row["id"] for row in found if row["status"] == "resolved"]
    still_open = [row["id"] for row in found if row["status"] == "active"]
    await stage.write(lambda uow: actions.mark_noise(over[0], by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.mark_noise(over[1], by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.acknowledge(still_open[0], by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.set_severity(still_open[1], to=Severity.CRITICAL, by=ALICE, uow=uow))
    before = await told(stage)
    assert before.left_out[Resolution.NOISE] == 2
    await counted(stage)
    assert_they_agree((await asked(stage)).whole.tally, before)
    by_severity = await asked(stage, where=Where(severities=(Severity.CRITICAL,)))
    assert_they_agree(by_severity.whole.tally, await told(stage, wanted=Matching(frozenset({Severity.CRITICAL}))))
    await stage.write(lambda uow: actions.mark_real(over[0], by=ALICE, uow=uow))
    await counted(stage)
    assert_they_agree((await asked(stage)).whole.tally, await told(stage))


async def test_the_last_minutes_are_read_from_the_episodes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.take(firing("a", service="a"))
    await counted(stage)
    await stage.take(resolved("a", service="a"))
    await stage.take(firing("b", service="b", severity="critical"))
    found, plain = await asked(stage, group_by=GroupBy.SERVICE), await told(stage)
    counts = found.whole.tally.counts
    assert (counts["opened"], counts["ended"], found.whole.tally.mttr.n) == (plain.opened, plain.ended, 1) == (2, 1, 1)
    assert {name: group.tally.counts["opened"] for name, group in found.groups.items()} == {"a": 1, "b": 1}
    assert found.groups["b"].open_now == 1
    assert (await asked(stage, where=Where(services=("a",)))).whole.tally.counts["opened"] == 1
    assert [one.count for one in found.by_incidents] == [2]
    mark = await stage.read(lambda uow: uow.figures.counted_until())
    assert mark is not None
    assert found.counted_until > mark
    monkeypatch.setattr(asking, "MOST_LIVE", 0)
    assert (await asked(stage)).counted_until == mark
    await counted(stage)
    assert_they_agree((await asked(stage)).whole.tally, await told(stage))


async def rows(stage: Stage) -> list[tuple[str, ...]]:
    """Without their ids."""
    found = [*await stage.all(daily_figures), *await stage.all(daily_rules)]
    return sorted(tuple(str(value) for name, value in row.items() if name != "id") for row in found)


async def test_rebuilt_in_two_processes_while_the_job_runs_they_are_what_they_were(
    another_process: AnotherProcess,
) -> None:
    one, other = another_process(), another_process()
    await lived(one)
    await counted(one)
    before = await rows(one)
    assert before
    await one.change(daily_figures, opened=77, mtta_n=5)
    work: Sequence[Any] = (
        figures_job(one, at_once=3).rebuild(None),
        figures_job(other, at_once=2).rebuild(None),
        figures_job(other).run(),
    )
    begun, *_ = await asyncio.gather(*work)
    assert begun == min(row["day"] for row in await one.all(daily_figures))
    assert_they_agree((await asked(one)).whole.tally, await told(one))
    assert await rows(one) == before


async def test_who_dies_in_between_loses_nothing(another_process: AnotherProcess) -> None:
    one, other = another_process(), another_process()
    await lived(one)
    rests = 0

    async def dies(_seconds: float) -> None:
        nonlocal rests
        rests += 1
        if rests > 25:
            raise asyncio.CancelledError

    await rollup_job(one).catch_up()
    with pytest.raises(asyncio.CancelledError):
        await figures_job(one, rest=dies).count()
    assert not await figures_job(other).count()
    half = len({row["day"] for row in await one.all(daily_figures)})
    await one.change(tables.leases, expires_at=await one.now())
    await figures_job(other).catch_up()
    assert 0 < half < len({row["day"] for row in await one.all(daily_figures)})
    assert_they_agree((await asked(one)).whole.tally, await told(one))


async def test_a_mark_that_was_moved_meanwhile_is_left_where_it_is(stage: Stage) -> None:
    await lived(stage)
    await counted(stage)
    await stage.take(firing("z", service="z"))
    back: list[datetime] = []

    async def rebuilds(_seconds: float) -> None:
        if not back:
            back.append(await stage.write(lambda uow: uow.daily_figures.start_over(None)))

    await rollup_job(stage).catch_up()
    await figures_job(stage, rest=rebuilds).count()
    assert await stage.read(lambda uow: marks.read(uow.gate, FIGURES_MARK)) == {FIGURES_MARK: back[0]}


async def test_days_whose_incidents_were_deleted_stay_as_they_are(stage: Stage) -> None:
    await lived(stage)
    await counted(stage)
    before = await rows(stage)
    floor = day_of(await stage.now()) - timedelta(hours=30)
    await stage.write(lambda uow: marks.raise_to(uow.gate, FIGURES_FLOOR, floor))
    async with stage.engines.write.begin() as connection:
        await connection.execute(
            sa.delete(tables.incident_episodes).where(tables.incident_episodes.c.opened_at < floor)
        )
    assert await figures_job(stage).rebuild(None) == day_of(floor) + DAY
    old = [row for row in await stage.all(daily_figures) if row["day"] < floor]
    assert old
    assert {row for row in await rows(stage) if row in before} >= {row for row in before if str(day_of(floor)) in row}


async def test_beyond_the_cap_places_are_counted_as_other(stage: Stage) -> None:
    await stage.take(*(firing(f"p{n}", service=f"service-{n}") for n in range(9)))
    await rollup_job(stage).catch_up()
    await figures_job(stage, places=4).catch_up()
    found = await asked(stage, group_by=GroupBy.SERVICE)
    assert {name: group.tally.counts["opened"] for name, group in found.groups.items()}["(other)"] == 5
    assert found.whole.tally.counts["opened"] == 9


async def test_tenants_are_counted_apart_and_nothing_needs_no_counting(stage: Stage) -> None:
    other, third = (Stage.on(stage.engines, tenant_id=tenant) for tenant in (2, 3))
    await stage.take(firing())
    await other.take(firing("pod-b"), firing("pod-c", service="c"))
    for one in (stage, other, third):
        await counted(one)
        await counted(one)
    assert [(await asked(one)).whole.tally.counts["opened"] for one in (stage, other, third)] == [1, 2, 0]


async def test_what_dashboards_read_adds_up_to_the_figures(stage: Stage) -> None:
    await lived(stage)
    await counted(stage)
    figures_ = await sums(stage, daily_figures, COUNTED, daily_figures.c.grouped_by == "all")
    assert figures_["opened"] > 0
    assert await sums(stage, daily_places, COUNTED) == pytest.approx(figures_)
    for level in ("place", "severity"):
        for name in ("mtta", "mttr", "close"):
            of_it = (daily_times.c.grouped_by == level, daily_times.c.figure == name)
            assert (await sums(stage, daily_times, ["n"], *of_it))["n"] == figures_[f"{name}_n"]
    hours = ["alerts", "incidents", "reopened"]
    assert await sums(stage, hourly_alerts, hours) == await sums(stage, tables.alert_rollups, hours)


async def test_namespaces_and_phases_are_told_apart(stage: Stage) -> None:
    labels = {"namespace": "shop", "phase": "prod"}
    await stage.take(firing("a", **labels), firing("b", **labels | {"namespace": "pay"}))
    await counted(stage)
    async with stage.engines.read.connect() as connection:
        for table in (daily_places, tables.alert_rollups):
            found = await connection.execute(sa.select(table.c.namespace, table.c.alerts).order_by(table.c.namespace))
            assert [tuple(row) for row in found] == [("pay", 1), ("shop", 1)]


COUNTED = ("alerts", "opened", "ended", "recovered", "noise", "mtta_n", "mttr_n", "mttr_seconds", "close_n")


async def sums(stage: Stage, table: sa.Table, names: Sequence[str], *where: sa.ColumnElement[bool]) -> dict[str, Any]:
    async with stage.engines.read.connect() as connection:
        columns = [sa.func.coalesce(sa.func.sum(table.c[name]), 0).label(name) for name in names]
        row = (await connection.execute(sa.select(*columns).where(*where))).mappings().one()
    return {name: float(value) for name, value in row.items()}


async def test_what_ends_on_a_later_day_counts_on_both(stage: Stage) -> None:
    await stage.take(firing())
    await stage.take(resolved())
    midnight = day_of(await stage.now()) - DAY
    times = {"opened_at": midnight - HOUR, "resolved_at": midnight + HOUR}
    await stage.change(tables.incident_episodes, started_at=midnight - HOUR, recovered_at=midnight + HOUR, **times)
    await counted(stage)
    days = (await asked(stage, group_by=GroupBy.DAY)).groups
    shown = [(one.tally.counts["opened"], one.tally.counts["ended"], one.tally.mttr.n) for one in days.values()]
    assert shown[:2] == [(1, 0, 0), (0, 1, 1)]
    assert_they_agree((await asked(stage)).whole.tally, await told(stage))


async def test_a_long_silence_is_crossed_at_once(stage: Stage) -> None:
    await stage.take(firing())
    await spread(stage, over=HOUR, ending=200 * DAY)
    days: list[float] = []

    async def rests(seconds: float) -> None:
        days.append(seconds)

    await rollup_job(stage).catch_up()
    await figures_job(stage, rest=rests).catch_up()
    assert len(days) < 40
    assert (await asked(stage, days=300)).whole.tally.counts["opened"] == 1
