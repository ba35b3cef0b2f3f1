"""Calendars in the database: read by one process at a time, known while they are away, told of once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db import tables
from db.calendar_tables import calendars, handovers, schedule_troubles
from db.unit_of_work import SqlUnitOfWork
from incidents.policy import Policies, Policy, Route
from incidents.schedules import Calendar, Layer, Rotation, Schedule
from incidents.schedules.model import Standing
from incidents.schedules.now import standings, with_people
from jobs.calendars.fetch import NotFetched
from jobs.calendars.reading import CalendarReader
from jobs.handovers import Handovers
from tests.integration.db.stage import Stage
from tests.unit.calendars.ics import event, ics

UTC = ZoneInfo("UTC")
URL = "https://calendar.example.com/secret/x.ics"
PEOPLE = {"alice": "U0ALICE", "bob": "U0BOB"}
MENTION = ("schedule:payments",)


def plan(url: str = URL, **changes: object) -> Policy:
    schedule = Schedule("payments", UTC, (), calendar=Calendar(url, PEOPLE, "U0CAROL"))
    return Policy(schedules={"payments": replace(schedule, **changes)}, routes=(Route("#p", mention=MENTION),))  # type: ignore[arg-type]


class Web:
    """What is at each address: a calendar, or why there is none."""

    def __init__(self, *summaries: str) -> None:
        self.asked = 0
        self.holds: bytes | str = b""
        self.says(*summaries)

    def says(self, *summaries: str) -> None:
        """Each has it all the time; the last of them counts."""
        starts = [f"2020010{day}T000000Z" for day in range(1, 1 + len(summaries))]
        self.holds = ics(
            *(event(one, "20990101T000000Z", summary=who) for one, who in zip(starts, summaries, strict=True))
        )

    async def __call__(self, url: str, *, allow_private: bool) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        if isinstance(self.holds, str):
            raise NotFetched(self.holds)
        return self.holds


class House:
    """One process that reads calendars; ``heard`` counts how often there was something to send."""

    def __init__(self, stage: Stage, web: Web, policy: Policy) -> None:
        self.stage, self.heard = stage, 0
        self.policies = Policies(policy)
        clock = count(step=60).__next__
        self.reader = CalendarReader(stage.transactions, self.policies, web, changed=self._changed, clock=clock)

    def _changed(self) -> None:
        self.heard += 1

    async def reads(self) -> None:
        """All is due, and the turn to tell of it is anybody's."""
        now = await self.stage.read(_now)
        await self.stage.change(calendars, due_at=now, lease_until=now)
        await self.ticks()

    async def ticks(self) -> None:
        await self.stage.change(tables.leases, expires_at=await self.stage.read(_now))
        await self.reader.tick()

    async def standing(self) -> Standing:
        [one] = await self.stage.read(lambda uow: standings(self.policies.current.schedules, uow))
        return one


async def _now(uow: SqlUnitOfWork) -> datetime:
    return uow.now


async def notices(stage: Stage) -> list[str]:
    return [row["subject"] for row in await stage.all(tables.outbox) if row["kind"] == "notice"]


async def troubles(stage: Stage) -> dict[str, str]:
    return {row["kind"]: row["detail"] for row in await stage.all(schedule_troubles)}


async def test_who_is_on_call_is_known_while_the_calendar_is_away(stage: Stage) -> None:
    web = Web("Alice")
    house = House(stage, web, plan())
    assert (await house.standing()).person == "U0CAROL"
    await house.reads()
    first = await house.standing()
    assert (first.person, first.source) == ("U0ALICE", "calendar.example.com")
    assert await stage.read(lambda uow: with_people(MENTION, plan(), uow)) == ["<@U0ALICE>"]
    web.holds = "its server answers HTTP 500"
    await house.reads()
    later = await house.standing()
    assert later.person == "U0ALICE"
    assert later.calendar is not None
    assert (later.calendar.error, later.calendar.read_at) == (web.holds, first.calendar and first.calendar.read_at)
    assert await notices(stage) == []
    web.holds = b"<html>"
    await house.reads()
    assert (await house.standing()).person == "U0ALICE"
    web.says("Alice", "Bob")
    await house.reads()
    well = await house.standing()
    assert (well.person, well.calendar and well.calendar.error) == ("U0BOB", None)


async def test_what_is_wrong_is_told_once_and_when_it_is_over(stage: Stage) -> None:
    web = Web("Alice")
    house = House(stage, web, plan())
    web.holds = "its server answers HTTP 404"
    await house.reads()
    assert await troubles(stage) == {"calendar": web.holds}
    assert house.heard == 1
    await house.reads()
    assert (house.heard, len(await notices(stage))) == (1, 1)
    web.says("Alice", "Eve")
    await house.reads()
    assert await troubles(stage) == {"unmapped": "'Eve'"}
    assert (house.heard, len(await notices(stage))) == (2, 2)
    web.holds = "gone"
    await house.reads()
    hours = await stage.read(_now) - timedelta(minutes=16)
    await stage.change(calendars, failing_since=hours)
    await house.ticks()
    assert sorted(await troubles(stage)) == ["calendar", "unmapped"]
    await stage.change(calendars, read_at=hours - timedelta(days=1))
    await house.ticks()
    assert sorted(await troubles(stage)) == ["calendar", "stale", "unmapped"]
    assert (await house.standing()).person == "U0ALICE"
    assert len(await notices(stage)) == 4
    house.policies.current = Policy()
    await house.ticks()
    assert await troubles(stage) == {}


async def test_of_many_processes_one_reads_and_what_the_file_says_now_counts(
    stage: Stage, another_process: Callable[[], Stage]
) -> None:
    web = Web("Alice")
    houses = [House(one, web, plan()) for one in (stage, another_process(), another_process())]
    await asyncio.gather(*(house.reader.tick() for house in houses))
    assert web.asked == 1
    await asyncio.gather(*(house.reader.tick() for house in houses))
    assert web.asked == 1
    before = plan().schedules["payments"].source_sha256()
    houses[0].policies.current = plan(f"{URL}?other")
    web.says("Bob")
    await houses[0].reader.tick()
    assert web.asked == 1
    await stage.change(calendars, lease_until=await stage.read(_now))
    await houses[0].reader.tick()
    assert web.asked == 2
    assert (await houses[0].standing()).person == "U0BOB"
    # Whoever still read what the file said before comes late, and changes nothing.
    await stage.write(
        lambda uow: uow.calendars.read(
            "payments", source_sha256=before, shifts=(), unmapped=(), rest=timedelta(minutes=5)
        )
    )
    assert (await houses[0].standing()).person == "U0BOB"


async def test_a_file_is_read_and_one_that_is_none_is_told(stage: Stage, tmp_path: Path) -> None:
    web, path = Web(), tmp_path / "x.ics"
    path.write_bytes(ics(event("20200101T000000Z", "20990101T000000Z", summary="Bob")))
    house = House(stage, web, plan(str(path)))
    await house.reads()
    assert ((await house.standing()).person, (await house.standing()).source) == ("U0BOB", "x.ics")
    house.policies.current = plan(str(tmp_path))
    await house.reads()
    known = (await house.standing()).calendar
    assert known is not None
    assert (known.error, web.asked) == ("it is no file", 0)


@pytest.fixture
def turns() -> Policy:
    """Alice and Bob have an hour each."""
    from_now_on = Layer("all", Rotation(("U0ALICE", "U0BOB"), every=1))
    return Policy(schedules={"payments": Schedule("payments", UTC, (from_now_on,), handover_channel="#pay")})


async def test_each_handover_is_told_exactly_once(
    stage: Stage, another_process: Callable[[], Stage], turns: Policy
) -> None:
    places = [stage, another_process(), another_process()]
    jobs = [Handovers(one.transactions, Policies(turns), changed=lambda: None) for one in places]

    async def all_look() -> None:
        await stage.change(tables.leases, expires_at=await stage.read(_now))
        await asyncio.gather(*(job.tick() for job in jobs))

    await all_look()
    [first] = await stage.all(handovers)
    assert first["previous"] is None
    assert [row for row in await stage.all(tables.outbox) if row["kind"] == "report"] == []
    other = {"U0ALICE": "U0BOB", "U0BOB": "U0ALICE"}[first["person"]]
    await stage.change(handovers, person=other, at=first["at"] - timedelta(days=9))
    for _ in range(3):
        await all_look()
    [_, passed] = await stage.all(handovers)
    assert (passed["previous"], passed["person"]) == (other, first["person"])
    [report] = [row for row in await stage.all(tables.outbox) if row["kind"] == "report"]
    assert (report["subject"], report["channel"]) == (f"handover:{passed['id']}", "#pay")
