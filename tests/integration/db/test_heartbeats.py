"""Silence opens an incident, once, and the next beat ends it; what always fires opens none."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from db import tables
from db.heartbeat_tables import heartbeats
from incidents.heartbeats.look import look_at_heartbeats, survey
from incidents.heartbeats.model import Heartbeat, Pulse
from incidents.model import AlertKind, Place, Resolution, Severity
from incidents.policy import Policies, Policy, Route
from jobs.heartbeats import Listener
from tests.building import firing, resolved
from tests.integration.db.stage import Row, Stage, the

TEN = timedelta(minutes=10)
WATCHED = Heartbeat(
    "prod-a",
    TEN,
    Severity.ERROR,
    match={"alert": frozenset({"watchdog"}), "cluster": frozenset({"prod-a"})},
    place=Place(cluster="prod-A"),
    labels={"team": "infra"},
)
ROUTE = Route("#infra", {"labels.team": frozenset({"infra"}), "source": frozenset({"heartbeat"})})
POLICY = Policy(heartbeats={"prod-a": WATCHED}, routes=(ROUTE,))
WATCHDOG = replace(firing("w", cluster="prod-a"), alert_name="Watchdog", rule_uid="watchdog")


async def look(stage: Stage, policy: Policy = POLICY, *, is_new: bool = False) -> int:
    return await stage.write(lambda uow: look_at_heartbeats(uow, policy, is_new=is_new))


async def pulse(stage: Stage) -> Pulse:
    [found] = await stage.read(lambda uow: uow.heartbeats.all())
    return found


async def beat(stage: Stage) -> None:
    await stage.write(lambda uow: uow.heartbeats.heard({"prod-a": TEN}))


async def let_pass(stage: Stage, passed: timedelta) -> None:
    """All that is remembered of heartbeats is so much older."""
    times = ["created_at", "last_seen_at", "expected_by", "silent_since", "told_at"]
    await stage.grow_older(heartbeats, await stage.all(heartbeats), times, passed)


async def cards(stage: Stage) -> list[Row]:
    return [row for row in await stage.all(tables.outbox) if row["kind"] == "card"]


async def test_silence_opens_one_incident_and_a_beat_ends_it(
    stage: Stage, another_process: Callable[[], Stage]
) -> None:
    others = [stage, another_process(), another_process()]
    woken = list[int]()
    listeners = [
        Listener(one.transactions, Policies(POLICY), CollectorRegistry(), changed=lambda: woken.append(1))
        for one in others
    ]
    await asyncio.gather(*(listener.tick() for listener in listeners))
    assert (await pulse(stage)).silent_since is None
    await let_pass(stage, TEN)
    expected = (await pulse(stage)).expected_by
    await asyncio.gather(*(listener.tick() for listener in listeners))
    told = await stage.incident()
    assert told.title == "No heartbeat from prod-a for 10 min"
    assert (told.severity, told.source) == (Severity.ERROR, "heartbeat")
    assert (told.place.cluster, told.start_time, told.is_open) == ("prod-A", expected, True)
    assert [row["channel"] for row in await cards(stage)] == ["#infra"]
    assert [row["incident_id"] for row in await stage.all(tables.alerts)] == [told.id]
    silent = await pulse(stage)
    assert (silent.silent_since, silent.incident_id, len(woken)) == (expected, told.id, 1)

    await beat(stage)
    await asyncio.gather(*(listener.tick() for listener in listeners))
    told = await stage.incident()
    assert (told.is_open, told.resolution) == (False, Resolution.RECOVERED)
    assert len(await stage.all(tables.alerts)) == 2
    after = await pulse(stage)
    assert (after.silent_since, after.incident_id) == (None, None)
    assert after.last_seen_at is not None
    assert after.expected_by == after.last_seen_at + TEN
    assert await look(stage) == 0
    seen = await stage.read(lambda uow: survey(uow, POLICY))
    assert (seen.is_due, seen.silent) == (False, 0)


async def test_a_silence_that_lasts_is_told_again_and_again_but_opens_nothing_more(stage: Stage) -> None:
    await look(stage, is_new=True)
    await let_pass(stage, TEN)
    assert [await look(stage), await look(stage)] == [1, 0]
    await let_pass(stage, timedelta(minutes=61))
    series = tables.incident_series
    await stage.grow_older(series, await stage.all(series), ["starts_at"], timedelta(minutes=61))
    assert [await look(stage), await look(stage)] == [1, 0]
    assert [row["reason"] for row in await stage.all(tables.alerts)] == ["opened", "resent"]
    assert await stage.kinds() == ["opened"]


async def test_a_watchdog_is_stored_and_heard_and_opens_nothing(stage: Stage) -> None:
    """Also where it is heard before anybody has looked whether it was."""
    told = await stage.take(WATCHDOG, firing("pod-a"), policy=POLICY)
    assert [reason.value for reason in told.reasons] == ["sign_of_life", "opened"]
    heard = await pulse(stage)
    assert heard.last_seen_at is not None
    assert heard.expected_by == heard.last_seen_at + TEN
    rows = await stage.all(tables.alerts)
    assert [(row["reason"], row["incident_id"] is None) for row in rows] == [("sign_of_life", True), ("opened", False)]
    assert len(await stage.all(tables.incidents)) == 1
    assert the(await stage.take(WATCHDOG, policy=Policy())) == "opened"


async def test_what_has_ended_or_could_not_see_is_no_sign_of_life(stage: Stage) -> None:
    await look(stage, is_new=True)
    ended = replace(resolved("w", cluster="prod-a"), alert_name="Watchdog", rule_uid="watchdog")
    assert the(await stage.take(ended, policy=POLICY)) == "unknown_series"
    blind = replace(WATCHDOG, fingerprint="b", kind=AlertKind.NO_DATA)
    assert the(await stage.take(blind, policy=POLICY)) == "opened"
    assert (await pulse(stage)).last_seen_at is None


async def test_our_own_silence_counts_for_nobody(stage: Stage) -> None:
    await look(stage, is_new=True)
    before = (await pulse(stage)).expected_by
    mark = tables.counters.c.name == "heartbeats:listened"
    async with stage.engines.write.begin() as connection:
        an_hour = 3600 * 10**6
        await connection.execute(sa.update(tables.counters).where(mark).values(value=tables.counters.c.value - an_hour))
    await let_pass(stage, TEN)
    assert await look(stage) == 0
    put_off = (await pulse(stage)).expected_by - (before - TEN)
    assert timedelta(hours=1) <= put_off < timedelta(hours=1, minutes=5)


async def test_the_file_says_what_is_expected(stage: Stage) -> None:
    await look(stage, is_new=True)
    before = (await pulse(stage)).expected_by
    longer = replace(POLICY, heartbeats={"prod-a": replace(WATCHED, within=3 * TEN)})
    await look(stage, longer)
    assert (await pulse(stage)).expected_by == before
    await look(stage, longer, is_new=True)
    assert (await pulse(stage)).expected_by == before + 2 * TEN
    await let_pass(stage, 3 * TEN)
    await look(stage, longer)
    await look(stage, Policy(), is_new=True)
    assert await stage.all(heartbeats) == []
    assert (await stage.incident()).is_open
    assert "taken out of bongsu.yaml" in (await stage.events())[-1].data["text"]
