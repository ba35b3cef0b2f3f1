"""Storms: one roll-up instead of a flood, and every incident is true on its card or in the roll-up."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Executable, update

from db import tables
from db.queries.publishing import LEASE
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.model import Severity, Status
from incidents.outbox import OutboxKind, Priority
from incidents.policy import Policy, Route, StormPolicy
from incidents.storms import StormNotFound
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Row, Stage
from tests.integration.db.weather import Weather

AnotherProcess = Callable[[], Stage]
FIVE = ("a", "b", "c", "d", "e")


@pytest.fixture
def weather(stage: Stage) -> Weather:
    return Weather(stage)


async def storm(weather: Weather, *names: str) -> None:
    """It is under way, these are parked, and the roll-up is in Slack."""
    await weather.opens(*(names or FIVE))
    await weather.look()
    await weather.posts()


async def ends(weather: Weather, *names: str) -> None:
    await weather.stage.take(*(resolved(one, cluster=one, service="pay") for one in names))


async def test_as_many_as_may_be_have_a_card_each(weather: Weather) -> None:
    await weather.opens("a", "b", "c")
    await weather.look()
    assert [job.kind for job in await weather.posts()] == [OutboxKind.CARD] * 3
    assert await weather.stage.all(tables.storms) == []


async def test_one_more_is_a_storm_and_one_roll_up_stands_for_all_of_them(weather: Weather) -> None:
    await weather.opens("a", "b", "c", "d")
    await weather.look()
    assert await weather.parked() == [1, 2, 3, 4]
    [job] = await weather.posts()
    assert (job.kind, job.subject, job.channel) == (OutboxKind.ROLLUP, "storm:1", "#incidents")
    view = await weather.view()
    assert (view.total, view.here[Status.ACTIVE], view.coming, view.carded) == (4, 4, 0, 0)
    assert (weather.counted("bongsu_storms_total"), weather.counted("bongsu_parked_cards_total")) == (1, 4)


async def test_cards_that_are_in_slack_already_count_and_stay(weather: Weather) -> None:
    await weather.opens("a", "b")
    await weather.posts()
    await weather.opens("c", "d")
    await weather.look()
    assert await weather.parked() == [3, 4]
    view = await weather.view()
    assert (view.total, sum(view.here.values()), view.carded) == (4, 2, 2)


async def test_what_comes_later_joins_it_and_is_never_posted_meanwhile(weather: Weather) -> None:
    await storm(weather)
    await weather.opens("f", "g")
    assert await weather.posts() == []
    await weather.look()
    assert await weather.parked() == [1, 2, 3, 4, 5, 6, 7]
    [job] = await weather.posts()
    assert (job.kind, job.ts is None) == (OutboxKind.ROLLUP, False)


async def test_a_channel_apart_has_no_storm(weather: Weather) -> None:
    apart = Policy(routes=(Route("#apart", {"service": frozenset({"apart"})}),))
    await storm(weather)
    await weather.opens("x", service="apart", policy=apart)
    await weather.look()
    assert [job.channel for job in await weather.posts()] == ["#apart"]


async def test_two_channels_have_a_storm_each(weather: Weather) -> None:
    apart = Policy(routes=(Route("#apart", {"service": frozenset({"apart"})}),))
    await weather.opens(*FIVE)
    await weather.opens("v", "w", "x", "y", service="apart", policy=apart)
    await weather.look()
    rollups = await weather.rollups()
    assert sorted(row["channel"] for row in rollups) == ["#apart", "#incidents"]
    assert sorted(row["subject"] for row in rollups) == ["storm:1", "storm:2"]
    assert len(await weather.parked()) == 9


async def test_critical_ones_get_their_card_at_once(weather: Weather) -> None:
    await weather.opens(*FIVE)
    await weather.opens("grave", severity="critical")
    await weather.look()
    assert [job.kind for job in await weather.posts()] == [OutboxKind.ROLLUP, OutboxKind.CARD]
    await weather.opens("graver", severity="critical")
    [job] = await weather.posts()
    assert (job.kind, job.incident_id) == (OutboxKind.CARD, 7)


async def test_critical_ones_alone_need_no_roll_up(weather: Weather) -> None:
    await weather.opens(*FIVE, severity="critical")
    await weather.look()
    assert [job.kind for job in await weather.posts()] == [OutboxKind.CARD] * 5


async def test_one_that_becomes_critical_gets_its_card(weather: Weather) -> None:
    await storm(weather)
    await weather.stage.take(firing("b", cluster="b", service="pay", severity="critical", pod="b2"))
    assert (await weather.stage.incident(2)).severity is Severity.CRITICAL
    await weather.look()
    assert await weather.parked() == [1, 3, 4, 5]
    jobs = await weather.posts()
    assert [job.incident_id for job in jobs if job.kind is OutboxKind.CARD] == [2]
    assert (await weather.cards())[2]["ts"]


async def test_one_that_becomes_critical_before_it_was_parked_is_not_held_back(weather: Weather) -> None:
    await storm(weather)
    await weather.opens("f")
    await weather.stage.take(firing("f", cluster="f", service="pay", severity="critical", pod="f2"))
    await weather.look()
    assert [job.incident_id for job in await weather.posts() if job.kind is OutboxKind.CARD] == [6]


@pytest.mark.parametrize("act", [actions.acknowledge, actions.resolve, actions.mark_noise])
async def test_whoever_touches_one_by_name_gets_its_card_and_its_thread(weather: Weather, act: object) -> None:
    await storm(weather)
    await weather.stage.write(lambda uow: act(3, by=ALICE, uow=uow))  # type: ignore[operator]
    await weather.look()
    jobs = await weather.posts()
    assert [job.kind for job in jobs if job.incident_id == 3] == [OutboxKind.CARD, OutboxKind.THREAD]
    assert await weather.parked() == [1, 2, 4, 5]


async def test_who_is_reminded_of_one_gets_its_card(weather: Weather) -> None:
    await storm(weather)
    [event] = await weather.stage.events(3)
    assert event.id is not None
    await weather.stage.write(lambda uow: uow.outbox.add_reminder(3, event.id or 0, priority=Priority.CLICK))
    await weather.look()
    assert [job.kind for job in await weather.posts() if job.incident_id == 3] == [
        OutboxKind.CARD,
        OutboxKind.REMINDER,
    ]


async def test_a_change_of_a_parked_one_shows_in_the_roll_up_alone(weather: Weather) -> None:
    await storm(weather)
    await ends(weather, "a", "b")
    await weather.look()
    assert await weather.parked() == [1, 2, 3, 4, 5]
    assert [job.kind for job in await weather.posts()] == [OutboxKind.ROLLUP]
    view = await weather.view()
    assert (view.here[Status.ACTIVE], view.here[Status.RESOLVED]) == (3, 2)
    assert [incident.number for incident in view.worst] == [3, 4, 5]


async def test_nothing_new_is_no_update(weather: Weather) -> None:
    await storm(weather)
    for _ in range(5):
        await weather.look()
    assert await weather.posts() == []


async def test_what_nobody_can_see_is_no_update(weather: Weather) -> None:
    """A value that changes is on a card, not in the roll-up."""
    await storm(weather)
    await weather.stage.take(firing("a", cluster="a", service="pay", value=99.0))
    await weather.look()
    assert await weather.posts() == []
    assert await weather.parked() == [1, 2, 3, 4, 5]


async def test_the_roll_up_keeps_its_pace(weather: Weather) -> None:
    await storm(weather)
    await weather.opens("f")
    await weather.look()
    [job] = [job for job in [await weather.stage.claim()] if job is not None]
    await weather.opens("g")
    await weather.look()
    assert await weather.stage.write(
        lambda uow: uow.publishing.sent(job, channel_id="C1", ts=job.ts or "", rev=job.rev)
    )
    await weather.passes(2)
    assert await weather.stage.claim() is None
    await weather.passes(1)
    assert (await weather.stage.claim()) is not None


async def test_it_goes_on_while_incidents_come_and_then_calms(weather: Weather) -> None:
    await storm(weather)
    await weather.passes(59)
    await weather.opens("f", "g", "h", "i")
    await weather.look()
    await weather.passes(50)
    await weather.look()
    await weather.passes(110)
    await weather.look()
    assert (await weather.view()).storm.ended_at is None
    await weather.passes(10)
    await weather.look()
    assert (await weather.view()).storm.ended_at is not None


async def test_when_it_calms_the_open_ones_get_cards_worst_first_and_the_resolved_ones_none(weather: Weather) -> None:
    await weather.opens(*FIVE)
    await weather.opens("x", severity="info")
    await weather.opens("y", severity="error")
    await weather.look()
    await weather.posts()
    await ends(weather, "a", "b")
    await weather.calms()
    assert await weather.parked() == [1, 2]
    view = await weather.view()
    assert (view.here[Status.RESOLVED], view.coming, view.carded) == (2, 5, 0)
    jobs = await weather.posts()
    assert [job.incident_id for job in jobs if job.kind is OutboxKind.CARD] == [7, 3, 4, 5, 6]
    await weather.look()
    await weather.posts()
    view = await weather.view()
    assert (view.coming, view.carded, view.storm.settled_at is not None) == (0, 5, True)
    [rollup] = await weather.rollups()
    assert rollup["sent_rev"] == rollup["desired_rev"] == view.rev


async def test_what_resolved_in_a_storm_and_opens_again_later_gets_its_card(weather: Weather) -> None:
    await storm(weather)
    await ends(weather, "a")
    await weather.calms()
    await weather.posts()
    await weather.look()
    await weather.posts()
    assert await weather.parked() == [1]
    await weather.stage.take(firing("a", cluster="a", service="pay", since=9))
    assert (await weather.stage.incident(1)).status is Status.ACTIVE
    await weather.look()
    jobs = await weather.posts()
    assert [job.incident_id for job in jobs if job.kind is OutboxKind.CARD] == [1]
    await weather.look()
    await weather.posts()
    assert (await weather.view()).carded == 5


async def test_when_many_open_again_at_once_they_are_the_next_storm(weather: Weather) -> None:
    await storm(weather)
    await ends(weather, *FIVE)
    await weather.calms()
    await weather.posts()
    await weather.stage.take(*(firing(one, cluster=one, service="pay", since=9) for one in FIVE))
    await weather.look()
    jobs = await weather.posts()
    assert [(job.kind, job.subject) for job in jobs if job.ts is None] == [(OutboxKind.ROLLUP, "storm:2")]
    assert len(await weather.parked()) == 5
    assert (await weather.view(2)).here[Status.ACTIVE] == 5
    await weather.calms()
    jobs = await weather.posts()
    assert len([job for job in jobs if job.kind is OutboxKind.CARD]) == 5


async def test_a_resent_alert_after_the_storm_gives_no_card_to_what_resolved(weather: Weather) -> None:
    await storm(weather)
    await ends(weather, "a")
    await weather.calms()
    await weather.posts()
    await weather.stage.write(lambda uow: uow.outbox.touch_cards([1], priority=Priority.UPDATE))
    await weather.look()
    assert OutboxKind.CARD not in [job.kind for job in await weather.posts()]
    assert await weather.parked() == [1]


async def test_turned_off_it_never_begins_and_what_was_under_way_ends(stage: Stage) -> None:
    await storm(Weather(stage))
    off = Weather(stage, StormPolicy(above=0))
    await off.look()
    assert await off.parked() == []
    await off.opens("f", "g", "h", "i")
    await off.look()
    assert len([job for job in await off.posts() if job.kind is OutboxKind.CARD]) == 9


async def test_of_many_processes_one_begins_it_and_one_tends_it(stage: Stage, another_process: AnotherProcess) -> None:
    processes = [Weather(another_process()) for _ in range(4)]
    await processes[0].opens(*FIVE)
    await asyncio.gather(*(process.storms.look() for process in processes))
    assert sum(process.counted("bongsu_storms_total") for process in processes) == 1
    assert sum(process.counted("bongsu_parked_cards_total") for process in processes) == 5
    assert len(await processes[0].rollups()) == 1
    await processes[0].passes(181)
    for process in processes:
        process.clock += 10
    await asyncio.gather(*(process.storms.look() for process in processes))
    assert sum(process.counted("bongsu_released_cards_total") for process in processes) == 5


async def test_what_the_digest_of_an_outage_shows_is_not_on_its_way_until_it_is_touched(weather: Weather) -> None:
    await storm(weather)
    of_first = update(tables.outbox).where(tables.outbox.c.id == 1)
    digest_id = 999
    for due_at, (coming, digested) in ((None, (0, 1)), (await weather.stage.now(), (1, 0))):
        async with weather.stage.engines.write.begin() as connection:
            await connection.execute(of_first.values(shown_in_id=digest_id, due_at=due_at))
        view = await weather.view()
        assert (view.total, view.coming, view.digested, view.carded) == (5, coming, digested, 0)
        assert await weather.stage.read(lambda uow, of=view.storm: uow.storms.coming(of)) == coming


async def test_a_storm_that_another_process_tends_is_left_to_it(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    await storm(Weather(stage))

    async def tends(uow: SqlUnitOfWork) -> object:
        assert await uow.storms.lock(1, rest=timedelta(0)) is not None
        return await stage.write(lambda other: other.storms.lock(1, rest=timedelta(0)), patience=5)

    assert await stage.write(tends) is None


async def test_a_card_that_is_being_posted_is_not_parked(weather: Weather) -> None:
    await weather.opens(*FIVE)
    job = await weather.stage.claim()
    assert job is not None
    await weather.look()
    assert await weather.parked() == [2, 3, 4, 5]
    assert await weather.stage.write(lambda uow: uow.publishing.sent(job, channel_id="C1", ts="1.0", rev=job.rev))


async def test_a_card_that_is_claimed_while_a_storm_parks_is_not_parked(weather: Weather) -> None:
    """Between finding which cards wait and parking them."""
    await weather.opens(*FIVE)

    async def park(uow: SqlUnitOfWork) -> int:
        storm, _ = await uow.storms.begin("#incidents", first=uow.now - timedelta(minutes=1), last=uow.now)
        await uow.storms.take_in(storm)
        read = uow.gate.rows

        async def then_one_is_claimed(statement: Executable) -> list[Row]:
            uow.gate.rows = read  # type: ignore[method-assign]
            found = await read(statement)
            first = uow.gate.update(tables.outbox).where(tables.outbox.c.id == found[0]["id"])
            await uow.gate.execute(first.values(lease_until=uow.now + LEASE, post_started_at=uow.now))
            return found

        uow.gate.rows = then_one_is_claimed  # type: ignore[method-assign]
        return await uow.storms.park(storm)

    assert await weather.stage.write(park) == 4
    assert await weather.parked() == [2, 3, 4, 5]


async def test_who_has_read_a_row_before_it_was_parked_cannot_claim_it(weather: Weather) -> None:
    await weather.opens(*FIVE)
    before = (await weather.cards())[1]["fence"]
    await weather.look()
    assert (await weather.cards())[1]["fence"] > before


async def test_a_card_whose_post_may_have_arrived_is_looked_for_and_not_parked(weather: Weather) -> None:
    await weather.opens(*FIVE)
    job = await weather.stage.claim()
    assert job is not None
    await weather.passes(40)
    await weather.look()
    assert await weather.parked() == [2, 3, 4, 5]
    jobs = await weather.posts()
    assert [one.unknown_since is not None for one in jobs if one.incident_id == job.incident_id] == [True]


async def test_all_that_were_seen_are_acknowledged_and_the_rest_is_left_alone(weather: Weather) -> None:
    await storm(weather)
    await ends(weather, "a")
    await weather.look()
    await weather.posts()
    seen = (await weather.view()).rev
    await weather.opens("f", "g")
    await weather.look()
    done = await weather.acknowledge_all(seen_rev=seen, by=ALICE)
    assert (done.taken, done.unseen, done.held_by) == (4, 2, frozenset())
    states = [(await weather.stage.incident(number)).status.value for number in range(1, 8)]
    assert states == ["resolved", *["acknowledged"] * 4, "active", "active"]
    assert await weather.stage.kinds(2) == ["opened", "acknowledged"]
    [episode] = await weather.stage.episodes(2)
    assert (episode.acknowledged_by, episode.responded_by) == ("U0ALICE", "U0ALICE")


async def test_acknowledged_by_the_roll_up_they_stay_in_it(weather: Weather) -> None:
    await storm(weather)
    await weather.acknowledge_all(seen_rev=(await weather.view()).rev, by=ALICE)
    await weather.stage.write(lambda uow: uow.storms.show(1, urgent=True))
    await weather.look()
    assert [job.kind for job in await weather.posts()] == [OutboxKind.ROLLUP]
    assert len(await weather.parked()) == 5
    assert (await weather.view()).here[Status.ACKNOWLEDGED] == 5


async def test_what_opened_again_or_became_graver_after_it_was_seen_is_left_alone(weather: Weather) -> None:
    await storm(weather)
    seen = (await weather.view()).rev
    await ends(weather, "a")
    await weather.stage.take(firing("a", cluster="a", service="pay", since=9))
    await weather.stage.take(firing("b", cluster="b", service="pay", severity="error", pod="b2"))
    before_anybody_looked = await weather.acknowledge_all(seen_rev=seen, by=ALICE)
    assert (before_anybody_looked.taken, before_anybody_looked.unseen) == (3, 2)
    await weather.look()
    assert (await weather.acknowledge_all(seen_rev=seen, by=ALICE)).unseen == 2
    again = await weather.acknowledge_all(seen_rev=(await weather.view()).rev, by=ALICE)
    assert (again.taken, again.unseen) == (2, 0)


async def test_of_two_who_acknowledge_all_each_incident_has_one(
    weather: Weather, another_process: AnotherProcess
) -> None:
    await storm(weather)
    seen = (await weather.view()).rev
    other = Weather(another_process())
    done = await asyncio.gather(
        weather.acknowledge_all(seen_rev=seen, by=ALICE), other.acknowledge_all(seen_rev=seen, by=BOB)
    )
    assert sum(one.taken for one in done) == 5
    for number in range(1, 6):
        assert (await weather.stage.kinds(number)).count("acknowledged") == 1
    loser = next(one for one in done if one.taken < 5)
    assert len(loser.held_by) == 1


async def test_a_click_after_the_storm_takes_nothing(weather: Weather) -> None:
    await storm(weather)
    seen = (await weather.view()).rev
    await weather.calms()
    done = await weather.acknowledge_all(seen_rev=seen, by=ALICE)
    assert (done.taken, done.unseen) == (0, 0)


async def test_a_page_shows_open_ones_first_and_where_their_cards_are(weather: Weather) -> None:
    await storm(weather)
    await weather.opens("grave", severity="critical")
    await weather.look()
    await weather.posts()
    await ends(weather, "a")
    page = await weather.stage.read(lambda uow: uow.storms.page(1, offset=0, limit=3))
    assert page.total == 6
    assert [one.incident.number for one in page.listed] == [6, 2, 3]
    assert [one.card is not None for one in page.listed] == [True, False, False]
    rest = await weather.stage.read(lambda uow: uow.storms.page(1, offset=3, limit=3))
    assert [one.incident.number for one in rest.listed] == [4, 5, 1]


async def test_a_storm_that_is_not_there_is_named(stage: Stage) -> None:
    with pytest.raises(StormNotFound, match="no storm 7"):
        await stage.read(lambda uow: uow.storms.view(7, worst=1, services=1))
    assert await stage.read(lambda uow: uow.storms.members(7)) == []


async def test_an_incident_with_cards_in_two_channels_is_parked_in_one_and_shown_in_the_other(weather: Weather) -> None:
    await storm(weather)
    await weather.stage.write(
        lambda uow: uow.gate.execute(
            uow.gate.insert(
                tables.outbox,
                incident_id=1,
                channel="#other",
                kind="card",
                subject="",
                desired_rev=1,
                sent_rev=0,
                priority=3,
                due_at=uow.now,
                fence=0,
                attempts=0,
                created_at=uow.now,
            )
        )
    )
    [job] = await weather.posts()
    assert job.channel == "#other"
    await weather.acknowledge_all(seen_rev=(await weather.view()).rev, by=ALICE)
    await weather.look()
    assert sorted(job.kind.value for job in await weather.posts()) == ["card", "rollup"]
    assert len([row for row in await weather.stage.all(tables.outbox) if row["shown_in_id"]]) == 5
