"""A snooze belongs to the incident's key until its end, whatever happens to the incident meanwhile."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from db import tables
from db.engine import connect
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.errors import (
    AlreadySnoozed,
    HandledElsewhere,
    NotSnoozed,
    Refused,
    SnoozeOver,
    SnoozeTooLong,
    StaleView,
)
from incidents.model import Actor, Incident, Severity, Status
from incidents.rules.stale_click import Seen
from tests.building import ALICE, BOB, firing, resolved
from tests.effort import times
from tests.integration.db.stage import Stage, the
from tests.migrated import unsynced

HOUR = timedelta(hours=1)


async def snooze(stage: Stage, *, incident_id: int = 1, hours: float = 2, by: Actor = ALICE) -> Incident:
    return await stage.write(
        lambda uow: actions.snooze(incident_id, until=uow.now + timedelta(hours=hours), by=by, uow=uow)
    )


async def wake(stage: Stage, *, incident_id: int = 1, by: Actor = BOB) -> Incident:
    return await stage.write(lambda uow: actions.wake(incident_id, by=by, uow=uow))


def seen(incident: Incident) -> Seen:
    return Seen(incident.version, incident.status, incident.episode)


async def test_it_wakes_by_itself_at_its_end_and_who_snoozed_it_is_told(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage)
    await stage.look()
    await stage.wait(minutes=119)
    await stage.look()
    assert (await stage.incident()).is_snoozed
    await stage.wait(minutes=1)
    assert await stage.look() >= 1
    incident, [told] = await stage.incident(), await stage.reminders()
    assert (incident.snoozed_until, incident.snoozed_by, incident.snoozed_severity) == (None, None, None)
    assert (told.kind.value, told.data) == (
        "woke",
        {"snoozed_by": "U0ALICE", "reason": "snooze_over", "mention": "U0ALICE"},
    )
    assert await stage.kinds() == ["opened", "snoozed", "woke"]
    await stage.look()
    assert await stage.kinds() == ["opened", "snoozed", "woke"]


async def test_what_is_over_wakes_without_a_word_to_anybody(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage)
    await stage.take(resolved())
    await stage.wait(hours=2)
    await stage.look()
    assert not (await stage.incident()).is_snoozed
    assert (await stage.kinds())[-1] == "woke"
    assert await stage.reminders() == []


async def test_what_goes_stale_as_it_wakes_asks_nobody_to_take_it(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage, hours=24)
    await stage.wait(hours=24)
    await stage.look()
    assert (await stage.kinds())[-2:] == ["woke", "resolved"]
    assert await stage.reminders() == []


@pytest.mark.parametrize(
    ("severity", "hours", "error"),
    [
        ("critical", 4.01, SnoozeTooLong),
        ("warning", 30 * 24 + 0.1, SnoozeTooLong),
        ("warning", 24 * 365 * 1000, SnoozeTooLong),
        ("warning", 0, SnoozeOver),
        ("warning", -1, SnoozeOver),
    ],
)
async def test_an_end_that_makes_no_sense_is_refused_and_nothing_changes(
    stage: Stage, severity: str, hours: float, error: type[Exception]
) -> None:
    await stage.take(firing(severity=severity))
    with pytest.raises(error):
        await snooze(stage, hours=hours)
    assert not (await stage.incident()).is_snoozed


async def test_critical_may_be_snoozed_for_four_hours(stage: Stage) -> None:
    await stage.take(firing(severity="critical"))
    assert (await snooze(stage, hours=4)).is_snoozed


async def test_a_graver_alert_wakes_it_and_who_snoozed_it_hears_of_it(stage: Stage) -> None:
    await stage.take(firing(severity="warning"))
    await snooze(stage)
    await stage.take(firing("pod-b", severity="warning"))
    assert (await stage.incident()).is_snoozed
    await stage.take(firing("pod-b", severity="error"))
    incident, [told] = await stage.incident(), await stage.reminders()
    assert (incident.is_snoozed, incident.severity.value) == (False, "error")
    assert told.data == {
        "snoozed_by": "U0ALICE",
        "reason": "graver_than_snoozed",
        "mention": "U0ALICE",
        "from": "warning",
        "to": "error",
    }


async def test_it_sleeps_through_resolving_and_reopening(stage: Stage) -> None:
    await stage.take(firing())
    until = (await snooze(stage)).snoozed_until
    await stage.take(resolved())
    assert the(await stage.take(firing(since=6))) == "within_reopen_window"
    incident = await stage.incident()
    assert (incident.snoozed_until, incident.snoozed_by, incident.episode) == (until, "U0ALICE", 2)
    await stage.write(lambda uow: actions.resolve(1, by=BOB, uow=uow))
    await stage.write(lambda uow: actions.reopen(1, by=BOB, uow=uow))
    assert (await stage.incident()).snoozed_until == until


async def test_it_sleeps_through_flapping(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage)
    for minute in range(1, 5):
        await stage.take(resolved(since=minute - 1, until=minute - 0.5))
        await stage.take(firing(since=minute))
    incident = await stage.incident()
    assert (incident.flapping, incident.is_snoozed) == (True, True)


async def test_a_new_incident_of_the_key_takes_it_over(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage)
    await stage.take(resolved())
    await stage.wait(minutes=30)
    until = (await stage.incident()).snoozed_until
    assert the(await stage.take(firing(since=40))) == "opened"
    old, new = await stage.incident(1), await stage.incident(2)
    assert (old.is_snoozed, new.snoozed_until, new.snoozed_by) == (False, until, "U0ALICE")
    assert await stage.kinds(2) == ["opened", "snoozed"]
    assert (await stage.events(2))[1].data == {
        "until": until and until.isoformat(),
        "reason": "snooze_inherited",
        "snoozed_by": "U0ALICE",
        "was_on": 1,
    }
    await stage.wait(minutes=90)
    await stage.look()
    assert [one.kind.value for one in await stage.reminders()] == ["woke"]


async def test_a_graver_new_one_wakes_at_once(stage: Stage) -> None:
    await stage.take(firing(severity="warning"))
    await snooze(stage)
    await stage.take(resolved(severity="warning"))
    await stage.wait(minutes=30)
    await stage.take(firing(since=40, severity="critical"))
    assert (await stage.kinds(2)) == ["opened", "snoozed", "woke"]
    assert not (await stage.incident(2)).is_snoozed


async def test_what_was_told_before_a_person_lowered_it_is_not_graver(stage: Stage) -> None:
    await stage.take(firing(severity="error"))
    await stage.write(lambda uow: actions.set_severity(1, to=Severity.INFO, by=ALICE, uow=uow))
    await snooze(stage)
    await stage.take(resolved(severity="error"))
    await stage.wait(minutes=30)
    await stage.take(firing(since=40, severity="error"))
    assert (await stage.incident(2)).is_snoozed
    await stage.take(firing(since=40, severity="critical"))
    assert not (await stage.incident(2)).is_snoozed


async def test_one_that_was_woken_or_whose_snooze_is_over_hands_nothing_on(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage)
    await stage.take(resolved())
    await stage.wait(minutes=30)
    await wake(stage)
    await stage.take(firing(since=40))
    assert not (await stage.incident(2)).is_snoozed
    await snooze(stage, incident_id=2)
    await stage.take(resolved(since=40, until=41))
    await stage.wait(hours=3)
    await stage.take(firing(since=200))
    assert not (await stage.incident(3)).is_snoozed


async def test_other_keys_are_not_snoozed(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage)
    await stage.take(firing("other", service="other"))
    assert not (await stage.incident(2)).is_snoozed


async def test_what_is_over_can_be_snoozed_for_when_it_comes_back(stage: Stage) -> None:
    await stage.take(firing())
    await stage.take(resolved())
    await stage.wait(minutes=30)
    await snooze(stage)
    await stage.take(firing(since=40))
    assert (await stage.incident(2)).is_snoozed
    with pytest.raises(HandledElsewhere, match="INC-2 is open"):
        await snooze(stage)


async def test_nothing_nags_while_it_sleeps(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    await snooze(stage, hours=48)
    await stage.take(*(firing(f"pod-{number}") for number in range(9)))
    await stage.wait(hours=20)
    await stage.look()
    await stage.write(lambda uow: actions.resolve(1, by=BOB, uow=uow))
    assert the(await stage.take(firing(since=-20 * 60))) == "still_firing"
    assert await stage.reminders() == []
    assert (await stage.incident()).status is Status.RESOLVED


async def test_critical_that_was_closed_while_it_fires_comes_back_after_the_snooze(stage: Stage) -> None:
    await stage.take(firing(severity="critical"))
    await snooze(stage, hours=1)
    await stage.write(lambda uow: actions.resolve(1, by=BOB, uow=uow))
    await stage.wait(minutes=59)
    await stage.look()
    assert (await stage.incident()).status is Status.RESOLVED
    await stage.wait(minutes=1)
    await stage.look()
    assert (await stage.kinds())[-2:] == ["woke", "reopened"]


async def test_the_figures_of_what_sleeps_go_on(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage)
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    await stage.take(resolved())
    [episode] = await stage.episodes()
    assert (episode.responded_by, episode.resolution and episode.resolution.value) == ("U0BOB", "recovered")


async def test_snoozing_is_no_response(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage)
    [episode] = await stage.episodes()
    assert episode.responded_at is None


async def test_waking_twice_is_refused(stage: Stage) -> None:
    await stage.take(firing())
    await snooze(stage)
    await wake(stage)
    with pytest.raises(NotSnoozed):
        await wake(stage)
    assert await stage.reminders() == []


async def test_who_comes_second_is_told_who_was_faster(stage: Stage) -> None:
    await stage.take(firing())
    saw = seen(await stage.incident())

    async def bob(uow: SqlUnitOfWork, *, extends: bool = False) -> Incident:
        until = uow.now + HOUR
        return await actions.snooze(1, until=until, by=BOB, uow=uow, seen=saw, extends=extends)

    await snooze(stage)
    with pytest.raises(AlreadySnoozed) as refused:
        await stage.write(bob)
    assert refused.value.by == "U0ALICE"
    extended = await stage.write(lambda uow: bob(uow, extends=True))
    assert extended.snoozed_by == "U0BOB"


async def test_a_card_of_another_state_snoozes_and_wakes_nothing(stage: Stage) -> None:
    await stage.take(firing())
    saw = seen(await stage.incident())
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    with pytest.raises(StaleView):
        await stage.write(lambda uow: actions.snooze(1, until=uow.now + HOUR, by=ALICE, uow=uow, seen=saw))
    await snooze(stage)
    with pytest.raises(StaleView):
        await stage.write(lambda uow: actions.wake(1, by=ALICE, uow=uow, seen=saw))


async def test_of_two_at_the_same_time_one_wins(stage: Stage, another_process: Callable[[], Stage]) -> None:
    await stage.take(firing())
    saw, others = seen(await stage.incident()), another_process()

    async def tries(on: Stage, by: Actor) -> Incident:
        return await on.write(lambda uow: actions.snooze(1, until=uow.now + HOUR, by=by, uow=uow, seen=saw))

    done = await asyncio.gather(tries(stage, ALICE), tries(others, BOB), return_exceptions=True)
    [winner] = [one for one in done if isinstance(one, Incident)]
    [loser] = [one for one in done if isinstance(one, AlreadySnoozed)]
    assert loser.by == winner.snoozed_by == (await stage.incident()).snoozed_by
    assert (await stage.kinds()).count("snoozed") == 1


async def test_a_new_incident_takes_over_what_is_snoozed_while_it_opens(
    stage: Stage, another_process: Callable[[], Stage]
) -> None:
    """Whoever is first: at most one of the key's incidents holds the snooze, and no open one misses it twice."""
    await stage.take(firing())
    await stage.take(resolved())
    await stage.wait(minutes=30)
    others = another_process()
    done = await asyncio.gather(snooze(others), stage.take(firing(since=40)), return_exceptions=True)
    assert [one for one in done if isinstance(one, Exception) and not isinstance(one, HandledElsewhere)] == []
    held = await stage.rows(sa.select(tables.incidents.c.number).where(tables.incidents.c.snoozed_until.is_not(None)))
    assert len(held) <= 1


async def test_where_nothing_is_snoozed_taking_alerts_asks_nothing_more(stage: Stage) -> None:
    said: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        said.append(statement)

    sa.event.listen(stage.engines.write.sync_engine, "before_cursor_execute", note)
    await stage.take(firing())
    await stage.take(firing())
    sa.event.remove(stage.engines.write.sync_engine, "before_cursor_execute", note)
    asking = [one for one in said if "snoozed_until >" in one]
    assert ["UNION ALL" in one for one in asking] == [True]


BOUNDED = settings(
    phases=[Phase.generate], deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
STEPS = ["fires", "ends", "anew", "acknowledge", "resolve", "reopen", "noise", "real", "later", "much later"]


@pytest.mark.parametrize(("database", "examples"), [("sqlite", times(8)), ("mariadb", times(3))])
async def test_whatever_happens_to_a_key_it_sleeps_until_the_end_and_not_longer(
    database: str, examples: int, request: pytest.FixtureRequest
) -> None:
    engines = unsynced(connect(request.getfixturevalue(f"migrated_{database}_url")))
    stage = Stage.on(engines)
    loop = asyncio.get_running_loop()

    @settings(BOUNDED, max_examples=examples)
    @given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=12))
    def any_steps(steps: list[str]) -> None:
        asyncio.run_coroutine_threadsafe(_one_history(stage, steps), loop).result()

    await asyncio.to_thread(any_steps)
    await engines.dispose()


_keys = count()


async def _one_history(stage: Stage, steps: list[str]) -> None:
    key = f"svc-{next(_keys)}"
    key_life = KeyLife(stage, key)
    await key_life.fires()
    until = (await snooze(stage, incident_id=(await key_life.newest()).id, hours=6)).snoozed_until
    assert until is not None
    for step in steps:
        await key_life.does(step)
        until -= key_life.passed
        newest, now = await key_life.newest(), await stage.now()
        assert newest.is_snoozed is (until > now), steps
        assert not newest.is_snoozed or newest.snoozed_until == until
        assert len([one for one in await key_life.all() if one.is_snoozed]) <= 1


class KeyLife:
    """One incident key, with one series. ``passed``: how much time the last step took."""

    def __init__(self, stage: Stage, key: str) -> None:
        self.stage, self.key, self.began = stage, key, 0.0
        self.passed = timedelta(0)

    async def all(self) -> list[Incident]:
        of = tables.incidents.c
        found = await self.stage.rows(sa.select(of.number).where(of.service == self.key).order_by(of.id))
        return [await self.stage.incident(row["number"]) for row in found]

    async def newest(self) -> Incident:
        return (await self.all())[-1]

    async def fires(self) -> None:
        await self.stage.take(firing(self.key, since=self.began, service=self.key))

    async def does(self, step: str) -> None:
        self.passed = timedelta(0)
        match step:
            case "fires":
                await self.fires()
            case "ends":
                await self.stage.take(resolved(self.key, since=self.began, until=self.began + 0.5, service=self.key))
            case "anew":
                self.began += 1
                await self.fires()
            case "later" | "much later":
                await self._lets_pass(timedelta(minutes=20 if step == "later" else 150))
            case _:
                await self._clicks(step)

    async def _lets_pass(self, passed: timedelta) -> None:
        self.passed = passed
        await self.stage.wait(minutes=passed.total_seconds() / 60)
        await self.stage.look()

    async def _clicks(self, step: str) -> None:
        acts: dict[str, Any] = {
            "acknowledge": actions.acknowledge,
            "resolve": actions.resolve,
            "reopen": actions.reopen,
            "noise": actions.mark_noise,
            "real": actions.mark_real,
        }
        act, incident_id = acts[step], (await self.newest()).id
        with suppress(Refused):
            await self.stage.write(lambda uow: act(incident_id, by=BOB, uow=uow))
