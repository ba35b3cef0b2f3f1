"""Windows of maintenance: what opens in one is marked, one begins and ends once, and nobody hears of it meanwhile."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from db import tables
from db.escalation_tables import escalation_steps
from db.maintenance_tables import maintenance_windows
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.actions import Declaration
from incidents.errors import InvalidInput
from incidents.maintenance.errors import (
    AmbiguousWindow,
    NotPlanned,
    NotPlannedBecause,
    UnknownWindow,
    WindowOver,
)
from incidents.maintenance.look import look_at_due
from incidents.maintenance.model import Repeat, Scope, Window
from incidents.maintenance.plan import MOST_STANDING, Plan, Preview, end_early, find_window, plan, preview
from incidents.maintenance.telling import Told, told
from incidents.model import Severity
from incidents.policy import Policy, Route
from tests.building import ALICE, BOB, a_delivery, firing, resolved
from tests.integration.db.stage import Stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHECKOUT = Scope(service=("checkout",))
CALLING = Policy(routes=(Route("#pay", mention=("@oncall",)),))


async def planned(stage: Stage, scope: Scope = CHECKOUT, **given: Any) -> Window:
    """From now on for two hours, unless told otherwise: ``start`` and ``end`` are so long from now."""
    start, end = given.pop("start", None), given.pop("end", 2 * HOUR)

    async def work(uow: SqlUnitOfWork) -> Window:
        values: dict[str, Any] = {"token": str(uow.now), "zone": ZoneInfo("UTC"), "channel": "C0INCIDENTS", **given}
        begins = None if start is None else uow.now + start
        return await plan(Plan(scope=scope, start=begins, end=uow.now + end, **values), by=ALICE, uow=uow)

    return await stage.write(work)


async def look(stage: Stage) -> int:
    """The clock looks until nothing is due; at how many windows."""
    looked = 0
    while await stage.write(look_at_due):
        looked += 1
    return looked


async def let_pass(stage: Stage, passed: timedelta) -> None:
    """All windows are so much older."""
    times = ("starts_at", "ends_at", "created_at", "due_at", "under_way", "left_of", "ended_at")
    await stage.grow_older(maintenance_windows, await stage.all(maintenance_windows), times, passed)


async def mark_of(stage: Stage, number: int = 1) -> int | None:
    return (await stage.incident(number)).maintenance_id


async def notices(stage: Stage) -> list[str]:
    """What channels are to hear of maintenance: ``ended``, in the order of asking."""
    asked = sa.select(tables.outbox.c.subject).where(tables.outbox.c.kind == "notice").order_by(tables.outbox.c.id)
    return [row["subject"] for row in await stage.rows(asked) if row["subject"].startswith("maintenance:")]


async def heard(stage: Stage, moment: str) -> Told:
    [named] = [one for one in await notices(stage) if f":{moment}:" in one]
    found = await stage.read(lambda uow: told(named, uow, most_cards=10))
    assert found is not None
    return found


async def test_what_opens_in_a_window_is_marked_and_mentions_nobody(stage: Stage) -> None:
    window = await planned(stage)
    await stage.take(firing("a"), policy=CALLING)
    await stage.take(firing("b", service="search"), policy=CALLING)
    assert [await mark_of(stage, number) for number in (1, 2)] == [window.id, None]
    assert await stage.kinds(1) == ["opened", "maintenance_began"]
    assert [event.data["notify"] for event in await stage.reminders()] == [["@oncall"]]
    view = await stage.read(lambda uow: uow.views.incident(1))
    assert view.maintenance is not None
    assert (view.maintenance.name, view.maintenance.until) == ("checkout", window.ends_at)
    assert len(await stage.all(tables.alerts)) == 2


async def test_what_reopens_in_a_window_is_marked_and_once(stage: Stage) -> None:
    await stage.take(firing("a"))
    await stage.take(resolved("a"))
    window = await planned(stage)
    await stage.take(firing("a", since=10))
    assert await mark_of(stage) == window.id
    await stage.take(firing("b", since=11))
    assert (await stage.kinds()).count("maintenance_began") == 1


async def test_the_windows_are_asked_for_once_and_only_where_something_opens(stage: Stage) -> None:
    await planned(stage)
    await stage.take(firing("a"))
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    sa.event.listen(stage.engines.write.sync_engine, "before_cursor_execute", note)
    await stage.take(firing("b"))
    await stage.take(resolved("b"))
    assert [one for one in said if "maintenance_windows" in one] == []
    await stage.take_batch(*(a_delivery(firing(f"n{number}", cluster=f"c{number}")) for number in range(3)))
    assert len([one for one in said if "maintenance_windows" in one]) == 1


async def test_as_a_window_begins_what_is_open_is_marked_and_as_it_ends_let_go_and_told(stage: Stage) -> None:
    await stage.take(firing("a"))
    await stage.take(firing("b", cluster="two"))
    await stage.take(firing("c", service="search"))
    window = await planned(stage, reason="database upgrade")
    assert await look(stage) == 1
    assert [await mark_of(stage, number) for number in (1, 2, 3)] == [window.id, window.id, None]
    assert await notices(stage) == []
    await stage.take(resolved("b", cluster="two"))
    assert await mark_of(stage, 2) == window.id
    await let_pass(stage, 2 * HOUR)
    assert await look(stage) == 1
    assert [await mark_of(stage, number) for number in (1, 2)] == [None, None]
    assert await stage.kinds(1) == ["opened", "maintenance_began", "maintenance_ended"]
    assert await stage.kinds(2) == ["opened", "maintenance_began", "series_resolved", "resolved"]
    found = await heard(stage, "ended")
    assert [one.number for one in found.incidents] == [1]
    assert found.occurrence.end - found.occurrence.start == window.ends_at - window.starts_at
    await stage.take(resolved("a"))
    assert (await heard(stage, "ended")).incidents == ()
    assert await stage.read(lambda uow: uow.maintenance.standing()) == []
    await let_pass(stage, HOUR)
    assert await look(stage) == 1
    assert await look(stage) == 0
    assert len(await notices(stage)) == 1


async def test_nobody_is_paged_in_a_window_and_from_its_end_on_again(stage: Stage) -> None:
    async def steps() -> list[tuple[str, str | None]]:
        return [(row["state"], row["reason"]) for row in await stage.all(escalation_steps)]

    await planned(stage)
    await stage.take(firing("a"))
    assert await steps() == []
    await let_pass(stage, 2 * HOUR)
    await look(stage)
    assert await steps() == [("planned", None)]
    await planned(stage)
    await look(stage)
    assert await steps() == [("cancelled", "in_maintenance")]


async def test_two_processes_that_race_begin_and_end_it_once(
    stage: Stage, another_process: Callable[[], Stage]
) -> None:
    for number in range(6):
        await stage.take(firing(f"s{number}", cluster=f"c{number}"))
    await planned(stage, start=HOUR, end=2 * HOUR)
    crowd = [stage, another_process(), another_process()]
    for _ in range(2):
        await let_pass(stage, HOUR)
        await asyncio.gather(*(look(one) for one in crowd))
    await asyncio.gather(*(look(one) for one in crowd))
    for number in range(1, 7):
        kinds = await stage.kinds(number)
        assert (kinds.count("maintenance_began"), kinds.count("maintenance_ended")) == (1, 1)
    assert [one.split(":")[2] for one in await notices(stage)] == ["began", "ended"]


async def test_in_advance_it_is_told_as_it_begins_and_again_and_again(stage: Stage) -> None:
    await stage.take(firing("a"))
    window = await planned(stage, start=HOUR, end=2 * HOUR, repeats=Repeat.DAILY)
    assert await look(stage) == 0
    assert await mark_of(stage) is None
    for _ in range(2):
        await let_pass(stage, HOUR)
        await look(stage)
        assert await mark_of(stage) == window.id
        await let_pass(stage, HOUR)
        await look(stage)
        assert await mark_of(stage) is None
        await let_pass(stage, DAY - 2 * HOUR)
        await look(stage)
        assert [one.split(":")[2] for one in await notices(stage)] == ["began", "ended"]
        await stage.change(tables.outbox, subject=tables.outbox.c.id)  # or the next day would have the same name here
    [stands] = await stage.read(lambda uow: uow.maintenance.standing())
    assert (stands.id, stands.under_way) == (window.id, None)


async def test_a_window_that_was_slept_through_is_just_over(stage: Stage) -> None:
    await planned(stage, start=HOUR, end=2 * HOUR)
    await let_pass(stage, DAY)
    assert await look(stage) == 1
    assert await notices(stage) == []
    assert await stage.read(lambda uow: uow.maintenance.standing()) == []


async def test_what_a_window_misses_as_it_begins_it_marks_a_minute_later(stage: Stage) -> None:
    window = await planned(stage)
    await look(stage)
    await stage.take(firing("a"))
    await stage.change(tables.incidents, maintenance_id=None)
    await let_pass(stage, timedelta(minutes=1))
    assert await look(stage) == 1
    assert await mark_of(stage) == window.id


async def test_graver_than_a_window_is_of_is_no_longer_in_it(stage: Stage) -> None:
    window = await planned(stage, Scope(service=("checkout",), severity=("warning",)))
    await stage.take(firing("a"))
    assert await mark_of(stage) == window.id
    await stage.take(firing("b", severity="critical"))
    assert await mark_of(stage) is None
    assert (await stage.incident()).severity is Severity.CRITICAL


async def test_another_window_takes_over_what_it_covers_too(stage: Stage) -> None:
    await stage.take(firing("a"))
    first = await planned(stage)
    await look(stage)
    second = await planned(stage, Scope(), end=5 * HOUR, everything=True)
    await look(stage)
    assert await mark_of(stage) == first.id
    await let_pass(stage, 2 * HOUR)
    await look(stage)
    assert await mark_of(stage) == second.id
    assert (await heard(stage, "ended")).incidents == ()


async def test_ended_by_hand_it_is_over_with_all_that_would_follow(stage: Stage) -> None:
    await stage.take(firing("a"))
    window = await planned(stage, repeats=Repeat.DAILY)
    await look(stage)
    before = await stage.write(lambda uow: end_early(window.id, by=BOB, uow=uow))
    assert before.ended_at is None
    await stage.take(firing("z", cluster="z"))
    assert await mark_of(stage, 2) is None
    await look(stage)
    assert await mark_of(stage) is None
    found = await heard(stage, "ended")
    assert (found.window.ended_by, [one.number for one in found.incidents]) == ("U0BOB", [1])
    assert found.occurrence.end == found.window.ended_at
    with pytest.raises(WindowOver):
        await stage.write(lambda uow: end_early(window.id, by=BOB, uow=uow))
    with pytest.raises(WindowOver):
        await stage.write(lambda uow: end_early(99, by=BOB, uow=uow))


async def test_before_it_begins_it_is_ended_without_a_word(stage: Stage) -> None:
    window = await planned(stage, start=HOUR)
    await stage.write(lambda uow: end_early(window.id, by=BOB, uow=uow))
    await look(stage)
    assert await notices(stage) == []
    assert await look(stage) == 0


async def test_what_people_declare_is_never_in_maintenance(stage: Stage) -> None:
    await planned(stage, Scope(), everything=True)
    wanted = Declaration(token="V1", title="Checkout is slow", severity=Severity.WARNING, service="checkout")
    await stage.write(lambda uow: actions.declare(wanted, by=ALICE, uow=uow, policy=Policy()))
    await look(stage)
    assert await mark_of(stage) is None


async def test_what_arrives_twice_is_one(stage: Stage) -> None:
    first = await planned(stage, token="V1")
    assert await planned(stage, token="V1", end=5 * HOUR) == first
    assert len(await stage.all(maintenance_windows)) == 1


@pytest.mark.parametrize(
    ("given", "why", "field"),
    [
        ({"start": -HOUR}, NotPlannedBecause.BEGAN, "start"),
        ({"end": -HOUR}, NotPlannedBecause.PAST, "length"),
        ({"start": 2 * HOUR, "end": HOUR}, NotPlannedBecause.BACKWARDS, "length"),
        ({"end": timedelta(0)}, NotPlannedBecause.TOO_SHORT, "length"),
        ({"end": 31 * DAY}, NotPlannedBecause.TOO_LONG, "length"),
        ({"start": 400 * DAY, "end": 401 * DAY}, NotPlannedBecause.TOO_FAR, "start"),
        ({"end": 25 * HOUR, "repeats": Repeat.DAILY}, NotPlannedBecause.OVERLAPS, "repeats"),
        ({"scope": Scope()}, NotPlannedBecause.EVERYTHING, "service"),
        ({"scope": Scope(service=("  ",))}, NotPlannedBecause.EVERYTHING, "service"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    stage: Stage, given: dict[str, Any], why: NotPlannedBecause, field: str
) -> None:
    with pytest.raises(NotPlanned) as refused:
        await planned(stage, **given)
    assert (refused.value.why, refused.value.field) == (why, field)


async def test_what_is_too_long_or_no_severity_is_refused_and_so_is_the_hundred_and_first(stage: Stage) -> None:
    for given in ({"reason": "x" * 301}, {"scope": Scope(severity=("bad",))}, {"scope": Scope(service=("x" * 256,))}):
        with pytest.raises(InvalidInput):
            await planned(stage, **given)
    first = await planned(stage, end=30 * DAY)
    row = {name: value for name, value in (await stage.all(maintenance_windows))[0].items() if name != "id"}
    async with stage.engines.write.begin() as connection:
        more = [{**row, "token": f"t{number}"} for number in range(MOST_STANDING - 1)]
        await connection.execute(sa.insert(maintenance_windows), more)
    with pytest.raises(NotPlanned) as refused:
        await planned(stage)
    assert refused.value.why is NotPlannedBecause.TOO_MANY
    assert (await stage.read(lambda uow: uow.maintenance.standing()))[0] == first


async def test_one_is_found_by_its_number_or_its_name(stage: Stage) -> None:
    one = await planned(stage)
    assert [(await stage.read(_finding(named))).id for named in (str(one.id), f"#{one.id}", "Checkout", "")] == [
        one.id
    ] * 4
    two = await planned(stage)
    with pytest.raises(AmbiguousWindow) as several:
        await stage.read(_finding("checkout"))
    assert several.value.known == [(one.id, "checkout"), (two.id, "checkout")]
    with pytest.raises(UnknownWindow):
        await stage.read(_finding("search"))


def _finding(named: str) -> Callable[[SqlUnitOfWork], Any]:
    return lambda uow: find_window(named, uow=uow)


async def test_the_preview_counts_what_it_would_have_matched(stage: Stage) -> None:
    for number in range(3):
        await stage.take(firing(f"s{number}", cluster=f"c{number}"))
        await stage.take(firing(f"s{number}x", cluster=f"c{number}"))
    await stage.take(firing("other", service="Search"))
    await stage.take(firing("old", service="old"))
    long_ago = sa.update(tables.incident_episodes).where(tables.incident_episodes.c.incident_id == 5)
    async with stage.engines.write.begin() as connection:
        await connection.execute(long_ago.values(opened_at=await stage.now() - 31 * DAY))

    async def seen(scope: Scope) -> Preview:
        return await stage.read(lambda uow: preview(scope, uow=uow))

    assert await seen(CHECKOUT) == Preview(3, 6, (("Checkout5xx", 3),))
    assert await seen(Scope(service=("search",))) == Preview(1, 1, (("Checkout5xx", 1),))
    assert await seen(Scope(service=("old",))) == Preview()
    assert (await seen(Scope(service=("chekout",)))).nearest == ("chekout", "checkout")
    assert (await seen(Scope())).incidents == 4
    assert await stage.all(maintenance_windows) == []


async def test_a_home_is_shown_anew_as_windows_come_begin_and_end(stage: Stage) -> None:
    worlds = [await stage.read(lambda uow: uow.homes.world())]
    window = await planned(stage)
    worlds.append(await stage.read(lambda uow: uow.homes.world()))
    await look(stage)
    worlds.append(await stage.read(lambda uow: uow.homes.world()))
    await stage.write(lambda uow: end_early(window.id, by=BOB, uow=uow))
    worlds.append(await stage.read(lambda uow: uow.homes.world()))
    assert len(set(worlds)) == 3
    assert worlds[3] == worlds[0]


async def test_each_tenant_has_its_own(stage: Stage) -> None:
    window = await planned(stage)
    other = Stage.on(stage.engines, tenant_id=2)
    assert await other.read(lambda uow: uow.maintenance.standing()) == []
    with pytest.raises(WindowOver):
        await other.write(lambda uow: end_early(window.id, by=BOB, uow=uow))
    assert await look(other) == 0


@pytest.mark.parametrize("number", [250])
async def test_more_than_fit_into_one_transaction_are_marked_and_let_go(stage: Stage, number: int) -> None:
    await stage.take(*(replace(firing(f"s{n}", cluster=f"c{n}"), rule_uid=f"r{n}") for n in range(number)))
    await planned(stage)
    assert await look(stage) == 3
    marks = sa.select(sa.func.count().label("n")).where(tables.incidents.c.maintenance_id.is_not(None))
    assert (await stage.rows(marks))[0]["n"] == number
    await let_pass(stage, 2 * HOUR)
    assert await look(stage) == 3
    assert (await stage.rows(marks))[0]["n"] == 0
    assert len(await notices(stage)) == 1
    assert len((await heard(stage, "ended")).incidents) == 100
