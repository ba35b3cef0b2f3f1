"""What a Home shows as the database tells it, and whose is to be shown anew."""

from dataclasses import replace
from datetime import timedelta

from db import tables
from db.home_tables import app_homes
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.homes import HomeView, PageSizes
from tests.building import ALICE, BOB, cannot_see, firing, resolved
from tests.integration.db.stage import NO_WINDOW, Stage

SIZES = PageSizes(mine=2, team=2, snoozed=2)


async def look(stage: Stage, user: str = "U0ALICE", page: int = 0) -> HomeView:
    return await stage.read(lambda uow: uow.homes.view(user, page=page, sizes=SIZES))


async def world(stage: Stage) -> str:
    return await stage.read(lambda uow: uow.homes.world())


async def act(stage: Stage, what: object, number: int, **given: object) -> None:
    async def work(uow: SqlUnitOfWork) -> None:
        incident = await uow.incidents.by_number(number)
        await what(incident.id, uow=uow, **given)  # type: ignore[operator]

    await stage.write(work)


async def opens(stage: Stage, *services: str, **labels: str) -> None:
    for service in services:
        await stage.take(firing(service, service=service, **labels))


def numbers_of(view: HomeView) -> list[list[int]]:
    """INC numbers of mine, team, snoozed."""
    return [[line.incident.number for line in lines.listed] for lines in (view.mine, view.team, view.snoozed)]


async def snooze(stage: Stage, number: int, **ahead: float) -> None:
    async def work(uow: SqlUnitOfWork) -> None:
        incident = await uow.incidents.by_number(number)
        until = replace(incident, snoozed_until=uow.now + timedelta(**ahead), version=incident.version + 1)
        await uow.incidents.save(until, expected_version=incident.version)

    await stage.write(work)


async def test_each_open_incident_stands_on_one_shelf_the_gravest_first(stage: Stage) -> None:
    await opens(stage, "a", "b", "c", "d", "e")
    await opens(stage, "f", severity="critical")
    await act(stage, actions.acknowledge, 1, by=ALICE)
    await act(stage, actions.assign, 2, to="U0ALICE", by=BOB)
    await act(stage, actions.acknowledge, 3, by=BOB)
    await act(stage, actions.resolve, 4, by=BOB)
    await snooze(stage, 5, hours=1)
    view = await look(stage)
    assert numbers_of(view) == [[2, 1], [6, 3], [5]]
    assert (view.open, view.unacknowledged) == (5, 2)


async def test_what_was_given_to_somebody_else_is_no_longer_mine(stage: Stage) -> None:
    await opens(stage, "a")
    await act(stage, actions.acknowledge, 1, by=ALICE)
    assert numbers_of(await look(stage)) == [[1], [], []]
    await act(stage, actions.assign, 1, to="U0BOB", by=ALICE)
    assert numbers_of(await look(stage)) == [[], [1], []]
    assert numbers_of(await look(stage, "U0BOB")) == [[1], [], []]


async def test_a_snooze_that_has_ended_is_none(stage: Stage) -> None:
    await opens(stage, "a")
    await snooze(stage, 1, seconds=-1)
    assert numbers_of(await look(stage)) == [[], [1], []]


async def test_a_page_that_is_not_there_any_more_is_the_last_one(stage: Stage) -> None:
    await opens(stage, "a", "b", "c")
    first, second, beyond = [await look(stage, page=page) for page in (0, 1, 7)]
    assert numbers_of(first) == [[], [1, 2], []]
    assert numbers_of(second) == numbers_of(beyond) == [[], [3], []]
    assert (first.pages, beyond.page, beyond.team.total) == (2, 1, 3)


async def test_the_link_is_of_its_card_and_of_what_stands_for_it_until_it_has_one(stage: Stage) -> None:
    await opens(stage, "a", "b", "c")
    outbox = {row["incident_id"]: row["id"] for row in await stage.all(tables.outbox)}
    ids = sorted(outbox.values())
    await stage.rewrite(tables.outbox, {ids[0]: {"channel_id": "C1", "ts": "1.1", "shown_in_id": None}})
    await stage.rewrite(tables.outbox, {ids[1]: {"channel_id": None, "ts": None, "shown_in_id": ids[0]}})
    view = await look(stage)
    more = await look(stage, page=1)
    assert [line.card for line in view.team.listed] == [("C1", "1.1"), ("C1", "1.1")]
    assert [line.card for line in more.team.listed] == [None]


async def test_the_last_day_in_numbers(stage: Stage) -> None:
    services = [f"s{number}" for number in range(7)]
    await opens(stage, *services)
    for number in range(1, 7):
        await act(stage, actions.acknowledge, number, by=ALICE)
    await stage.take(*(resolved(service, service=service, until=10) for service in services[:5]), policy=NO_WINDOW)
    await act(stage, actions.mark_noise, 5, by=ALICE)
    await act(stage, actions.resolve, 6, by=ALICE)
    told = (await look(stage)).numbers
    assert (told.opened, told.resolved, told.noise) == (7, 6, 1)
    assert told.acknowledged.count == 5  # the noise apart
    assert told.acknowledged.middle is not None
    assert timedelta(0) <= told.acknowledged.middle < timedelta(minutes=5)
    assert (told.recovered.count, told.recovered.middle) == (4, None)


async def test_a_median_is_told_from_five_on(stage: Stage) -> None:
    services = [f"s{number}" for number in range(5)]
    await opens(stage, *services)
    await stage.take(*(resolved(s, service=s, until=2 + 2 * n) for n, s in enumerate(services)))
    told = (await look(stage)).numbers.recovered
    assert (told.count, told.middle) == (5, timedelta(minutes=6))


async def test_what_reopened_within_its_window_is_one_occurrence(stage: Stage) -> None:
    await stage.take(firing("a", service="a"))
    await stage.take(resolved("a", service="a", until=5))
    await stage.take(firing("a", service="a", since=6))
    await act(stage, actions.acknowledge, 1, by=ALICE)
    await stage.take(resolved("a", service="a", since=6, until=20))
    told = (await look(stage)).numbers
    assert (told.opened, told.resolved) == (1, 1)
    assert (told.acknowledged.count, told.recovered.count) == (1, 1)


async def test_what_is_older_than_a_day_does_not_count(stage: Stage) -> None:
    await opens(stage, "a", "b")
    await act(stage, actions.resolve, 1, by=ALICE)
    await stage.wait(hours=25)
    told = await look(stage)
    assert told.numbers.is_empty
    assert told.open == 1


async def test_every_change_that_people_see_makes_another_world(stage: Stage) -> None:
    seen = {await world(stage)}

    async def differs() -> None:
        now = await world(stage)
        assert now not in seen
        seen.add(now)

    await opens(stage, "a", "b")
    await differs()
    await stage.take(firing("pod-b", service="a"))
    await differs()
    await stage.take(firing("pod-c", service="a", severity="critical"))
    await differs()
    await act(stage, actions.acknowledge, 1, by=ALICE)
    await differs()
    await snooze(stage, 1, hours=1)
    await differs()
    await act(stage, actions.resolve, 1, by=ALICE)
    await differs()
    await act(stage, actions.mark_noise, 1, by=ALICE)
    await differs()
    await stage.change(tables.outbox, ts="1.2", channel_id="C1")  # the cards have links by now
    await differs()


async def test_a_repetition_changes_nothing_in_the_world(stage: Stage) -> None:
    await opens(stage, "a")
    before = await world(stage)
    await stage.take(firing("a", service="a"))
    assert await world(stage) == before


async def test_a_home_is_followed_from_when_it_was_opened_for_a_week(stage: Stage) -> None:
    await stage.write(lambda uow: uow.homes.opened("U0ALICE", language="ko"))
    await stage.write(lambda uow: uow.homes.opened("U0BOB"))
    now = await world(stage)
    assert await outdated(stage, now) == ["U0BOB", "U0ALICE"]
    await shown(stage, "U0BOB", now)
    assert await outdated(stage, now) == ["U0ALICE"]
    assert await outdated(stage, "f" * 64) == ["U0BOB", "U0ALICE"]
    await grow_old(stage, days=8)
    assert await outdated(stage, "f" * 64) == []
    await stage.write(lambda uow: uow.homes.opened("U0ALICE"))
    assert await outdated(stage, "f" * 64) == ["U0ALICE"]
    assert await stage.write(lambda uow: uow.homes.forget_old()) == 1
    [left] = await stage.all(app_homes)
    assert (left["user_id"], left["language"]) == ("U0ALICE", "ko")


async def test_one_that_failed_waits_until_its_person_opens_it(stage: Stage) -> None:
    await stage.write(lambda uow: uow.homes.opened("U0ALICE"))
    await stage.write(lambda uow: uow.homes.failed("U0ALICE", wait=timedelta(minutes=1)))
    assert await outdated(stage, "f" * 64) == []
    await stage.write(lambda uow: uow.homes.opened("U0ALICE"))
    assert await outdated(stage, "f" * 64) == ["U0ALICE"]
    home = await stage.read(lambda uow: uow.homes.get("U0ALICE"))
    assert home is not None
    assert (home.failures, home.content_sha256) == (1, None)


async def test_a_page_is_kept_for_a_while_and_then_begins_anew(stage: Stage) -> None:
    await stage.write(lambda uow: uow.homes.opened("U0ALICE", page=3))
    await stage.write(lambda uow: uow.homes.opened("U0ALICE"))
    assert await page_of(stage) == 3
    await grow_old(stage, minutes=11)
    await stage.write(lambda uow: uow.homes.opened("U0ALICE"))
    assert await page_of(stage) == 0


async def test_one_process_at_a_time_keeps_all_homes(stage: Stage) -> None:
    async def lease(holder: str) -> bool:
        return await stage.write(lambda uow: uow.homes.lease(holder, until_in=timedelta(minutes=1)))

    assert await lease("one")
    assert await lease("one")
    assert not await lease("two")
    await stage.write(lambda uow: uow.homes.release("two"))
    assert not await lease("two")
    await stage.write(lambda uow: uow.homes.release("one"))
    assert await lease("two")


async def test_clicks_have_a_share_of_slacks_tier_that_changes_do_not_take(stage: Stage) -> None:
    async def may(*, urgent: bool) -> bool:
        return not await stage.write(lambda uow: uow.homes.may_publish(urgent=urgent))

    by_themselves = 0
    while await may(urgent=False):
        by_themselves += 1
    assert 10 <= by_themselves <= 20
    assert await may(urgent=True)
    await stage.write(lambda uow: uow.homes.close(wait=timedelta(seconds=30)))
    wait = await stage.write(lambda uow: uow.homes.may_publish(urgent=True))
    assert timedelta(seconds=20) < wait <= timedelta(seconds=30)


async def test_a_rule_that_cannot_see_is_open_as_well(stage: Stage) -> None:
    await stage.take(cannot_see())
    assert numbers_of(await look(stage)) == [[], [1], []]


async def outdated(stage: Stage, of: str) -> list[str]:
    return await stage.read(lambda uow: uow.homes.outdated(of, limit=10))


async def shown(stage: Stage, user: str, of: str) -> None:
    await stage.write(lambda uow: uow.homes.shown(user, world=of, content_sha256="0" * 64, view_hash="1.1"))


async def grow_old(stage: Stage, **given: float) -> None:
    rows = await stage.all(app_homes)
    await stage.grow_older(app_homes, rows, ["opened_at"], timedelta(**given))


async def page_of(stage: Stage) -> int:
    [row] = await stage.all(app_homes)
    page: int = row["page"]
    return page
