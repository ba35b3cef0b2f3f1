"""Who has taken a schedule over: stored, given back, and mentioned as an incident opens."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from db.schedule_tables import schedule_overrides
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.errors import NotTaken, NotTakenBecause, OverrideOver, UnknownSchedule
from incidents.policy import Policy, Route
from incidents.schedules import Layer, Override, Rotation, Schedule
from incidents.schedules.now import standings, with_people
from tests.building import ALICE, BOB, firing
from tests.integration.db.stage import Stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UTC = ZoneInfo("UTC")
WEEK = Schedule("payments", UTC, (Layer("all", Rotation(("U0BOB", "U0BOB"))),))
EMPTY = Schedule("search", UTC, ())
SCHEDULES = {"payments": WEEK, "search": EMPTY}
ON_CALL = Policy(routes=(Route("#pay", mention=("@oncall", "schedule:payments")),), schedules=SCHEDULES)


async def take(
    stage: Stage, person: str = "U0ALICE", *, start: timedelta | None = None, end: timedelta = HOUR
) -> Override:
    async def work(uow: SqlUnitOfWork) -> Override:
        begins = None if start is None else uow.now + start
        return await actions.take_over(WEEK, person=person, start=begins, end=uow.now + end, by=BOB, uow=uow)

    return await stage.write(work)


async def give_back(stage: Stage, override: Override) -> Override:
    return await stage.write(lambda uow: actions.give_back(override.id, by=ALICE, uow=uow))


async def who(stage: Stage) -> str | None:
    [first, *_] = await stage.read(lambda uow: standings(SCHEDULES, uow))
    return first.person


async def standing(stage: Stage) -> list[int]:
    return [one.id for one in await stage.read(lambda uow: uow.overrides.standing())]


async def test_who_takes_it_over_has_it_until_they_give_it_back(stage: Stage) -> None:
    assert await who(stage) == "U0BOB"
    override = await take(stage)
    assert (override.person, override.by, override.end - override.start) == ("U0ALICE", "U0BOB", HOUR)
    assert await who(stage) == "U0ALICE"
    [told, nobody] = await stage.read(lambda uow: standings(SCHEDULES, uow))
    assert (told.until, told.then, told.overrides) == (override.end, "U0BOB", (override,))
    assert (nobody.person, nobody.until, nobody.overrides) == (None, None, ())
    assert await give_back(stage, override) == override
    assert await who(stage) == "U0BOB"
    [row] = await stage.all(schedule_overrides)
    assert (row["created_by"], row["ended_by"], row["starts_at"] < row["ends_at"]) == ("U0BOB", "U0ALICE", True)


async def test_the_newest_counts_and_when_it_ends_the_one_below_it(stage: Stage) -> None:
    await take(stage, "U0ALICE", end=3 * HOUR)
    newer = await take(stage, "U0CAROL")
    assert await who(stage) == "U0CAROL"
    await give_back(stage, newer)
    assert await who(stage) == "U0ALICE"


async def test_one_that_has_not_begun_never_does(stage: Stage) -> None:
    override = await take(stage, start=DAY, end=2 * DAY)
    assert await standing(stage) == [override.id]
    await give_back(stage, override)
    assert await standing(stage) == []
    [row] = await stage.all(schedule_overrides)
    assert row["starts_at"] == row["ends_at"]


async def test_what_is_over_can_not_be_given_back(stage: Stage) -> None:
    override = await take(stage)
    await give_back(stage, override)
    for gone in (override, replace(override, id=99)):
        with pytest.raises(OverrideOver):
            await give_back(stage, gone)


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (-HOUR, HOUR, NotTakenBecause.BEGAN),
        (None, -HOUR, NotTakenBecause.PAST),
        (None, timedelta(0), NotTakenBecause.PAST),
        (2 * HOUR, HOUR, NotTakenBecause.BACKWARDS),
        (HOUR, HOUR, NotTakenBecause.BACKWARDS),
        (None, 31 * DAY + HOUR, NotTakenBecause.TOO_LONG),
        (DAY, 33 * DAY, NotTakenBecause.TOO_LONG),
        (400 * DAY, 401 * DAY, NotTakenBecause.TOO_FAR),
    ],
)
async def test_times_that_make_no_sense_are_refused(
    stage: Stage, start: timedelta | None, end: timedelta, why: NotTakenBecause
) -> None:
    with pytest.raises(NotTaken) as refused:
        await take(stage, start=start, end=end)
    assert refused.value.why is why
    assert await stage.all(schedule_overrides) == []


@pytest.mark.parametrize(("start", "end"), [(-timedelta(minutes=2), HOUR), (None, 31 * DAY), (DAY, 32 * DAY)])
async def test_times_at_the_edge_are_taken(stage: Stage, start: timedelta | None, end: timedelta) -> None:
    assert await take(stage, start=start, end=end)


def test_a_schedule_is_found_by_its_name_and_the_nearest_is_named() -> None:
    assert actions.find_schedule("Payments", SCHEDULES) is WEEK
    assert actions.find_schedule("", {"payments": WEEK}) is WEEK
    for name, nearest in (("paymets", "payments"), ("zzz", None), ("", None)):
        with pytest.raises(UnknownSchedule) as refused:
            actions.find_schedule(name, SCHEDULES)
        assert (refused.value.nearest, refused.value.known) == (nearest, ["payments", "search"])


async def notified(stage: Stage, number: int) -> list[str]:
    [*_, opened] = await stage.events(number)
    told: list[str] = opened.data["notify"]
    return told


async def test_who_is_on_call_as_it_opens_is_mentioned(stage: Stage) -> None:
    await stage.take(firing("a", cluster="a"), policy=ON_CALL)
    override = await take(stage)
    await stage.take(firing("b", cluster="b"), policy=ON_CALL)
    await give_back(stage, override)
    await stage.take(firing("c", cluster="c"), policy=ON_CALL)
    told = [await notified(stage, number) for number in (1, 2, 3)]
    assert told == [["@oncall", "<@U0BOB>"], ["@oncall", "<@U0ALICE>"], ["@oncall", "<@U0BOB>"]]


async def test_a_schedule_that_nobody_has_or_that_is_gone_stays_as_it_is(stage: Stage) -> None:
    named = ["schedule:search", "schedule:gone", "<@U0BOB>", "schedule:payments"]
    told = await stage.read(lambda uow: with_people(named, ON_CALL, uow))
    assert told == ["schedule:search", "schedule:gone", "<@U0BOB>"]


async def test_a_home_is_shown_anew_when_somebody_takes_over(stage: Stage) -> None:
    worlds = [await stage.read(lambda uow: uow.homes.world())]
    override = await take(stage)
    worlds.append(await stage.read(lambda uow: uow.homes.world()))
    await give_back(stage, override)
    worlds.append(await stage.read(lambda uow: uow.homes.world()))
    assert worlds[1] not in {worlds[0], worlds[2]}


async def test_each_tenant_has_its_own(stage: Stage) -> None:
    override = await take(stage)
    other = Stage.on(stage.engines, tenant_id=2)
    assert await standing(other) == []
    with pytest.raises(OverrideOver):
        await give_back(other, override)
    assert await who(stage) == "U0ALICE"


async def test_what_is_over_is_not_looked_through(mariadb_stage: Stage) -> None:
    rows = (
        "INSERT INTO schedule_overrides (tenant_id, schedule, person, starts_at, ends_at, created_by, created_at) "
        "SELECT 1, 'payments', 'U0BOB', UTC_TIMESTAMP(6) - INTERVAL seq HOUR, UTC_TIMESTAMP(6) - INTERVAL seq MINUTE, "
        "'U0BOB', UTC_TIMESTAMP(6) FROM seq_1_to_20000"
    )
    async with mariadb_stage.engines.write.begin() as connection:
        await connection.execute(text(rows))
        await connection.execute(text("ANALYZE TABLE schedule_overrides"))
        plan = (
            await connection.execute(
                text(
                    "EXPLAIN SELECT * FROM schedule_overrides WHERE tenant_id = 1 AND ends_at > UTC_TIMESTAMP(6) "
                    "AND ends_at > starts_at AND schedule IN ('payments') ORDER BY starts_at, id"
                )
            )
        ).mappings()
        [step] = list(plan)
    assert (step["key"], step["type"]) == ("ix_schedule_overrides_ends_at", "range")
