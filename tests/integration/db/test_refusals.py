"""What was refused is kept, told in one message an hour, found again, and taken in once after a fix."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db import tables
from incidents.deliveries import MOST_COUNTED, DeliveryNotFound, DeliveryStatus, NotRefused, Refusals, SourceHour
from incidents.ingest import Ingested, reject, replay
from incidents.model import CLI, Delivery, RejectedDelivery
from incidents.outbox import OutboxKind
from incidents.policy import Policy
from tests.building import a_delivery, firing, resolved
from tests.integration.db.stage import Row, Stage

ADMINS = Policy(admin_channel="#admins")


def a_refused(error: str = "alerts: it is missing", source: str = "grafana") -> RejectedDelivery:
    return RejectedDelivery(source, uuid.uuid4().hex, "0" * 64, {"Content-Type": "application/json"}, error, b"{}")


async def refuse(stage: Stage, *, error: str = "alerts: it is missing", source: str = "grafana") -> int:
    return await stage.write(lambda uow: reject(a_refused(error, source), uow=uow, policy=ADMINS))


async def take(stage: Stage, refused_id: int, delivery: Delivery) -> Ingested:
    return await stage.write(lambda uow: replay(refused_id, delivery, by=CLI, uow=uow, policy=ADMINS))


async def notices(stage: Stage) -> list[Row]:
    return [row for row in await stage.all(tables.outbox) if row["kind"] == OutboxKind.NOTICE.value]


async def notice(stage: Stage) -> Row:
    [row] = await notices(stage)
    return row


async def publish(stage: Stage) -> None:
    """The notice is claimed and shown, whatever it waits for."""
    await stage.change(tables.outbox, due_at=await stage.now() - timedelta(seconds=1))
    await stage.change(tables.leases, expires_at=await stage.now() - timedelta(hours=1))
    job = await stage.claim()
    assert job is not None
    assert job.kind is OutboxKind.NOTICE
    assert await stage.write(lambda uow: uow.publishing.sent(job, channel_id="C9", ts="9.9", rev=job.rev))


async def counted(stage: Stage, source: str = "grafana") -> Refusals:
    now = await stage.now()
    return await stage.read(
        lambda uow: uow.deliveries.refusals(source, now - timedelta(hours=1), now + timedelta(hours=1))
    )


async def test_a_refused_body_asks_for_one_notice_of_its_source_and_hour(stage: Stage) -> None:
    for _ in range(3):
        await refuse(stage)
    await refuse(stage, source="datadog")
    told = sorted((row["channel"], row["subject"]) for row in await notices(stage))
    now = await stage.now()
    assert told == [("#admins", SourceHour.of(source, now).subject) for source in ("datadog", "grafana")]


async def test_a_notice_that_is_due_is_left_alone_by_further_refusals(stage: Stage) -> None:
    await refuse(stage)
    before = await notice(stage)
    for _ in range(5):
        await refuse(stage)
    assert await notice(stage) == before


async def test_after_it_was_shown_the_next_refusals_make_one_update_a_little_later(stage: Stage) -> None:
    await refuse(stage)
    await publish(stage)
    for _ in range(5):
        await refuse(stage)
    row = await notice(stage)
    assert (row["desired_rev"], row["sent_rev"], row["ts"]) == (2, 1, "9.9")
    assert row["due_at"] > await stage.now()


async def test_what_is_refused_while_the_notice_is_being_published_is_shown_after_it(stage: Stage) -> None:
    await refuse(stage)
    job = await stage.claim()
    assert job is not None
    for _ in range(5):
        await refuse(stage)
    await stage.write(lambda uow: uow.publishing.sent(job, channel_id="C9", ts="9.9", rev=job.rev))
    row = await notice(stage)
    assert (row["desired_rev"], row["sent_rev"]) == (2, 1)
    assert row["due_at"] is not None


async def test_twenty_refusals_at_once_are_all_kept_and_make_one_notice(stage: Stage) -> None:
    await asyncio.gather(*(refuse(stage) for _ in range(20)))
    assert len(await stage.all(tables.deliveries)) == 20
    assert len(await notices(stage)) == 1


async def test_refusals_are_counted_by_source_and_time_with_the_newest_error(stage: Stage) -> None:
    await stage.take(firing())
    await refuse(stage, error="first")
    await refuse(stage, error="second")
    await refuse(stage, error="another's", source="datadog")
    told = await counted(stage)
    assert (told.count, told.replayed, told.latest_error, told.is_more) == (2, 0, "second", False)
    assert (await counted(stage, source="newrelic")) == Refusals(0)
    await stage.change(tables.deliveries, received_at=await stage.now() - timedelta(hours=2))
    assert (await counted(stage)).count == 0


async def test_a_replayed_body_is_taken_as_a_delivery_of_its_own_and_marked(stage: Stage) -> None:
    refused_id = await refuse(stage)
    await publish(stage)
    taken = await take(stage, refused_id, a_delivery(firing()))
    assert taken.incidents == ("INC-1",)
    kept = await stage.read(lambda uow: uow.deliveries.get(refused_id))
    assert (kept.status, kept.other_id, kept.raw_body) == (DeliveryStatus.REPLAYED, taken.delivery_id, b"{}")
    assert (await notice(stage))["due_at"] is not None
    told = await counted(stage)
    assert (told.count, told.replayed, told.latest_at) == (1, 1, None)


async def test_a_second_replay_does_nothing_and_says_as_what_it_was_taken(stage: Stage) -> None:
    refused_id = await refuse(stage)
    taken = await take(stage, refused_id, a_delivery(firing()))
    with pytest.raises(NotRefused, match=f"replayed already, as delivery {taken.delivery_id}"):
        await take(stage, refused_id, a_delivery(firing()))
    assert len(await stage.all(tables.alerts)) == 1


async def test_of_many_who_replay_at_the_same_moment_one_takes_it(
    stage: Stage, another_process: Callable[[], Stage]
) -> None:
    refused_id = await refuse(stage)
    hands = [stage, another_process(), another_process()]
    tries = [take(hand, refused_id, a_delivery(firing(since=at))) for at, hand in enumerate(hands * 3)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Ingested) for one in done) == 1
    assert sum(isinstance(one, NotRefused) for one in done) == len(tries) - 1
    assert len(await stage.all(tables.alerts)) == 1


async def test_an_attempt_whose_commit_was_not_confirmed_recognises_its_own_work(stage: Stage) -> None:
    refused_id, delivery = await refuse(stage), a_delivery(firing())
    first, again = await take(stage, refused_id, delivery), await take(stage, refused_id, delivery)
    assert (again.delivery_id, again.incidents) == (first.delivery_id, first.incidents)
    assert len(await stage.all(tables.alerts)) == 1


async def test_what_was_never_refused_cannot_be_replayed(stage: Stage) -> None:
    taken = await stage.take(firing())
    with pytest.raises(NotRefused, match="was processed"):
        await take(stage, taken.delivery_id, a_delivery(firing()))
    with pytest.raises(DeliveryNotFound):
        await take(stage, 4711, a_delivery(firing()))


async def test_a_firing_that_is_over_is_closed_by_the_resolve_after_it(stage: Stage) -> None:
    began, ended = await refuse(stage), await refuse(stage)
    assert (await take(stage, began, a_delivery(firing()))).incidents == ("INC-1",)
    assert (await take(stage, ended, a_delivery(resolved()))).incidents == ("INC-1",)
    assert not (await stage.incident()).is_open


async def test_the_list_shows_newest_first_with_what_became_of_each(stage: Stage) -> None:
    first = await stage.take(firing(), firing("pod-b"))
    refused_id = await refuse(stage)
    orphan = await stage.take(resolved("pod-z"))

    async def seen(
        status: DeliveryStatus | None = None, sources: Any = None, since: datetime | None = None, limit: int = 9
    ) -> list[Any]:
        found = await stage.read(
            lambda uow: uow.deliveries.browse(status=status, sources=sources, since=since, limit=limit)
        )
        return [(one.id, one.status.value, one.alerts, one.incidents) for one in found]

    every = [
        (orphan.delivery_id, "processed", 1, ()),
        (refused_id, "rejected", 0, ()),
        (first.delivery_id, "processed", 2, (1,)),
    ]
    assert await seen() == every
    assert await seen(limit=1) == every[:1]
    assert await seen(status=DeliveryStatus.REJECTED) == every[1:2]
    assert await seen(sources={"datadog"}) == []
    assert await seen(sources={"datadog", "grafana"}) == every
    assert await seen(since=await stage.now() + timedelta(minutes=1)) == []


async def test_each_alert_tells_what_became_of_it(stage: Stage) -> None:
    taken = await stage.take(firing(cluster="prod-a"), resolved("pod-z"))
    fates = await stage.read(lambda uow: uow.deliveries.fates(taken.delivery_id, limit=10))
    assert [(fate.reason, fate.incident) for fate in fates] == [("opened", 1), ("unknown_series", None)]
    assert fates[0].place == ["prod-a", "checkout"]


async def test_the_clusters_of_the_newest_alerts_are_told(stage: Stage) -> None:
    for number, cluster in enumerate(("", "prod-a", "prod-b")):
        await stage.take(firing(f"pod-{number}", cluster=cluster))
    since = await stage.now() - timedelta(hours=1)
    assert await stage.read(lambda uow: uow.deliveries.latest_clusters(since=since, limit=2)) == ["prod-b", "prod-a"]


async def test_of_a_flood_no_more_are_counted_than_anybody_needs_to_know(stage: Stage) -> None:
    await refuse(stage)
    [row] = await stage.all(tables.deliveries)
    copy = {name: value for name, value in row.items() if name != "id"}
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.insert(tables.deliveries), [copy for _ in range(MOST_COUNTED + 5)])
    told = await counted(stage)
    assert (told.count, told.is_more) == (MOST_COUNTED, True)


async def test_refusals_are_found_by_an_index_among_many_deliveries(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    await refuse(stage)
    [row] = await stage.all(tables.deliveries)
    taken = {name: value for name, value in row.items() if name != "id"} | {"status": "processed", "raw_body": None}
    async with stage.engines.write.begin() as connection:
        many = [taken | {"newest_sha256": f"{number:064}"} for number in range(5000)]
        await connection.execute(sa.insert(tables.deliveries), many)
        await connection.execute(sa.text("ANALYZE TABLE deliveries"))
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "deliveries" in statement and statement.startswith("SELECT"):
            said.append((statement, parameters))

    sa.event.listen(stage.engines.write.sync_engine, "before_cursor_execute", note)
    assert (await counted(stage)).count == 1
    rejected, sources = DeliveryStatus.REJECTED, {"datadog", "grafana"}
    await stage.read(lambda uow: uow.deliveries.browse(status=rejected, sources=sources, since=None, limit=20))
    sa.event.remove(stage.engines.write.sync_engine, "before_cursor_execute", note)
    async with stage.engines.write.connect() as connection:
        for statement, parameters in said:
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            assert [step["rows"] for step in plan if step["table"] == "deliveries" and int(step["rows"]) > 10] == [], (
                plan
            )
    assert len(said) >= 3


async def test_a_delivery_keeps_the_default_labels_of_its_url(stage: Stage) -> None:
    refused_id = await refuse(stage)
    await stage.change(tables.deliveries, default_labels={"cluster": "prod-a"})
    kept = await stage.read(lambda uow: uow.deliveries.get(refused_id))
    assert kept.default_labels == {"cluster": "prod-a"}
    assert kept.headers == {"Content-Type": "application/json"}
