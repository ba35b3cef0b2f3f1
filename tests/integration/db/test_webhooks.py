"""Calls to outgoing webhooks as rows: asked for once, claimed by one, in their order, written back under the fence."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from db.queries.webhooks import LEASE
from db.unit_of_work import SqlUnitOfWork
from db.webhook_tables import outgoing_webhooks
from incidents.escalation.webhooks import Action, Unwanted, WebhookHour, WebhookJob, WebhookTrouble
from tests.building import firing
from tests.integration.db.stage import Stage

ACTIONS = (Action.TRIGGER, Action.ACKNOWLEDGE, Action.RESOLVE)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


async def ask(stage: Stage, *names: str, event: int = 1, action: Action = Action.TRIGGER, number: int = 1) -> None:
    """The first time it opens the incident."""
    if not (await stage.all(outgoing_webhooks)):
        await stage.take(firing())
    incident = await stage.incident(number)
    await stage.write(lambda uow: uow.webhooks.add(incident.id, event, names, action))


async def claim(stage: Stage, holder: str = "one", **given: int) -> Sequence[WebhookJob]:
    most = given.pop("most", 8)
    return await stage.write(lambda uow: uow.webhooks.claim(holder=holder, most=most, **given))


async def only(stage: Stage) -> WebhookJob:
    [job] = await claim(stage)
    return job


async def end_leases(stage: Stage) -> None:
    async with stage.engines.write.begin() as connection:
        ended = sa.update(outgoing_webhooks).where(outgoing_webhooks.c.lease_until.is_not(None))
        await connection.execute(ended.values(lease_until=sa.literal_column("created_at")))


async def test_each_is_asked_for_once_and_called_once(stage: Stage) -> None:
    for _ in range(2):
        await ask(stage, "pager", "own", "pager")
    jobs = await claim(stage)
    assert [(job.name, job.action, job.event_id, job.attempts, job.is_begun) for job in jobs] == [
        ("pager", Action.TRIGGER, 1, 1, False),
        ("own", Action.TRIGGER, 1, 1, False),
    ]
    assert await claim(stage, "two") == []
    for job in jobs:
        assert await stage.write(lambda uow, job=job: uow.webhooks.sent(job))
    assert not await stage.read(lambda uow: uow.webhooks.is_due())
    assert await stage.read(lambda uow: uow.webhooks.depth()) == (0, timedelta(0))
    keys = {row["idempotency_key"] for row in await stage.all(outgoing_webhooks)}
    assert len(keys) == 2


async def test_what_is_tried_again_keeps_its_key_and_waits(stage: Stage) -> None:
    await ask(stage, "pager")
    job = await only(stage)
    assert await stage.write(lambda uow: uow.webhooks.later(job, wait=HOUR, error="it answered 503"))
    assert await claim(stage) == []
    assert (await stage.read(lambda uow: uow.webhooks.depth()))[0] == 1
    assert await stage.write(lambda uow: uow.webhooks.trouble(WebhookHour.of("pager", job.began_at))) == WebhookTrouble(
        1, 0, "it answered 503"
    )
    await stage.change(outgoing_webhooks, due_at=job.began_at)
    again = await only(stage)
    assert (again.idempotency_key, again.attempts, again.began_at) == (job.idempotency_key, 2, job.began_at)
    assert again.is_begun


async def test_a_lease_that_has_ended_is_taken_over_and_the_old_fence_writes_nothing(
    stage: Stage, another_process: Callable[[], Stage]
) -> None:
    await ask(stage, "pager")
    old = await only(stage)
    await end_leases(stage)
    other = another_process()
    [new] = await claim(other, "two")
    assert (new.fence, new.idempotency_key) == (old.fence + 1, old.idempotency_key)
    before = await stage.all(outgoing_webhooks)
    assert not await stage.write(lambda uow: uow.webhooks.hold(old))
    assert not await stage.write(lambda uow: uow.webhooks.sent(old))
    assert not await stage.write(lambda uow: uow.webhooks.later(old, wait=SECOND, error="x"))
    assert not await stage.write(lambda uow: uow.webhooks.give_up(old, error="x"))
    assert not await stage.write(lambda uow: uow.webhooks.drop(old, reason=Unwanted.RESOLVED))
    assert await stage.all(outgoing_webhooks) == before
    assert await other.write(lambda uow: uow.webhooks.hold(new))
    assert await other.write(lambda uow: uow.webhooks.sent(new))
    [row] = await stage.all(outgoing_webhooks)
    assert (row["due_at"], row["lease_holder"], row["lease_until"]) == (None, None, None)


async def test_of_two_that_saw_a_call_free_one_gets_it(stage: Stage) -> None:
    await ask(stage, "pager")
    [seen] = await stage.all(outgoing_webhooks)

    async def lease(uow: SqlUnitOfWork) -> bool:
        return await uow.webhooks._lease(seen, "somebody")

    assert [await stage.write(lease) for _ in range(2)] == [True, False]


async def test_a_lease_lasts_until_it_ends(stage: Stage) -> None:
    await ask(stage, "pager")
    job = await only(stage)
    [row] = await stage.all(outgoing_webhooks)
    assert row["lease_until"] - job.began_at == LEASE
    assert await claim(stage, "two") == []


async def test_what_a_receiver_hears_of_one_incident_keeps_its_order(stage: Stage) -> None:
    for event, action in enumerate((*ACTIONS, Action.TRIGGER), start=1):
        await ask(stage, "pager", event=event, action=action)
    assert len(await stage.all(outgoing_webhooks)) == 4
    for event, action in enumerate((*ACTIONS, Action.TRIGGER), start=1):
        job = await only(stage)
        assert (job.event_id, job.action, job.was_told) == (event, action, True)
        assert not await stage.read(lambda uow: uow.webhooks.is_due())
        await stage.write(lambda uow, job=job: uow.webhooks.sent(job))


async def test_a_page_to_who_thinks_that_somebody_has_it_says_first_that_this_is_over(stage: Stage) -> None:
    await ask(stage, "pager", "own", event=1)
    await ask(stage, "pager", event=2, action=Action.ACKNOWLEDGE)
    for _ in range(2):
        await ask(stage, "pager", "own", event=3)
    await ask(stage, "pager", event=4)
    asked = [(row["event_id"], row["name"], row["action"]) for row in await stage.all(outgoing_webhooks)]
    assert asked[3:] == [
        (3, "pager", "unacknowledge"),
        (3, "pager", "trigger"),
        (3, "own", "trigger"),
        (4, "pager", "trigger"),
    ]


async def test_a_page_does_not_wait_for_a_page(stage: Stage) -> None:
    await ask(stage, "pager", event=1)
    await ask(stage, "pager", event=2)
    assert [job.event_id for job in await claim(stage)] == [1, 2]


async def test_who_hangs_holds_up_nobody_else(stage: Stage) -> None:
    for event in range(1, 6):
        await ask(stage, "hangs", event=event)
    await ask(stage, "pager", event=9)
    assert [job.name for job in await claim(stage, each=2)] == ["hangs", "hangs", "pager"]
    await end_leases(stage)
    more = await stage.write(lambda uow: uow.webhooks.claim(holder="one", most=8, without=["hangs"]))
    assert [job.name for job in more] == ["pager"]


async def test_those_hear_of_the_end_who_have_heard_of_the_beginning(stage: Stage) -> None:
    await ask(stage, "pager", "own", event=1)
    incident = await stage.incident()
    for event, action in ((2, Action.ACKNOWLEDGE), (3, Action.RESOLVE), (4, Action.RESOLVE)):
        await stage.write(lambda uow, event=event, action=action: uow.webhooks.follow(incident.id, event, action))
    asked = [(row["event_id"], row["name"], row["action"]) for row in await stage.all(outgoing_webhooks)]
    assert asked[2:] == [
        (2, "own", "acknowledge"),
        (2, "pager", "acknowledge"),
        (3, "own", "resolve"),
        (3, "pager", "resolve"),
    ]


async def test_what_was_dropped_was_never_told(stage: Stage) -> None:
    await ask(stage, "pager", event=1)
    await ask(stage, "pager", event=2, action=Action.RESOLVE)
    job = await only(stage)
    await stage.write(lambda uow: uow.webhooks.drop(job, reason=Unwanted.RESOLVED))
    assert not (await only(stage)).was_told
    trouble = await stage.read(lambda uow: uow.webhooks.trouble(WebhookHour.of("pager", job.began_at)))
    assert trouble == WebhookTrouble(0, 0)
    [first, _] = await stage.all(outgoing_webhooks)
    assert first["last_error"] == "resolved meanwhile"


async def test_what_is_given_up_is_trouble_of_its_hour_alone(stage: Stage) -> None:
    await ask(stage, "pager", "own")
    for job in await claim(stage):
        await stage.write(lambda uow, job=job: uow.webhooks.give_up(job, error=f"{job.name} answered 401"))
    hour = WebhookHour.of("pager", job.began_at)
    assert WebhookHour.named(hour.subject) == hour
    assert await stage.read(lambda uow: uow.webhooks.trouble(hour)) == WebhookTrouble(0, 1, "pager answered 401")
    earlier = WebhookHour.of("pager", job.began_at - HOUR)
    assert await stage.read(lambda uow: uow.webhooks.trouble(earlier)) == WebhookTrouble(0, 0)


async def test_each_tenant_has_its_own(stage: Stage) -> None:
    await ask(stage, "pager")
    assert await claim(Stage.on(stage.engines, tenant_id=2)) == []


@pytest.mark.parametrize("wanted", ["is_due", "claim"])
async def test_what_is_done_is_not_looked_through(mariadb_stage: Stage, wanted: str) -> None:
    await mariadb_stage.take(firing())
    incident = (await mariadb_stage.incident()).id
    rows = (
        "INSERT INTO outgoing_webhooks (tenant_id, incident_id, event_id, name, action, idempotency_key, attempts, "
        f"fence, sent_at, created_at) SELECT 1, {incident}, seq, 'pager', 'trigger', 'k', 1, 1, UTC_TIMESTAMP(6), "
        "UTC_TIMESTAMP(6) FROM seq_1_to_20000"
    )
    said: list[str] = []
    async with mariadb_stage.engines.write.begin() as connection:
        await connection.execute(sa.text(rows))
        await connection.execute(sa.text("ANALYZE TABLE outgoing_webhooks"))

    def hear(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        if "FROM outgoing_webhooks" in statement and statement.startswith("SELECT"):
            said.append(statement)
            given.append(parameters)

    given: list[object] = []
    engine = mariadb_stage.engines.write.sync_engine
    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        if wanted == "claim":
            await claim(mariadb_stage)
        else:
            await mariadb_stage.write(lambda uow: uow.webhooks.is_due())
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)
    async with mariadb_stage.engines.read.connect() as connection:
        plan = (await connection.exec_driver_sql(f"EXPLAIN {said[0]}", given[0])).mappings().all()
    [first] = [step for step in plan if step["table"] == "outgoing_webhooks"]
    assert (first["key"], first["type"], int(first["rows"]) < 100) == ("ix_outgoing_webhooks_due_at", "range", True)
