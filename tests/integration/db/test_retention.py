"""What is old goes, and nothing else; what goes is in the archive; whoever is killed on the way loses nothing."""

import asyncio
import gzip
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from db import tables
from db.queries.former_cards import keep_place
from db.queries.retention import DERIVED, PARTS, OldDataQueries
from db.search_tables import incident_words
from db.unit_of_work import SqlUnitOfWork
from db.webhook_tables import outgoing_webhooks
from incidents import actions
from incidents.actions.thread_notes import note_reply
from incidents.approvals.model import NewApproval, Outcome, Wanted
from incidents.errors import LeaseLost
from incidents.escalation.webhooks import Action
from incidents.ingest import reject
from incidents.keeping import Kept, Walk
from incidents.model import RejectedDelivery, Status
from incidents.policy import Policies, Policy, Retention
from incidents.threads import Spoken
from jobs.archive import ArchiveFailed
from jobs.retention import Keeper, RetentionMetrics
from tests.building import ALICE, a_delivery, firing, resolved
from tests.integration.db.past import live, no_rest, rolled_up, rollup_job, spread, told
from tests.integration.db.stage import Row, Stage

AnotherProcess = Callable[[], Stage]
DAY = timedelta(days=1)
AGES = Retention(alerts=10 * DAY, deliveries=10 * DAY, incidents=15 * DAY)
ALL = (tables.alerts, tables.deliveries, tables.incidents, *PARTS)
FEW = dict.fromkeys(Kept, 7)


def keeper(
    stage: Stage, ages: Retention = AGES, *, holder: str = "here", metrics: RetentionMetrics | None = None
) -> Keeper:
    counted = metrics or RetentionMetrics(CollectorRegistry())
    return Keeper(
        stage.transactions, Policies(Policy(retention=ages)), counted, holder=holder, at_once=FEW, rest=no_rest
    )


_lived: dict[str, Mapping[sa.Table, Sequence[Row]]] = {}
"""By dialect, what forty days leave in each table."""


async def forty_days(stage: Stage) -> None:
    """Shown in Slack, and counted. It takes a second, so that it happens once, and is copied after that."""
    if past := _lived.get(stage.engines.dialect):
        await write_down(stage, past)
        return
    await live(stage, series=40)
    await stage.write(caught_in_a_storm)
    await stage.write(talked_about)
    await stage.write(once_merged)
    await stage.write(called_out)
    await stage.write(asked_for_a_second_person)
    await spread(stage, over=40 * DAY)
    for table in (tables.outbox, outgoing_webhooks):
        await stage.change(table, due_at=None)
    await rollup_job(stage).catch_up()
    await stage.write(lambda uow: uow.search_words.follow(limit=1000))
    _lived[stage.engines.dialect] = {table: await stage.all(table) for table in tables.metadata.sorted_tables}


async def write_down(stage: Stage, past: Mapping[sa.Table, Sequence[Row]]) -> None:
    async with stage.engines.write.begin() as connection:
        for table, rows in past.items():
            names = [column.name for column in table.c if not column.computed]
            if rows and table is not tables.tenants:
                await connection.execute(sa.insert(table), [{name: row[name] for name in names} for row in rows])


async def caught_in_a_storm(uow: SqlUnitOfWork) -> None:
    storm, _ = await uow.storms.begin("#incidents", first=uow.now - DAY, last=uow.now)
    assert (await uow.storms.take_in(storm))[0] > 0


async def talked_about(uow: SqlUnitOfWork) -> None:
    """In the threads of all, each of which has lost a card."""
    for row in await uow.gate.rows(sa.select(tables.incidents.c.id)):
        assert await note_reply(row["id"], Spoken("C0INCIDENTS", f"17.{row['id']}", "U0ALICE", "hi"), uow=uow)
        await keep_place(uow.gate, row["id"], "C0INCIDENTS", f"16.{row['id']}")


async def called_out(uow: SqlUnitOfWork) -> None:
    """A webhook was told of each."""
    for row in await uow.gate.rows(sa.select(tables.incidents.c.id)):
        await uow.webhooks.add(row["id"], row["id"], ["pager"], Action.TRIGGER)


async def asked_for_a_second_person(uow: SqlUnitOfWork) -> None:
    """Of each, which that has overtaken."""
    for row in await uow.gate.rows(sa.select(tables.incidents.c.id, tables.incidents.c.number)):
        until = uow.now + DAY
        new = NewApproval(row["id"], row["number"], 1, Wanted.RESOLVE, "over", ALICE, until, event_id=row["id"])
        await uow.approvals.add(new)
        one = await uow.approvals.open_of(row["id"])
        assert one is not None
        await uow.approvals.end(one.id, Outcome.OVERTAKEN, by=None)


async def once_merged(uow: SqlUnitOfWork) -> None:
    """Into the oldest that is resolved; what was merged into it has gone already."""
    is_resolved = tables.incidents.c.status == Status.RESOLVED.value
    oldest = uow.gate.select(tables.incidents, sa.func.min(tables.incidents.c.id)).where(is_resolved)
    parent = await uow.incidents.get(await uow.gate.scalar(oldest))
    gone = replace(parent, id=10**9, incident_key="g" * 64)
    await uow.merges.add_alias(gone, into=parent)


async def everything(stage: Stage) -> dict[str, dict[int, Row]]:
    return {table.name: {row["id"]: row for row in await stage.all(table)} for table in ALL}


def archived(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every line of the archive, by table."""
    lines: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(folder.iterdir()):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines.setdefault(path.name.partition("-")[0], []).extend(json.loads(line) for line in file)
    return lines


async def nothing_dangles(stage: Stage) -> None:
    now = await everything(stage)
    for table in (tables.alerts, *PARTS):
        pointed = {row["incident_id"] for row in now[table.name].values()} - {None, 0}
        assert pointed <= set(now["incidents"]), table.name
    assert {row["incident_id"] for row in await stage.all(incident_words)} <= set(now["incidents"])
    assert {row["delivery_id"] for row in now["alerts"].values()} <= set(now["deliveries"])


async def test_without_ages_nothing_is_deleted(stage: Stage) -> None:
    await forty_days(stage)
    before = await everything(stage)
    await keeper(stage, Retention()).run()
    assert await keeper(stage, Retention()).delete() == {}
    assert await everything(stage) == before


async def test_what_is_old_goes_and_nothing_younger_is_touched(stage: Stage) -> None:
    await forty_days(stage)
    before, now = await everything(stage), await stage.now()
    gone = await keeper(stage).delete()
    after = await everything(stage)
    assert gone is not None
    assert {name: len(before[name]) - len(after[name]) for name in before} == {
        name: gone.get(name, 0) for name in before
    }
    assert min(gone[name] for name in ("alerts", "deliveries", "incidents", "incident_events")) > 0
    assert set(after["alerts"]) == younger(before["alerts"], "received_at", now - 10 * DAY)
    with_alerts = {row["incident_id"] for row in after["alerts"].values()}
    still_open = {number for number, row in before["incidents"].items() if row["status"] != Status.RESOLVED.value}
    young = younger(before["incidents"], "resolved_time", now - 15 * DAY)
    assert set(after["incidents"]) == young | still_open | with_alerts
    assert young - with_alerts - still_open
    for name, rows in after.items():
        assert rows == {number: before[name][number] for number in rows}
    await nothing_dangles(stage)


def younger(rows: Mapping[int, Row], column: str, since: datetime) -> set[int]:
    return {number for number, row in rows.items() if row[column] is not None and row[column] >= since}


async def test_the_archive_and_what_remains_are_all_there_was(stage: Stage, tmp_path: Path) -> None:
    await forty_days(stage)
    before = await everything(stage)
    await keeper(stage, archiving(tmp_path)).delete()
    after, lines = await everything(stage), archived(tmp_path / "archive")
    for name, rows in before.items():
        there = [line["id"] for line in lines.get(name, [])]
        assert sorted([*there, *after[name]]) == sorted(rows), name
        for line in lines.get(name, []):
            assert line == as_archived(rows[line["id"]]), name
    assert set(lines) == {table.name for table in ALL}


def archiving(folder: Path) -> Retention:
    return Retention(AGES.alerts, AGES.deliveries, AGES.incidents, archive=folder / "archive")


def as_archived(row: Row) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name != "open_key"}
    return {
        name: value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
        for name, value in shown.items()
    }


async def test_a_files_name_says_the_day_of_its_rows(stage: Stage, tmp_path: Path) -> None:
    await forty_days(stage)
    await keeper(stage, archiving(tmp_path)).delete()
    for path in (tmp_path / "archive").glob("alerts-*.jsonl.gz"):
        day = path.name.removeprefix("alerts-").removesuffix(".jsonl.gz")
        lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
        assert {line["received_at"][:10] for line in lines} == {day}


async def test_bytes_and_odd_payloads_are_archived_as_they_were(stage: Stage, tmp_path: Path) -> None:
    raw = {"big": 2**80, "half": "\ud800", "nested": [{"a": [1.5, None, True]}], "line": "one\ntwo\u2028three"}
    alert = told(1)
    await stage.take_batch(a_delivery(type(alert)(**{**_fields(alert), "raw": raw})))
    refused = RejectedDelivery("grafana", "r" * 32, "b" * 64, {}, error="not JSON", raw_body=b"\x00\xff{")
    await stage.write(lambda uow: reject(refused, uow=uow, policy=Policy()))
    await spread(stage, over=DAY, ending=30 * DAY)
    await rollup_job(stage).catch_up()
    await keeper(stage, archiving(tmp_path)).delete()
    lines = archived(tmp_path / "archive")
    assert lines["alerts"][0]["raw_payload"] == raw
    assert {"base64": "AP97"} in [line["raw_body"] for line in lines["deliveries"]]


def _fields(alert: Any) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in type(alert).__dataclass_fields__}


@pytest.mark.parametrize("table", ["alerts", "deliveries", "incidents"])
async def test_killed_in_the_middle_of_a_batch_it_loses_nothing(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    await forty_days(stage)
    before = await everything(stage)
    whole = OldDataQueries.delete
    batches = []

    async def cut(self: OldDataQueries, walk: Walk, *args: Any, **kwargs: Any) -> Mapping[str, int]:
        gone = await whole(self, walk, *args, **kwargs)
        batches.append(walk.kept.value)
        if batches.count(table) == 2:
            raise KilledError
        return gone

    monkeypatch.setattr(OldDataQueries, "delete", cut)
    with pytest.raises(KilledError):
        await keeper(stage, archiving(tmp_path)).delete()
    all_is_somewhere(before, await everything(stage), tmp_path)
    monkeypatch.undo()
    await stage.change(tables.leases, expires_at=await stage.now())
    assert await keeper(stage, archiving(tmp_path), holder="another").delete()
    after = await everything(stage)
    all_is_somewhere(before, after, tmp_path)
    lines = archived(tmp_path / "archive")
    assert {line["id"] for line in lines[table]} == set(before[table]) - set(after[table])
    await nothing_dangles(stage)


class KilledError(Exception):
    """In the midst."""


def all_is_somewhere(before: Mapping[str, Mapping[int, Row]], after: Mapping[str, Any], folder: Path) -> None:
    lines = archived(folder / "archive")
    for name, rows in before.items():
        assert {line["id"] for line in lines.get(name, [])} | set(after[name]) == set(rows), name


async def test_two_processes_at_once_delete_once(another_process: AnotherProcess, tmp_path: Path) -> None:
    one, other = another_process(), another_process()
    await forty_days(one)
    before = await everything(one)
    done = await asyncio.gather(
        keeper(one, archiving(tmp_path), holder="one").delete(even_at_rest=False),
        keeper(other, archiving(tmp_path), holder="other").delete(even_at_rest=False),
    )
    [gone] = [rows for rows in done if rows is not None]
    after = await everything(one)
    assert {name: count for name, count in gone.items() if count} == {
        name: len(before[name]) - len(after[name]) for name in before if before[name] != after[name]
    }
    for lines in archived(tmp_path / "archive").values():
        assert max(Counter(line["id"] for line in lines).values()) == 1


async def test_alerts_are_taken_in_meanwhile(another_process: AnotherProcess, tmp_path: Path) -> None:
    one, other = another_process(), another_process()
    await forty_days(one)

    async def store() -> list[int]:
        return [(await other.take(told(number, since=99))).delivery_id for number in range(30)]

    gone, stored = await asyncio.gather(keeper(one, archiving(tmp_path)).delete(), store())
    assert gone
    assert set(stored) <= {row["delivery_id"] for row in await one.all(tables.alerts)}
    await nothing_dangles(one)


async def test_open_incidents_are_kept_whatever_their_age_though_their_alerts_go(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await spread(stage, over=DAY, ending=400 * DAY)
    await rollup_job(stage).catch_up()
    await stage.change(tables.outbox, due_at=None)
    assert await keeper(stage).delete() == {"alerts": 1, "deliveries": 1}
    assert (await stage.incident()).firing == 1


async def a_resolved_one(stage: Stage, service: str) -> int:
    await stage.take(firing(f"pod-{service}", service=service))
    await stage.take(resolved(f"pod-{service}", service=service))
    return max(row["id"] for row in await stage.all(tables.incidents))


async def grow_old(stage: Stage) -> None:
    """Shown in Slack, and counted, as all that may go."""
    await spread(stage, over=DAY, ending=30 * DAY)
    await stage.change(tables.outbox, due_at=None)
    await rollup_job(stage).catch_up()


async def test_a_merged_incident_stays_while_the_merge_may_be_undone(stage: Stage) -> None:
    for name in ("a", "b"):
        await stage.take(firing(name, service=name))
    child, parent = [(await stage.incident(number)).id for number in (2, 1)]
    await stage.write(lambda uow: actions.merge(child, into=parent, by=ALICE, uow=uow))
    await stage.take(resolved("b", service="b"))
    await grow_old(stage)
    await keeper(stage).delete()
    assert [row["number"] for row in await stage.all(tables.incidents)] == [1, 2]
    await stage.take(resolved("a", service="a"))
    await grow_old(stage)
    for _ in range(2):
        await keeper(stage).delete()
    assert await stage.all(tables.incidents) == []
    assert await stage.all(tables.key_aliases) == []


async def test_an_incident_stays_while_one_that_was_merged_into_it_is_there(stage: Stage) -> None:
    parent, child = await a_resolved_one(stage, "a"), await a_resolved_one(stage, "b")
    await spread(stage, over=DAY, ending=400 * DAY)
    await stage.change(tables.outbox, due_at=None)
    await update(stage, tables.incidents, child, merged_into_id=parent, status="active", resolved_time=None)
    await rollup_job(stage).catch_up()
    await keeper(stage).delete()
    assert {row["id"] for row in await stage.all(tables.incidents)} == {parent, child}
    await update(stage, tables.incidents, child, status="resolved", resolved_time=await stage.now() - 300 * DAY)
    await keeper(stage).delete()
    await keeper(stage).delete()
    assert await stage.all(tables.incidents) == []


async def test_an_incident_stays_while_slack_has_not_shown_its_end(stage: Stage) -> None:
    await a_resolved_one(stage, "a")
    await spread(stage, over=DAY, ending=400 * DAY)
    await rollup_job(stage).catch_up()
    await keeper(stage).delete()
    assert len(await stage.all(tables.incidents)) == 1
    await stage.change(tables.outbox, due_at=None)
    await keeper(stage).delete()
    assert await stage.all(tables.incidents) == await stage.all(tables.outbox) == []


async def update(stage: Stage, table: sa.Table, number: int, **values: Any) -> None:
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.update(table).where(table.c.id == number).values(**values))


async def test_an_incident_that_changed_after_it_was_archived_stays(stage: Stage) -> None:
    number = await a_resolved_one(stage, "a")
    await spread(stage, over=DAY, ending=400 * DAY)
    await stage.change(tables.outbox, due_at=None)
    await empty(stage, tables.alerts)
    fence = await stage.write(lambda uow: uow.old_data.take(holder="here", even_at_rest=True))
    assert fence is not None
    walk = Walk(Kept.INCIDENTS, await stage.now() - DAY)
    old = await stage.read(lambda uow: uow.old_data.look(walk, after=None, limit=5, with_rows=True))
    assert old.ids == (number,)
    await update(stage, tables.incidents, number, version=99)
    assert await stage.write(lambda uow: uow.old_data.delete(walk, old, fence=fence)) == {}
    assert len(await stage.all(tables.incidents)) == 1


async def empty(stage: Stage, table: sa.Table) -> None:
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.delete(table))


async def test_deliveries_that_brought_alerts_stay_as_long_as_these(stage: Stage) -> None:
    await stage.take(firing("pod-a"), body="same")
    await stage.take(firing("pod-a"), body="same")
    refused = RejectedDelivery("grafana", "r" * 32, "b" * 64, {}, error="not JSON", raw_body=b"{")
    await stage.write(lambda uow: reject(refused, uow=uow, policy=Policy()))
    await spread(stage, over=DAY, ending=20 * DAY)
    await rollup_job(stage).catch_up()
    ages = Retention(alerts=90 * DAY, deliveries=10 * DAY)
    assert await keeper(stage, ages).plan() == {"deliveries": 2}
    assert await keeper(stage, ages).delete() == {"deliveries": 2}
    assert [row["status"] for row in await stage.all(tables.deliveries)] == ["processed"]
    assert await keeper(stage, ages).delete() == {}
    assert await keeper(stage, Retention(alerts=15 * DAY, deliveries=10 * DAY)).delete() == {
        "alerts": 1,
        "deliveries": 1,
    }


async def test_what_the_rollups_have_not_counted_stays(stage: Stage) -> None:
    await live(stage, series=10)
    await spread(stage, over=30 * DAY)
    await stage.change(tables.outbox, due_at=None)
    assert await keeper(stage).delete() == {}
    await stage.write(lambda uow: uow.rollups.start_over(None))
    assert await keeper(stage).delete() == {}
    await rollup_job(stage).catch_up()
    assert await keeper(stage).delete()


async def test_the_rollups_of_what_is_gone_are_kept_also_when_rebuilt(stage: Stage) -> None:
    await forty_days(stage)
    right = await rolled_up(stage)
    await keeper(stage).delete()
    assert await rolled_up(stage) == right
    await rollup_job(stage).rebuild(None)
    assert await rolled_up(stage) == right


async def test_a_dry_run_says_what_a_run_does_and_does_nothing(stage: Stage) -> None:
    await forty_days(stage)
    await a_refused_one(stage, days_ago=39)
    before = await everything(stage)
    planned = await keeper(stage).plan()
    assert await everything(stage) == before
    gone = await keeper(stage).delete()
    assert gone is not None
    assert planned == {table: count for table, count in gone.items() if count}


async def a_refused_one(stage: Stage, *, days_ago: int) -> None:
    """A delivery that brought no alert: deliveries of both kinds that go are as old."""
    at = await stage.now() - timedelta(days=days_ago)
    row = {
        "received_at": at, "last_seen_at": at, "source": "grafana", "request_id": "refused", "headers": {},
        "body_sha256": "0" * 64, "status": "rejected", "error": "no alerts", "raw_body": b"{}",
    }  # fmt: skip
    await stage.write(lambda uow: uow.gate.insert_one(tables.deliveries, **row))


async def test_an_archive_that_cannot_be_written_stops_it_and_is_told(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await forty_days(stage)
    before, registry = await everything(stage), CollectorRegistry()
    metrics = RetentionMetrics(registry)
    (tmp_path / "archive").write_text("a file, no folder")
    with pytest.raises(ArchiveFailed, match="Nothing is deleted until it can"):
        await keeper(stage, archiving(tmp_path)).delete()
    await stage.change(tables.leases, expires_at=await stage.now())
    await keeper(stage, archiving(tmp_path), metrics=metrics).run()
    assert await everything(stage) == before
    assert "retention_stopped" in [getattr(record, "action", "") for record in caplog.records]
    assert registry.get_sample_value("bongsu_retention_stopped") == 1
    (tmp_path / "archive").unlink()
    await stage.change(tables.leases, expires_at=await stage.now())
    await keeper(stage, archiving(tmp_path), metrics=metrics).run()
    assert await everything(stage) != before
    assert registry.get_sample_value("bongsu_retention_stopped") == 0


async def test_it_counts_what_it_did(stage: Stage, tmp_path: Path) -> None:
    await forty_days(stage)
    registry = CollectorRegistry()
    gone = await keeper(stage, archiving(tmp_path), metrics=RetentionMetrics(registry)).delete()
    assert gone is not None
    for name in ("bongsu_retention_deleted_rows_total", "bongsu_retention_archived_rows_total"):
        assert registry.get_sample_value(name, {"table": "alerts"}) == gone["alerts"]
    oldest = registry.get_sample_value("bongsu_oldest_row_age_seconds", {"table": "alerts"})
    assert oldest is not None
    assert 8 * DAY < timedelta(seconds=oldest) < 10 * DAY + timedelta(minutes=1)
    assert registry.get_sample_value("bongsu_retention_last_run_timestamp_seconds")


async def test_it_runs_once_an_hour_in_all_processes_together(stage: Stage) -> None:
    assert await keeper(stage).delete(even_at_rest=False) == {}
    assert await keeper(stage, holder="another").delete(even_at_rest=False) is None
    assert await keeper(stage, holder="a command").delete() == {}
    await stage.change(tables.leases, expires_at=await stage.now())
    assert await keeper(stage, holder="another").delete(even_at_rest=False) == {}


async def test_who_has_lost_the_lease_deletes_nothing(stage: Stage) -> None:
    await forty_days(stage)
    before = await everything(stage)
    old_fence = await stage.write(lambda uow: uow.old_data.take(holder="slow", even_at_rest=True))
    assert old_fence is not None
    assert await keeper(stage, holder="early").delete() is None
    await stage.change(tables.leases, expires_at=await stage.now())
    await stage.write(lambda uow: uow.old_data.take(holder="other", even_at_rest=True))
    walk = Walk(Kept.ALERTS, await stage.now() - DAY)

    async def late(uow: SqlUnitOfWork) -> None:
        old = await uow.old_data.look(walk, after=None, limit=5, with_rows=False)
        assert old.ids
        await uow.old_data.delete(walk, old, fence=old_fence)

    with pytest.raises(LeaseLost):
        await stage.write(late)
    assert await everything(stage) == before


async def test_a_batch_of_large_bodies_is_small(stage: Stage) -> None:
    for number in range(4):
        refused = RejectedDelivery("grafana", "r" * 32, f"{number}" * 64, {}, error="x", raw_body=b"x" * 3 * 2**20)
        await stage.write(lambda uow, refused=refused: reject(refused, uow=uow, policy=Policy()))
    await spread(stage, over=DAY, ending=30 * DAY)
    walk = Walk(Kept.BARE_DELIVERIES, await stage.now())
    first = await stage.read(lambda uow: uow.old_data.look(walk, after=None, limit=50, with_rows=False))
    assert len(first.ids) == 2
    rest = await stage.read(lambda uow: uow.old_data.look(walk, after=first.next, limit=50, with_rows=False))
    assert len(rest.ids) == 2
    assert set(first.ids).isdisjoint(rest.ids)


def test_every_table_that_belongs_to_incidents_goes_with_them() -> None:
    """A new one has to be added to PARTS or DERIVED, or incidents can't be deleted any more. The audit log outlives."""
    theirs = {table.name for table in tables.metadata.sorted_tables if "incident_id" in table.c}
    assert theirs == {"alerts", "audit_log", *(part.name for part in (*PARTS, *DERIVED))}
