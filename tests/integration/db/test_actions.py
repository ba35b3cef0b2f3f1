"""What people do to incidents: written down, shown, and decided by the database when two do it at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from db import tables
from db.unit_of_work import SqlUnitOfWork
from incidents import actions, lifecycle
from incidents.errors import (
    AlreadyAcknowledged,
    AlreadyNoise,
    AlreadyResolved,
    AnotherIsOpen,
    IncidentNotFound,
    InvalidInput,
    NotNoise,
    NotResolved,
    StaleView,
    Unavailable,
)
from incidents.model import Incident, Resolution, Status
from incidents.outbox import Priority
from incidents.record import record
from incidents.rules.stale_click import Seen
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Stage, the

Act = Callable[[SqlUnitOfWork], Awaitable[Incident]]
AnotherProcess = Callable[[], Stage]


def acknowledge(uow: SqlUnitOfWork) -> Awaitable[Incident]:
    return actions.acknowledge(1, by=ALICE, uow=uow)


def unacknowledge(uow: SqlUnitOfWork) -> Awaitable[Incident]:
    return actions.unacknowledge(1, by=ALICE, uow=uow)


def assign(uow: SqlUnitOfWork) -> Awaitable[Incident]:
    return actions.assign(1, to="U0BOB", by=ALICE, uow=uow)


def note(uow: SqlUnitOfWork) -> Awaitable[Incident]:
    return actions.add_note(1, text=" rolled back \N{FIRE} ", by=ALICE, uow=uow)


def resolve(uow: SqlUnitOfWork) -> Awaitable[Incident]:
    return actions.resolve(1, by=ALICE, uow=uow, note="fixed")


def reopen(uow: SqlUnitOfWork) -> Awaitable[Incident]:
    return actions.reopen(1, by=ALICE, uow=uow)


def mark_noise(uow: SqlUnitOfWork) -> Awaitable[Incident]:
    return actions.mark_noise(1, by=ALICE, uow=uow, reason="flaky")


def mark_real(uow: SqlUnitOfWork) -> Awaitable[Incident]:
    return actions.mark_real(1, by=ALICE, uow=uow)


@dataclass(frozen=True)
class Told:
    """What an action leaves behind."""

    kind: str
    status: Status
    responded: bool = True


EVERY: list[tuple[list[Act], Act, Told]] = [
    ([], acknowledge, Told("acknowledged", Status.ACKNOWLEDGED)),
    ([acknowledge], unacknowledge, Told("unacknowledged", Status.ACTIVE)),
    ([], assign, Told("assigned", Status.ACTIVE)),
    ([], note, Told("noted", Status.ACTIVE, responded=False)),
    ([], resolve, Told("resolved", Status.RESOLVED)),
    ([resolve], reopen, Told("reopened", Status.ACTIVE, responded=False)),
    ([acknowledge, resolve], reopen, Told("reopened", Status.ACKNOWLEDGED, responded=False)),
    ([], mark_noise, Told("marked_noise", Status.RESOLVED)),
    ([mark_noise], mark_real, Told("marked_real", Status.ACTIVE, responded=False)),
]


@pytest.mark.parametrize(("before", "act", "told"), EVERY, ids=lambda one: getattr(one, "__name__", ""))
async def test_each_action_is_written_down_and_shown(stage: Stage, before: list[Act], act: Act, told: Told) -> None:
    await stage.take(firing())
    for step in before:
        await stage.write(step)
    was = await stage.incident()
    [card] = [row for row in await stage.all(tables.outbox) if row["kind"] == "card"]

    done = await stage.write(act)

    now = await stage.incident()
    assert now == done
    assert (now.status, now.version) == (told.status, was.version + 1)
    event = (await stage.events())[-1]
    assert (event.kind.value, event.actor, event.episode) == (told.kind, "U0ALICE", now.episode)
    assert ((await stage.episodes())[-1].responded_by == "U0ALICE") is told.responded
    shown = await stage.all(tables.outbox)
    assert [row["desired_rev"] for row in shown if row["kind"] == "card"] == [card["desired_rev"] + 1]
    [entry] = [row for row in shown if row["subject"] == f"event:{event.id}"]
    assert (entry["kind"], entry["channel"], entry["priority"]) == ("thread", card["channel"], Priority.CLICK)


async def test_of_two_acknowledgements_at_once_one_wins_and_the_other_is_told_who(
    stage: Stage, another_process: AnotherProcess
) -> None:
    await stage.take(firing())
    one, other = another_process(), another_process()
    done = await asyncio.gather(
        one.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow)),
        other.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow)),
        return_exceptions=True,
    )
    [won] = [result for result in done if isinstance(result, Incident)]
    [lost] = [result for result in done if isinstance(result, AlreadyAcknowledged)]
    assert (lost.name, lost.by, lost.at) == ("INC-1", won.acknowledged_by, won.acknowledged_time)
    assert (await stage.kinds()).count("acknowledged") == 1


async def test_an_acknowledgement_and_an_alert_at_once_lose_neither(
    stage: Stage, another_process: AnotherProcess
) -> None:
    await stage.take(firing("pod-0"))
    other = another_process()
    work = [other.take(firing(f"pod-{n}")) for n in range(1, 11)]
    await asyncio.gather(stage.write(acknowledge), *work)
    incident = await stage.incident()
    assert (incident.status, incident.alert_count) == (Status.ACKNOWLEDGED, 11)


async def test_an_alert_that_comes_while_somebody_acknowledges_is_counted(mariadb_stage: Stage) -> None:
    """It waits for the lock: it changes nothing but the count, so no version would tell that it was there."""
    stage = mariadb_stage
    await stage.take(firing())
    arriving: list[asyncio.Task[object]] = []

    async def click(uow: SqlUnitOfWork) -> Incident:
        lock = uow.incidents.lock

        async def then_it_arrives(incident_id: int) -> Incident:
            incident = await lock(incident_id)
            if not arriving:
                arriving.append(asyncio.create_task(stage.take(firing())))
                await asyncio.wait(arriving, timeout=0.3)
            return incident

        uow.incidents.lock = then_it_arrives  # type: ignore[method-assign]
        return await acknowledge(uow)

    await stage.write(click)
    await asyncio.gather(*arriving)
    incident = await stage.incident()
    assert (incident.status, incident.alert_count) == (Status.ACKNOWLEDGED, 2)


async def test_a_conflict_is_run_again_from_its_start(stage: Stage) -> None:
    await stage.take(firing())
    runs = []

    async def work(uow: SqlUnitOfWork) -> None:
        runs.append(1)
        incident = await uow.incidents.get(1)
        await uow.timeline.add(1, [lifecycle.note(incident, text="x", by=ALICE, now=uow.now).event])
        await uow.incidents.save(incident, expected_version=incident.version - (len(runs) == 1))

    await stage.write(work)
    assert len(runs) == 2
    assert (await stage.kinds()).count("noted") == 1


async def test_a_change_that_read_without_a_lock_does_not_overwrite_a_faster_one(mariadb_stage: Stage) -> None:
    """Compare-and-set on the version decides, not who wrote last."""
    stage = mariadb_stage
    await stage.take(firing())
    runs = []

    async def slow(uow: SqlUnitOfWork) -> Incident:
        incident = await uow.incidents.get(1)
        runs.append(incident.version)
        if len(runs) == 1:
            await stage.write(acknowledge)
        return await record(lifecycle.note(incident, text="x", by=BOB, now=uow.now), by=BOB, uow=uow)

    await stage.write(slow)
    assert runs == [2, 3]
    assert (await stage.incident()).status is Status.ACKNOWLEDGED


async def test_a_conflict_that_never_ends_is_told(stage: Stage) -> None:
    await stage.take(firing())

    async def work(uow: SqlUnitOfWork) -> None:
        await uow.incidents.save(await uow.incidents.get(1), expected_version=99)

    with pytest.raises(Unavailable, match="INC-1 is no longer at version 99"):
        await stage.write(work)


@pytest.mark.parametrize(
    ("before", "act", "refusal"),
    [
        ([acknowledge], acknowledge, AlreadyAcknowledged),
        ([resolve], acknowledge, AlreadyResolved),
        ([resolve], resolve, AlreadyResolved),
        ([], reopen, NotResolved),
        ([mark_noise], mark_noise, AlreadyNoise),
        ([], mark_real, NotNoise),
    ],
)
async def test_a_refusal_changes_nothing(stage: Stage, before: list[Act], act: Act, refusal: type[Exception]) -> None:
    await stage.take(firing())
    for step in before:
        await stage.write(step)
    was, events = await stage.incident(), await stage.events()
    with pytest.raises(refusal):
        await stage.write(act)
    assert (await stage.incident(), await stage.events()) == (was, events)


async def test_reopening_by_hand_is_refused_while_another_of_its_key_is_open(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await stage.take(resolved(since=0))
    await stage.change(tables.incidents, resolved_time=await stage.now() - timedelta(hours=1))
    await stage.take(firing(since=20))
    with pytest.raises(AnotherIsOpen) as refused:
        await stage.write(reopen)
    assert (refused.value.name, refused.value.other) == ("INC-1", "INC-2")
    await stage.write(mark_noise)
    assert (await stage.write(mark_real)).status is Status.RESOLVED


async def test_real_after_all_is_refused_while_another_is_open_and_it_still_fires(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.write(mark_noise)
    await stage.change(tables.incidents, resolved_time=await stage.now() - timedelta(hours=1))
    assert (await stage.take(firing("pod-b", since=20))).incidents == ("INC-2",)
    with pytest.raises(AnotherIsOpen, match="INC-2"):
        await stage.write(mark_real)


async def test_noise_that_ended_is_real_again_as_it_had_ended(stage: Stage) -> None:
    await stage.take(firing())
    await stage.take(resolved())
    await stage.write(mark_noise)
    assert (await stage.incident()).resolution is Resolution.NOISE
    real = await stage.write(mark_real)
    assert (real.status, real.resolution, real.is_noise) == (Status.RESOLVED, Resolution.RECOVERED, False)


async def test_resolving_by_hand_says_how_many_still_fire(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b"))
    await stage.write(resolve)
    assert (await stage.events())[-1].data == {"resolution": "manual", "still_firing": 2, "note": "fixed"}


async def test_a_click_over_series_that_began_to_fire_since_closes_nothing(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    seen = Seen(version=(await stage.incident()).version, status=Status.ACTIVE, episode=1, firing=1)
    await stage.take(firing("pod-b"))
    with pytest.raises(StaleView, match="2 series fire now, 1 did then"):
        await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow, seen=seen))
    assert (await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow, seen=seen))).owner == "U0ALICE"


async def test_a_note_is_kept_trimmed_and_shown_last(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(note)
    view = await stage.read(lambda uow: uow.views.incident(1))
    assert view.last_note is not None
    assert view.last_note.data == {"text": "rolled back \N{FIRE}"}
    for text in ("  ", "x" * 2501):
        with pytest.raises(InvalidInput, match="note"):
            await stage.write(lambda uow, text=text: actions.add_note(1, text=text, by=ALICE, uow=uow))


async def test_giving_it_to_who_has_it_changes_nothing(stage: Stage) -> None:
    await stage.take(firing())
    was = await stage.write(assign)
    assert await stage.write(assign) == was
    assert (await stage.kinds()).count("assigned") == 1


async def test_an_acknowledgement_survives_a_recovery_and_the_reopening(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await stage.write(acknowledge)
    await stage.take(resolved(since=0))
    await stage.write(reopen)
    assert (await stage.incident()).status is Status.ACKNOWLEDGED
    assert the(await stage.take(firing(since=8))) == "fired_again"


async def test_versions_only_grow(stage: Stage) -> None:
    versions = []
    for act in (acknowledge, unacknowledge, resolve, reopen, mark_noise, mark_real, note, assign):
        if not versions:
            await stage.take(firing())
        await stage.write(act)
        versions.append((await stage.incident()).version)
    assert versions == list(range(versions[0], versions[0] + 8))


async def test_an_incident_that_does_not_exist_is_not_found(stage: Stage) -> None:
    with pytest.raises(IncidentNotFound):
        await stage.write(acknowledge)
    with pytest.raises(IncidentNotFound, match="INC-9"):
        await stage.incident(9)


async def test_the_list_shows_the_gravest_first_then_the_oldest(stage: Stage) -> None:
    await stage.take(firing("a", service="a", severity="info"))
    await stage.take(firing("b", service="b", severity="critical", since=5))
    await stage.take(firing("c", service="c", severity="critical", since=1))
    found = await stage.read(lambda uow: uow.views.browse(statuses=[Status.ACTIVE], limit=10))
    assert [view.incident.place.service for view in found] == ["c", "b", "a"]
    assert await stage.read(lambda uow: uow.views.count(statuses=[Status.ACTIVE, Status.RESOLVED])) == 3
