"""Steps that nobody does are counted, told once, and keep Bongsu from saying that all is well."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from bongsu.showing import check_showing
from db import tables
from db.escalation_tables import escalation_steps
from incidents.escalation.model import PlannedStep, StepState, Timer
from incidents.heartbeats.model import DeadMansSwitch
from incidents.policy import Policies, Policy
from jobs.escalation_watch import EscalationWatch, OverdueMetrics
from jobs.heartbeat_out import FetchFailed, Switch, SwitchMetrics
from tests.building import firing
from tests.integration.db.stage import Stage

URL = "https://hc.example.com/ping/canary"
POLICY = Policy(admin_channel="#admins", heartbeat=DeadMansSwitch(URL))


async def a_step(stage: Stage, *, late: timedelta) -> PlannedStep:
    """The only one that there is."""
    await stage.take(firing())
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.delete(escalation_steps))
    incident, due = await stage.incident(), await stage.now() - late
    step = PlannedStep(incident.id, 1, 1, Timer.PAGE, "default", 1, 1, due, due)
    await stage.write(lambda uow: uow.escalation.plan([step]))
    [planned] = await stage.read(lambda uow: uow.escalation.planned([incident.id]))
    return planned


async def settle(stage: Stage, step: PlannedStep) -> None:
    done = replace(step, state=StepState.DONE, done_at=await stage.now())
    await stage.write(lambda uow: uow.escalation.settle(done))


async def notices(stage: Stage) -> list[tuple[str, int]]:
    rows = [row for row in await stage.all(tables.outbox) if row["kind"] == "notice"]
    return [(row["channel"], row["desired_rev"]) for row in rows]


async def test_late_steps_are_counted_and_told_once_an_hour(stage: Stage) -> None:
    registries, woken = [CollectorRegistry(), CollectorRegistry()], list[int]()
    watches = [
        EscalationWatch(stage.transactions, Policies(POLICY), OverdueMetrics(registry), changed=lambda: woken.append(1))
        for registry in registries
    ]

    def counted() -> tuple[float | None, float | None]:
        names = ("bongsu_escalation_overdue", "bongsu_escalation_overdue_seconds")
        first, second = (registries[0].get_sample_value(name) for name in names)
        return first, second

    step = await a_step(stage, late=timedelta(seconds=20))
    await watches[0].look()
    assert (counted(), await notices(stage)) == ((0, 0), [])
    await stage.change(escalation_steps, due_at=await stage.now() - timedelta(seconds=40))
    for watch in (*watches, *watches):
        await watch.look()
    steps, seconds = counted()
    assert steps == 1
    assert seconds is not None
    assert 40 <= seconds < 100
    assert await notices(stage) == [("#admins", 1)]
    assert len(woken) == 2
    [found] = [one for one in await check_showing(stage.transactions, POLICY) if "escalation" in one.what]
    assert "1 escalation step is late, the oldest since" in found.what

    await settle(stage, step)
    await watches[0].look()
    await watches[0].look()
    assert (counted(), await notices(stage)) == ((0, 0), [("#admins", 2)])
    assert not [one for one in await check_showing(stage.transactions, POLICY) if "escalation" in one.what]


class Fetched:
    """Who is called, and what they answer: a status, or nothing."""

    def __init__(self) -> None:
        self.urls, self.answer = list[str](), 200

    async def fetch(self, url: str, *, allow_private: bool) -> int:
        assert not allow_private
        self.urls.append(url)
        if not self.answer:
            raise FetchFailed("no answer")
        return self.answer


class Switches:
    """Two processes' hold of the dead man's switch."""

    def __init__(self, stage: Stage) -> None:
        self.fetched, self.registry, self._stage = Fetched(), CollectorRegistry(), stage
        policies = Policies(POLICY)
        self._all = [
            Switch(stage.transactions, policies, self.fetched, SwitchMetrics(registry))
            for registry in (self.registry, CollectorRegistry())
        ]

    async def a_minute(self) -> int:
        """How many calls there were in it."""
        before = len(self.fetched.urls)
        await self._stage.change(tables.leases, expires_at=await self._stage.now())
        for switch in (*self._all, *self._all):
            await switch.tick()
        return len(self.fetched.urls) - before

    def last(self) -> float:
        return self.registry.get_sample_value("bongsu_heartbeat_last_success_timestamp_seconds") or 0

    def withheld(self, reason: str) -> float | None:
        return self.registry.get_sample_value("bongsu_heartbeat_withheld", {"reason": reason})


async def test_one_process_calls_each_minute_until_steps_are_late_or_slack_hears_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    switches = Switches(stage)
    switches.fetched.answer = 0
    assert (await switches.a_minute(), switches.last()) == (1, 0)
    switches.fetched.answer = 302
    assert (await switches.a_minute(), switches.last()) == (1, 0)
    switches.fetched.answer = 200
    assert await switches.a_minute() == 1
    assert switches.last() > 0
    assert set(switches.fetched.urls) == {URL}

    step = await a_step(stage, late=timedelta(seconds=40))
    assert await switches.a_minute() == 0
    assert switches.withheld("steps_overdue") == 1
    await settle(stage, step)
    assert (await switches.a_minute(), switches.withheld("steps_overdue")) == (1, 0)

    eleven_ago = await stage.now() - timedelta(minutes=11)
    await stage.change(tables.outbox, created_at=eleven_ago, due_at=await stage.now() + timedelta(minutes=1))
    assert (await switches.a_minute(), switches.withheld("slack_waits")) == (1, 0)
    await stage.change(tables.outbox, attempts=3)
    assert (await switches.a_minute(), switches.withheld("slack_waits")) == (0, 1)
    await stage.change(tables.outbox, attempts=0, due_at=eleven_ago)
    assert await switches.a_minute() == 0
    await stage.change(tables.outbox, ts="1.2", sent_rev=1)
    assert await switches.a_minute() == 1
    assert "canary" not in caplog.text
