"""Many at once: one open incident of a key, every alert stored, and nobody sees an error."""

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from db import tables
from db.queries.incidents import IncidentQueries
from db.unit_of_work import SqlUnitOfWork
from incidents.arrivals import TakenDelivery
from incidents.ingest import ingest
from incidents.model import Incident, Resolution, Status
from tests.building import a_delivery, because, cannot_see, firing, resolved
from tests.integration.db.anything import nothing_is_miscounted
from tests.integration.db.stage import Stage

AnotherProcess = Callable[[], Stage]


async def test_thirty_at_once_open_one_incident_and_lose_no_alert(stage: Stage) -> None:
    done = await asyncio.gather(*(stage.take(firing(f"pod-{n}")) for n in range(30)))
    assert {one.incidents for one in done} == {("INC-1",)}
    assert [one.reasons[0] for one in done].count("opened") == 1
    assert len(await stage.all(tables.alerts)) == 30
    incident = await stage.incident()
    assert incident.alert_count == 30
    assert (await stage.incident()).firing == 30
    assert len(await stage.all(tables.outbox)) == 1


@pytest.mark.parametrize("in_order", [True, False], ids=["sorted keys", "unsorted keys"])
async def test_processes_that_race_for_the_same_keys_get_no_error(
    another_process: AnotherProcess, in_order: bool
) -> None:
    dice = random.Random(11)
    processes = [another_process() for _ in range(3)]

    async def one(process: Stage, turn: int) -> None:
        services = [f"service-{n}" for n in range(6)]
        if not in_order:
            dice.shuffle(services)
        alerts = [firing(f"{service}-{turn}", service=service) for service in services]
        await process.take(*alerts)
        await process.take(*(resolved(one.fingerprint, service=one.labels["service"]) for one in alerts[:3]))

    await asyncio.gather(*(one(process, turn) for turn in range(8) for process in processes))
    [first, *_] = processes
    assert len(await first.all(tables.incidents)) == 6
    assert len(await first.all(tables.alerts)) == 3 * 8 * 9
    numbers = [row["number"] for row in await first.all(tables.incidents)]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


async def test_incidents_opened_at_once_by_processes_have_numbers_of_their_own(another_process: AnotherProcess) -> None:
    processes = [another_process() for _ in range(3)]
    work = [process.take(firing(f"pod-{n}", service=f"s{n}")) for n in range(10) for process in processes]
    await asyncio.gather(*work)
    numbers = [row["number"] for row in await processes[0].all(tables.incidents)]
    assert sorted(numbers) == list(range(1, 11))


async def test_the_same_body_from_two_processes_at_once_is_stored_once(another_process: AnotherProcess) -> None:
    one, other = another_process(), another_process()
    done = await asyncio.gather(one.take(firing(), body="same"), other.take(firing(), body="same"))
    assert sorted(result.alerts for result in done) == [0, 1]
    assert len(await one.all(tables.alerts)) == 1


async def test_a_body_that_another_process_stored_after_we_looked_is_looked_at_again(mariadb_stage: Stage) -> None:
    ours, theirs = a_delivery(firing(), body="same"), a_delivery(firing(), body="same")
    body = (ours.source, ours.body_sha256)
    seen_by_run = []

    async def slow(uow: SqlUnitOfWork) -> None:
        seen = await uow.deliveries.lock_bodies([body])
        seen_by_run.append(len(seen))
        if len(seen_by_run) == 1:
            await mariadb_stage.take_batch(theirs)
        before = seen.get(body)
        after = None if before is None else before.delivery_id
        await uow.deliveries.add([TakenDelivery(-1, ours, after=after, is_newest=True)])

    await mariadb_stage.write(slow)
    assert seen_by_run == [0, 1]


async def test_a_series_that_ends_before_its_incident_is_locked_for_a_blind_rule_is_counted_once(
    mariadb_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its labels have changed, so its incident is not locked as it is read, but for the sake of the rule, later."""
    other, look = Stage.on(mariadb_stage.engines), IncidentQueries.open_keys_of
    await other.take(firing("pod-0", service="a"), firing("pod-1", service="a"))
    meanwhile = [resolved("pod-0", service="a")]

    async def look_and_wait(queries: IncidentQueries, rule_uids: Iterable[str]) -> set[str]:
        found = await look(queries, rule_uids)
        while meanwhile:
            await other.take(meanwhile.pop())
        return found

    monkeypatch.setattr(IncidentQueries, "open_keys_of", look_and_wait)
    await mariadb_stage.take(resolved("pod-0", service="b"), cannot_see(service="c"))
    assert not meanwhile
    await nothing_is_miscounted(mariadb_stage)
    assert (await mariadb_stage.incident()).firing == 1


async def test_a_series_that_is_in_doubt_when_it_is_read_again_brings_its_rules_incidents_in(
    mariadb_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, lock, look = Stage.on(mariadb_stage.engines), IncidentQueries.lock_for, IncidentQueries.open_keys_of
    await other.take(firing("pod-0", service="a"), firing("pod-1", service="a"))
    meanwhile, looked_for = [because(Resolution.NO_DATA, firing("pod-0", service="a", since=1))], list[set[str]]()

    async def wait_and_lock(queries: IncidentQueries, **given: Any) -> list[Incident]:
        while given["ids"] and meanwhile:
            await other.take(meanwhile.pop())
            looked_for.clear()
        return await lock(queries, **given)

    async def note_and_look(queries: IncidentQueries, rule_uids: Iterable[str]) -> set[str]:
        looked_for.append(set(rule_uids))
        return await look(queries, rule_uids)

    monkeypatch.setattr(IncidentQueries, "lock_for", wait_and_lock)
    monkeypatch.setattr(IncidentQueries, "open_keys_of", note_and_look)
    await mariadb_stage.take(resolved("pod-0", service="b", since=1))
    assert (meanwhile, looked_for) == ([], [{"r1"}])
    await nothing_is_miscounted(mariadb_stage)


async def test_after_a_lost_commit_reply_the_same_request_stores_nothing_twice(stage: Stage) -> None:
    request = a_delivery(firing("pod-a"), firing("pod-b", service="b"))
    [first] = await stage.take_batch(request)
    [again] = await stage.take_batch(request)
    assert (again.delivery_id, again.alerts, again.incidents) == (first.delivery_id, 2, ("INC-1", "INC-2"))
    assert len(await stage.all(tables.deliveries)) == 1
    assert len(await stage.all(tables.alerts)) == 2


async def test_a_request_that_was_stored_is_known_though_another_has_said_the_same_since(stage: Stage) -> None:
    request, begun = a_delivery(firing("pod-a"), body="same"), await stage.now()
    [first] = await stage.take_batch(request)
    await stage.take(resolved("pod-a"))
    [other] = await stage.take_batch(a_delivery(firing("pod-a"), body="same"))
    assert other.delivery_id != first.delivery_id
    [again] = await stage.write(lambda uow: ingest([request], uow=uow, policy=stage.policy, tried_since=begun))
    assert again.delivery_id == first.delivery_id
    assert len(await stage.all(tables.deliveries)) == 3


async def test_the_database_itself_refuses_a_second_open_incident_of_a_key(stage: Stage) -> None:
    await stage.take(firing())
    [row] = await stage.all(tables.incidents)
    second = {name: told for name, told in row.items() if name not in {"id", "open_key"}} | {"number": 2}
    with pytest.raises(IntegrityError):
        await insert(stage, second)
    await insert(stage, {**second, "status": "resolved"})
    await insert(stage, {**second, "tenant_id": 2})
    with pytest.raises(IntegrityError):
        await stage.change(tables.incidents, status=Status.ACKNOWLEDGED.value)


async def insert(stage: Stage, values: dict[str, object]) -> None:
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.insert(tables.incidents).values(**values))
