"""Editions of digests: each once, however many look, and only what is worth telling."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from db import tables
from db.digest_tables import digests
from db.unit_of_work import SqlUnitOfWork
from incidents.actions import acknowledge
from incidents.digests.due import Looked, any_due, look_at_digests
from incidents.digests.model import Digest, Edition, WantedChart
from incidents.digests.report import report_of
from incidents.model import Severity
from incidents.policy import Policies, Policy
from jobs.digests import Digests
from jobs.fire_times import FireTimes
from tests.building import ALICE, firing
from tests.integration.db.stage import Stage

T = TypeVar("T")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAILY = Digest("daily", "#payments", "0 9 * * *", ZoneInfo("UTC"))
LEASE = timedelta(minutes=2)


async def at(stage: Stage, now: datetime, work: Callable[[SqlUnitOfWork], Awaitable[T]]) -> T:
    """As if the database's clock said so."""

    async def then(uow: SqlUnitOfWork) -> T:
        uow.gate.now = now
        return await work(uow)

    return await stage.write(then)


async def look(stage: Stage, now: datetime, *wanted: Digest) -> Looked:
    times = {one: FireTimes(one.cron, one.zone) for one in wanted or (DAILY,)}
    is_due = await at(stage, now, lambda uow: any_due(times, uow))
    looked = await at(stage, now, lambda uow: look_at_digests(times, uow))
    assert is_due or looked == Looked()
    return looked


async def reports(stage: Stage) -> list[tuple[str, str]]:
    found = await stage.rows(sa.select(tables.outbox).where(tables.outbox.c.kind == "report"))
    return [(row["channel"], row["subject"]) for row in found]


async def post(stage: Stage, edition: Edition) -> None:
    """As the publisher notes it."""
    this = sa.update(tables.outbox).where(tables.outbox.c.subject == edition.subject)
    async with stage.engines.write.begin() as connection:
        await connection.execute(this.values(ts="1.2", channel_id="C0PAY", sent_rev=1, due_at=None))


async def test_a_new_digest_tells_nothing_old_and_then_each_edition_once(stage: Stage) -> None:
    assert await look(stage, NINE + 5 * HOUR) == Looked()
    assert await look(stage, NINE + DAY - timedelta(seconds=1)) == Looked()
    [edition] = (await look(stage, NINE + DAY)).published
    assert (edition.since, edition.until, edition.channel, edition.zone.key) == (NINE, NINE + DAY, "#payments", "UTC")
    assert await look(stage, NINE + DAY + HOUR) == Looked()
    [second] = (await look(stage, NINE + 2 * DAY + timedelta(minutes=3))).published
    assert second.since == NINE + DAY
    assert await reports(stage) == [("#payments", edition.subject), ("#payments", second.subject)]
    assert await stage.read(lambda uow: uow.digests.get(second.id)) == second


async def test_of_several_processes_that_look_at_once_one_tells_it(
    stage: Stage, another_process: Callable[[], Stage]
) -> None:
    others = [stage, another_process(), another_process()]
    await asyncio.gather(*(look(one, NINE - HOUR) for one in others))
    await asyncio.gather(*(look(one, NINE + timedelta(seconds=1)) for one in others for _ in range(2)))
    assert len(await reports(stage)) == 1
    told = await stage.rows(sa.select(digests.c.state))
    assert [row["state"] for row in told] == ["wanted", "published"]


async def test_what_is_late_is_told_what_is_too_late_is_left_out_aloud(stage: Stage) -> None:
    await look(stage, NINE - HOUR)
    [late] = (await look(stage, NINE + 3 * DAY + 6 * HOUR)).published
    assert (late.since, late.until) == (NINE + 2 * DAY, NINE + 3 * DAY)
    missed = await look(stage, NINE + 4 * DAY + 6 * HOUR + timedelta(seconds=1))
    assert missed == Looked(missed=((DAILY, NINE + 4 * DAY),))
    assert await look(stage, NINE + 4 * DAY + 7 * HOUR) == Looked()
    assert len(await reports(stage)) == 1
    assert len((await look(stage, NINE + 5 * DAY)).published) == 1


async def test_the_job_says_what_it_left_out_and_wakes_the_publisher(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """By the database's own clock: one is due since the last full hour, the other was so long ago."""
    now = await stage.read(_now)
    hourly = Digest("hourly", "#payments", "0 * * * *", ZoneInfo("UTC"))
    long_ago = now - 8 * HOUR
    yearly = Digest("yearly", "#leads", f"0 {long_ago.hour} {long_ago.day} {long_ago.month} *", ZoneInfo("UTC"))
    for one in (hourly, yearly):
        await at(stage, now, lambda uow, one=one: uow.digests.begin(one, at=now - DAY))  # type: ignore[misc]
    woken: list[int] = []
    job = Digests(stage.transactions, Policies(Policy(digests=(hourly, yearly))), changed=lambda: woken.append(1))
    await job.tick()
    await job.tick()
    assert [channel for channel, _ in await reports(stage)] == ["#payments"]
    assert woken == [1]
    told = {record.__dict__["action"]: record.__dict__["channel"] for record in caplog.records}
    assert told["digest_missed"] == "#leads"


async def _now(uow: SqlUnitOfWork) -> datetime:
    return uow.now


async def test_it_tells_of_its_services_alone_and_of_what_is_open_gravest_first(stage: Stage) -> None:
    await stage.take(
        firing("a", ruleUID="r1", service="Payments", severity="warning"),
        firing("b", ruleUID="r2", service="payments", severity="critical"),
        firing("c", ruleUID="r3", service="payments-old", severity="critical"),
    )
    first = await stage.incident(1)
    await stage.write(lambda uow: acknowledge(first.id, by=ALICE, uow=uow))

    async def told(uow: SqlUnitOfWork, *services: str) -> Any:
        edition = Edition(0, "#a", uow.now - HOUR, uow.now + HOUR, ZoneInfo("UTC"), services)
        return await report_of(edition, uow)

    every, ours = await stage.read(told), await stage.read(lambda uow: told(uow, "payments"))
    assert (every.figures.opened, every.still_open.total) == (3, 3)
    assert (ours.figures.opened, ours.still_open.total) == (2, 2)
    assert dict(ours.figures.severities) == {Severity.WARNING: 1, Severity.CRITICAL: 1}
    assert [one.incident.severity for one in ours.still_open.listed] == [Severity.CRITICAL, Severity.WARNING]
    assert ours.before is not None
    assert ours.before.opened == 0


async def take(stage: Stage, now: datetime) -> WantedChart | None:
    return await at(stage, now, lambda uow: uow.digests.take_chart(lease=LEASE))


async def test_a_picture_waits_for_its_message_and_is_leased(stage: Stage) -> None:
    await look(stage, NINE - HOUR)
    [edition] = (await look(stage, NINE)).published
    assert await take(stage, NINE + HOUR) is None
    await post(stage, edition)
    assert await at(stage, NINE, lambda uow: uow.digests.any_chart())
    assert await take(stage, NINE) == WantedChart(edition, "C0PAY", "1.2", 1)
    assert await take(stage, NINE + LEASE - timedelta(seconds=1)) is None
    assert await take(stage, NINE + LEASE) == WantedChart(edition, "C0PAY", "1.2", 2)
    await at(stage, NINE, lambda uow: uow.digests.chart_done(edition.id, file_id="F1"))
    assert not await at(stage, NINE + DAY, lambda uow: uow.digests.any_chart())
    assert [row["file_id"] for row in await stage.rows(sa.select(digests).where(digests.c.id == edition.id))] == ["F1"]


async def test_of_two_that_see_a_picture_due_one_gets_it(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    await look(stage, NINE - HOUR)
    [edition] = (await look(stage, NINE)).published
    await post(stage, edition)
    both_have_seen_it = asyncio.Barrier(2)

    async def work(uow: SqlUnitOfWork) -> WantedChart | None:
        rows = uow.gate.rows

        async def seen(statement: sa.Executable) -> Any:
            found = await rows(statement)
            await both_have_seen_it.wait()
            return found

        uow.gate.rows = seen  # type: ignore[method-assign]
        return await uow.digests.take_chart(lease=LEASE)

    got = await asyncio.gather(at(stage, NINE, work), at(stage, NINE, work))
    assert [one for one in got if one is not None] == [WantedChart(edition, "C0PAY", "1.2", 1)]


async def test_a_digest_without_a_picture_wants_none(stage: Stage) -> None:
    plain = Digest("plain", "#a", "0 9 * * *", ZoneInfo("UTC"), chart=False)
    await look(stage, NINE - HOUR, plain)
    [edition] = (await look(stage, NINE, plain)).published
    await post(stage, edition)
    assert not await at(stage, NINE + DAY, lambda uow: uow.digests.any_chart())
