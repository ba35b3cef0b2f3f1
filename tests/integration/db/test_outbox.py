"""What Slack must show: claimed once, under a lease and a fence, at a pace that Slack allows."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db import tables
from db.queries.publishing import LEASE, LEASE_ANEW
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.outbox import Job, NewCard, OutboxKind, Priority
from incidents.policy import Policy, Route
from incidents.rules import pace
from tests.building import ALICE, firing
from tests.integration.db.stage import Row, Stage

AnotherProcess = Callable[[], Stage]
BY_SERVICE = Policy(routes=tuple(Route(f"#{name}", {"service": frozenset({name})}) for name in ("a", "b")))


async def open_one(stage: Stage, service: str = "a", severity: str = "warning") -> None:
    """An incident whose card goes to the channel of its service's name."""
    await stage.take(firing(f"pod-{service}", service=service, severity=severity), policy=BY_SERVICE)


async def claimed(stage: Stage, holder: str = "publisher-1") -> Job:
    job = await stage.claim(holder)
    assert job is not None
    return job


async def sent(stage: Stage, job: Job, *, ts: str = "1.0") -> bool:
    return await stage.write(lambda uow: uow.publishing.sent(job, channel_id="C1", ts=ts, rev=job.rev))


async def card(stage: Stage) -> Row:
    [row] = [row for row in await stage.all(tables.outbox) if row["kind"] == "card"]
    return row


async def let_pass(stage: Stage, seconds: float) -> None:
    """All that the outbox and its ways wait for comes so much nearer."""
    times = {
        tables.outbox: ("due_at", "lease_until", "post_started_at"),
        tables.leases: ("expires_at",),
    }
    async with stage.engines.write.begin() as connection:
        for table, names in times.items():
            for row in (await connection.execute(sa.select(table))).mappings().all():
                earlier = {name: row[name] - timedelta(seconds=seconds) for name in names if row[name] is not None}
                same = [column == row[column.name] for column in table.primary_key.columns]
                if earlier:
                    await connection.execute(sa.update(table).where(*same).values(**earlier))


async def shown(stage: Stage, service: str = "a") -> Job:
    """Its card is in Slack, and all ways are free again."""
    await open_one(stage, service)
    job = await claimed(stage)
    await sent(stage, job)
    await let_pass(stage, 60)
    return job


async def click(stage: Stage, incident_id: int = 1) -> None:
    await stage.write(lambda uow: uow.outbox.touch_cards([incident_id], priority=Priority.CLICK))


async def test_a_new_card_is_claimed_with_a_lease_and_a_fence(stage: Stage) -> None:
    await open_one(stage)
    job, row = await claimed(stage), await card(stage)
    assert (job.kind, job.channel, job.rev, job.ts, job.thread_ts) == (OutboxKind.CARD, "#a", 1, None, None)
    assert (row["fence"], row["lease_holder"], row["attempts"]) == (job.fence, "publisher-1", 1)
    assert timedelta(0) < row["lease_until"] - await stage.now() <= LEASE
    assert await stage.claim("publisher-2") is None
    assert not await stage.read(lambda uow: uow.publishing.is_due())


async def test_two_that_claim_at_once_get_one_row_once(stage: Stage, another_process: AnotherProcess) -> None:
    await open_one(stage)
    one, other = another_process(), another_process()
    jobs = await asyncio.gather(*(process.claim(str(n)) for n in range(5) for process in (one, other)))
    assert len([job for job in jobs if job is not None]) == 1


async def test_who_saw_a_row_free_that_another_has_claimed_since_does_not_get_it(stage: Stage) -> None:
    await open_one(stage)
    seen = await card(stage)
    await claimed(stage, "fast")
    assert not await stage.write(lambda uow: uow.publishing._lease(seen, "slow"))
    assert (await card(stage))["lease_holder"] == "fast"


async def test_what_is_sent_waits_for_nobody_until_it_is_touched(stage: Stage) -> None:
    job = await shown(stage)
    row = await card(stage)
    assert (row["sent_rev"], row["due_at"], row["ts"], row["channel_id"], row["attempts"]) == (1, None, "1.0", "C1", 0)
    assert await stage.claim() is None
    await click(stage)
    again = await claimed(stage)
    assert (again.rev, again.ts, again.channel, again.unknown_since) == (2, "1.0", "C1", None)
    assert again.fence > job.fence


async def test_a_change_while_it_is_being_sent_is_shown_next(stage: Stage) -> None:
    await open_one(stage)
    job = await claimed(stage)
    await click(stage)
    await click(stage)
    assert await sent(stage, job)
    await let_pass(stage, 5)
    assert (await claimed(stage)).rev == 3


async def test_an_expired_lease_is_taken_over_and_the_old_fence_writes_nothing(stage: Stage) -> None:
    await open_one(stage)
    old = await claimed(stage, "publisher-1")
    await let_pass(stage, LEASE.total_seconds() + 1)
    new = await claimed(stage, "publisher-2")
    assert new.fence == old.fence + 1
    assert new.unknown_since is not None
    before = await card(stage)
    assert not await sent(stage, old, ts="old")
    await stage.write(lambda uow: uow.publishing.later(old, wait=timedelta(0), error="old", outcome_unknown=False))
    await stage.write(lambda uow: uow.publishing.post_anew(old))
    assert await card(stage) == before
    assert await sent(stage, new, ts="new")
    assert (await card(stage))["ts"] == "new"


async def test_a_lease_is_taken_anew_by_its_holder_alone(stage: Stage) -> None:
    await open_one(stage)
    old = await claimed(stage, "publisher-1")
    await let_pass(stage, LEASE.total_seconds() - 1)
    assert await stage.write(lambda uow: uow.publishing.hold(old))
    await let_pass(stage, 2)
    assert await stage.claim("publisher-2") is None
    assert await stage.read(lambda uow: uow.publishing.shown_by_another(old)) is None
    await let_pass(stage, LEASE_ANEW.total_seconds())
    new = await claimed(stage, "publisher-2")
    assert not await stage.write(lambda uow: uow.publishing.hold(old))
    created_at = (await card(stage))["created_at"]
    assert await stage.read(lambda uow: uow.publishing.shown_by_another(old)) == ("", created_at)
    await sent(stage, new, ts="new")
    assert await stage.read(lambda uow: uow.publishing.shown_by_another(old)) == ("new", created_at)
    assert await stage.read(lambda uow: uow.publishing.shown_by_another(new)) is None


async def test_who_lost_the_fence_can_ask_for_one_more_revision(stage: Stage) -> None:
    await open_one(stage)
    old = await claimed(stage)
    await let_pass(stage, LEASE.total_seconds() + 1)
    await sent(stage, await claimed(stage), ts="new")
    assert await stage.write(lambda uow: uow.publishing.touch(old)) == "new"
    assert (await card(stage))["desired_rev"] == 2


async def test_a_second_post_to_a_channel_waits_a_second_and_another_channel_does_not(stage: Stage) -> None:
    await open_one(stage, "a")
    await stage.take(firing("pod-2", service="a", cluster="other"), policy=BY_SERVICE)
    await open_one(stage, "b")
    assert (await claimed(stage)).channel == "#a"
    assert (await claimed(stage)).channel == "#b"
    assert await stage.claim() is None
    await let_pass(stage, 1.1)
    assert (await claimed(stage)).channel == "#a"


async def test_all_processes_keep_one_pace(stage: Stage, another_process: AnotherProcess) -> None:
    for cluster in "xyz":
        await stage.take(firing(f"pod-{cluster}", cluster=cluster))
    processes = [another_process() for _ in range(3)]
    jobs = await asyncio.gather(*(process.claim() for process in processes))
    assert len([job for job in jobs if job is not None]) == 1


async def busy(stage: Stage, seconds: float) -> None:
    """The way of updates is taken for so long."""
    until = await stage.now() + timedelta(seconds=seconds)
    async with stage.engines.write.begin() as connection:
        way = {"tenant_id": 1, "name": "pace:update", "holder": "", "fence": 1, "expires_at": until}
        await connection.execute(sa.insert(tables.leases).values(way))


@pytest.mark.parametrize(
    ("priority", "seconds", "goes"),
    [
        (Priority.UPDATE, 10, True), (Priority.UPDATE, 14, False),
        (Priority.CLICK, 14, True), (Priority.CLICK, 28, False),
        (Priority.ESCALATION, 14, True),
    ],
)  # fmt: skip
async def test_updates_are_paced_with_a_share_kept_for_clicks(
    stage: Stage, priority: Priority, seconds: float, goes: bool
) -> None:
    await shown(stage)
    await stage.write(lambda uow: uow.outbox.touch_cards([1], priority=priority))
    await busy(stage, seconds)
    assert (await stage.claim() is not None) is goes


async def test_escalations_go_before_critical_cards_before_clicks_before_updates(stage: Stage) -> None:
    for name in "abcd":
        await stage.take(firing(f"pod-{name}", service=name), policy=Policy(default_channel=f"#{name}"))
    for row, priority in zip(await stage.all(tables.outbox), reversed(Priority), strict=True):
        await set_row(stage, row["id"], priority=int(priority))
    order = [(await claimed(stage)).channel for _ in range(4)]
    assert order == ["#d", "#c", "#b", "#a"]


async def set_row(stage: Stage, row_id: int, **values: Any) -> None:
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.update(tables.outbox).where(tables.outbox.c.id == row_id).values(**values))


async def test_a_critical_card_is_claimed_before_an_older_lesser_one(stage: Stage) -> None:
    await open_one(stage, "a", "warning")
    await open_one(stage, "b", "critical")
    assert (await claimed(stage)).channel == "#b"


async def test_a_thread_entry_waits_for_its_card_and_goes_under_it(stage: Stage) -> None:
    await open_one(stage)
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    first = await claimed(stage)
    assert first.kind is OutboxKind.CARD
    await let_pass(stage, 5)
    assert await stage.claim() is None
    await sent(stage, first, ts="7.7")
    await let_pass(stage, 5)
    entry = await claimed(stage)
    [event] = [one for one in await stage.events() if one.kind.value == "acknowledged"]
    assert (entry.kind, entry.thread_ts, entry.channel) == (OutboxKind.THREAD, "7.7", "C1")
    assert entry.event_id == event.id


async def test_a_try_again_later_is_honoured_to_the_second(stage: Stage) -> None:
    await open_one(stage)
    job = await claimed(stage)
    wait = timedelta(seconds=30)
    await stage.write(lambda uow: uow.publishing.later(job, wait=wait, error="e" * 9999, outcome_unknown=False))
    row = await card(stage)
    assert (row["lease_until"], row["post_started_at"], len(row["last_error"])) == (None, None, 2000)
    await let_pass(stage, 28)
    assert await stage.claim() is None
    await let_pass(stage, 2)
    again = await claimed(stage)
    assert (again.attempts, again.unknown_since) == (2, None)


async def test_an_unknown_outcome_is_remembered_until_it_is_known(stage: Stage) -> None:
    await open_one(stage)
    job = await claimed(stage)
    wait = timedelta(0)
    await stage.write(lambda uow: uow.publishing.later(job, wait=wait, error="lost", outcome_unknown=True))
    await let_pass(stage, 5)
    again = await claimed(stage)
    assert again.unknown_since is not None
    await sent(stage, again)
    assert (await card(stage))["post_started_at"] is None


@pytest.mark.parametrize("priority", [None, Priority.CLICK, Priority.UPDATE], ids=["posts", "clicks", "updates"])
async def test_a_retry_after_closes_the_way_for_everybody_to_the_second(
    stage: Stage, priority: Priority | None
) -> None:
    """Not earlier, also for those that have a burst; and not later, also for those that have less of it."""
    if priority is None:
        await open_one(stage)
    else:
        await shown(stage)
        await stage.write(lambda uow: uow.outbox.touch_cards([1], priority=priority))
    job = await claimed(stage)
    wait = timedelta(seconds=30)

    async def refused(uow: SqlUnitOfWork) -> None:
        await uow.publishing.close_way(job, wait=wait)
        await uow.publishing.later(job, wait=timedelta(0), error="ratelimited", outcome_unknown=False)

    await stage.write(refused)
    await let_pass(stage, 28)
    assert await stage.claim() is None
    await let_pass(stage, 2)
    assert (await claimed(stage)).id == job.id


async def test_a_closed_channel_does_not_close_the_others(stage: Stage) -> None:
    await open_one(stage, "a")
    job = await claimed(stage)
    await stage.write(lambda uow: uow.publishing.close_way(job, wait=timedelta(minutes=5)))
    await open_one(stage, "b")
    assert (await claimed(stage)).channel == "#b"


async def test_a_shorter_retry_after_does_not_open_a_way_that_is_closed_for_longer(stage: Stage) -> None:
    await open_one(stage)
    job = await claimed(stage)
    for seconds in (60, 5):
        await stage.write(lambda uow, s=seconds: uow.publishing.close_way(job, wait=timedelta(seconds=s)))
    [way] = [row for row in await stage.all(tables.leases) if row["name"] == "pace:closed:post:#a"]
    assert way["expires_at"] - await stage.now() > timedelta(seconds=50)


async def test_a_touch_keeps_a_row_waiting_that_waits(stage: Stage) -> None:
    await open_one(stage)
    job = await claimed(stage)
    wait = timedelta(minutes=1)
    await stage.write(lambda uow: uow.publishing.later(job, wait=wait, error="429", outcome_unknown=False))
    due_at = (await card(stage))["due_at"]
    await click(stage)
    await stage.write(lambda uow: uow.publishing.touch(job))
    row = await card(stage)
    assert (row["due_at"], row["desired_rev"]) == (due_at, 3)


async def test_a_touch_raises_the_priority_of_what_waits_and_never_lowers_it(stage: Stage) -> None:
    await open_one(stage, severity="warning")
    await click(stage)
    assert (await card(stage))["priority"] == Priority.CLICK
    await stage.write(lambda uow: uow.outbox.touch_cards([1], priority=Priority.UPDATE))
    assert (await card(stage))["priority"] == Priority.CLICK


async def test_what_was_shown_takes_the_priority_of_what_touches_it_next(stage: Stage) -> None:
    await shown(stage)
    await click(stage)
    await sent(stage, await claimed(stage))
    await stage.write(lambda uow: uow.outbox.touch_cards([1], priority=Priority.UPDATE))
    assert (await card(stage))["priority"] == Priority.UPDATE


async def test_a_message_that_slack_has_lost_is_posted_anew_elsewhere_if_told(stage: Stage) -> None:
    await shown(stage)
    await click(stage)
    job = await claimed(stage)
    await stage.write(lambda uow: uow.publishing.post_anew(job, channel="C0FALLBACK"))
    await let_pass(stage, 5)
    again = await claimed(stage)
    assert (again.ts, again.channel, again.rev, again.unknown_since) == (None, "C0FALLBACK", 2, None)


async def test_asking_twice_for_one_card_or_one_entry_makes_one_row(stage: Stage) -> None:
    await open_one(stage)
    for _ in range(2):
        await stage.write(lambda uow: uow.outbox.add_cards([NewCard(1, "#a", Priority.UPDATE)]))
        await stage.write(lambda uow: uow.outbox.add_thread(1, 1, priority=Priority.CLICK))
    assert [row["kind"] for row in await stage.all(tables.outbox)] == ["card", "thread"]


async def test_the_depth_counts_what_waits_and_since_when(stage: Stage) -> None:
    assert await stage.read(lambda uow: uow.publishing.depth()) == (0, timedelta(0))
    await open_one(stage, "a")
    await open_one(stage, "b")
    await let_pass(stage, 60)
    waiting, oldest = await stage.read(lambda uow: uow.publishing.depth())
    assert waiting == 2
    assert timedelta(seconds=60) <= oldest < timedelta(seconds=90)


async def test_a_channels_id_is_known_once_slack_told_it(stage: Stage) -> None:
    async def known(uow: SqlUnitOfWork) -> str | None:
        return await uow.publishing.known_channel_id("#a")

    assert await stage.read(known) is None
    await shown(stage)
    assert await stage.read(known) == "C1"
    assert await stage.read(lambda uow: uow.views.card_places(1)) == [("C1", "1.0")]


async def test_who_has_claimed_all_that_has_its_turn_need_not_claim_again(stage: Stage) -> None:
    """What is left is due, but its channel has just had a post."""
    for service in ("a", "b"):
        await open_one(stage, service)
        await stage.take(firing("pod-z", service=service, cluster="other"), policy=BY_SERVICE)

    async def claim(most: int) -> tuple[int, bool]:
        claims = await stage.write(lambda uow: uow.publishing.claim_some(holder="publisher-1", most=most))
        return len(claims.jobs), claims.more

    assert await claim(1) == (1, True)
    assert await claim(4) == (1, False)
    assert await claim(4) == (0, False)


async def test_several_calls_that_go_one_way_take_it_so_often(stage: Stage) -> None:
    ids = [(await shown(stage, service)).incident_id for service in ("a", "b")]
    await stage.write(lambda uow: uow.outbox.touch_cards(ids, priority=Priority.UPDATE))
    before = await stage.now()
    claims = await stage.write(lambda uow: uow.publishing.claim_some(holder="publisher-1", most=4))
    assert [one.ts for one in claims.jobs] == ["1.0", "1.0"]
    [way] = [row for row in await stage.all(tables.leases) if row["name"] == "pace:update"]
    assert way["expires_at"] - before >= 2 * pace.UPDATES.interval
