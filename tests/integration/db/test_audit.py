"""The audit log on real databases: written by whoever changes something, sealed beside, and verified."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from db import tables
from db.audit_tables import audit_chains, audit_log
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.actions import thread_notes, timeline_entry
from incidents.approvals.deciding import approve, decline, withdraw
from incidents.approvals.model import ApprovalRule
from incidents.approvals.model import Wanted as Approved
from incidents.audit import exported
from incidents.audit.chaining import Step, seal_next
from incidents.audit.checking import verify
from incidents.audit.exporting import export
from incidents.audit.keeping import Place, Wanted
from incidents.audit.model import ERASED, PRUNED, Entry, Head
from incidents.audit.verifying import Kind, Report
from incidents.maintenance.model import Scope
from incidents.maintenance.plan import Plan, end_early, plan
from incidents.model import Actor, Severity
from incidents.policy import Policies, Policy
from incidents.schedules import Layer, Rotation, Schedule
from incidents.storms import Member
from incidents.threads import Spoken
from jobs.audit import AuditMetrics, Sealer
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Stage
from tests.integration.db.test_escalation import routed

Act = Callable[[SqlUnitOfWork], Awaitable[Any]]
AnotherProcess = Callable[[], Stage]

HOUR = timedelta(hours=1)
VIA = Actor("slack", "U0BOB", via="ci", origin="api 203.0.113.7")
WEEK = Schedule("payments", ZoneInfo("UTC"), (Layer("all", Rotation(("U0BOB", "U0BOB"))),))
SAID = Spoken("C0INCIDENTS", "1700000000.000100", "U0ALICE", "we look at it")
NOTHING_CHANGES = {"Declaration", "find_schedule"}


async def split(uow: SqlUnitOfWork) -> None:
    first, *_ = await uow.merges.series_of(3)
    await actions.split(3, series_keys=[first.key], by=ALICE, uow=uow)


async def acknowledge_all(uow: SqlUnitOfWork) -> None:
    one = await uow.incidents.get(2)
    member = Member(one.id, one.incident_key, 1, one.episode, one.severity)
    await actions.acknowledge_all([member], seen_rev=9, by=ALICE, uow=uow)


def declare(uow: SqlUnitOfWork) -> Awaitable[Any]:
    told = actions.Declaration("token", "Shop is slow", Severity.ERROR, service="shop", note="since ten")
    return actions.declare(told, by=ALICE, uow=uow, policy=Policy())


async def plan_maintenance(uow: SqlUnitOfWork) -> None:
    wanted = Plan("t", Scope(service=("db",)), None, uow.now + HOUR, ZoneInfo("UTC"), "C0INCIDENTS", reason="upgrade")
    await plan(wanted, by=ALICE, uow=uow)


USE_CASES: list[tuple[str, str, Act]] = [
    ("acknowledge", "incident.acknowledged", lambda u: actions.acknowledge(1, by=VIA, uow=u)),
    ("unacknowledge", "incident.unacknowledged", lambda u: actions.unacknowledge(1, by=BOB, uow=u)),
    ("assign", "incident.assigned", lambda u: actions.assign(1, to="U0BOB", by=ALICE, uow=u)),
    ("take_from_gone", "incident.unassigned", lambda u: actions.take_from_gone(1, gone="U0BOB", uow=u)),
    ("add_note", "incident.noted", lambda u: actions.add_note(1, text="looks bad", by=ALICE, uow=u)),
    ("escalate", "incident.escalated", lambda u: actions.escalate(1, by=ALICE, uow=u)),
    ("add_to_timeline", "incident.timeline_entry", lambda u: actions.add_to_timeline(1, text="so", by=ALICE, uow=u)),
    ("set_severity", "incident.severity_set", lambda u: actions.set_severity(1, to=Severity.INFO, by=ALICE, uow=u)),
    ("set_title", "incident.title_set", lambda u: actions.set_title(1, to="Shop", by=ALICE, uow=u)),
    ("snooze", "incident.snoozed", lambda u: actions.snooze(1, until=u.now + HOUR, by=ALICE, uow=u)),
    ("wake", "incident.woke", lambda u: actions.wake(1, by=ALICE, uow=u)),
    ("resolve", "incident.resolved", lambda u: actions.resolve(1, by=ALICE, uow=u, note="rolled back")),
    ("sum_up", "incident.noted", lambda u: actions.sum_up(1, text="all well", by=ALICE, uow=u)),
    ("reopen", "incident.reopened", lambda u: actions.reopen(1, by=ALICE, uow=u)),
    ("mark_noise", "incident.marked_noise", lambda u: actions.mark_noise(1, by=ALICE, uow=u, reason="flaky")),
    ("mark_real", "incident.marked_real", lambda u: actions.mark_real(1, by=ALICE, uow=u)),
    ("acknowledge_all", "incident.acknowledged", acknowledge_all),
    ("confirm", "incident.confirmed", lambda u: actions.confirm(2, by=ALICE, uow=u)),
    ("merge", "incident.merged", lambda u: actions.merge(2, into=1, by=ALICE, uow=u)),
    ("unmerge", "incident.unmerged", lambda u: actions.unmerge(2, by=ALICE, uow=u)),
    ("split", "incident.split", split),
    ("declare", "incident.declared", declare),
    ("take_over", "override.taken",
     lambda u: actions.take_over(WEEK, person="U0BOB", start=None, end=u.now + HOUR, by=ALICE, uow=u)),
    ("give_back", "override.given_back", lambda u: actions.give_back(1, by=ALICE, uow=u)),
    ("plan", "maintenance.planned", plan_maintenance),
    ("end_early", "maintenance.ended", lambda u: end_early(1, by=ALICE, uow=u)),
    ("note_reply", "incident.noted", lambda u: thread_notes.note_reply(1, SAID, uow=u)),
    ("pin", "incident.timeline_entry", lambda u: timeline_entry.pin(2, SAID, at="1.0", by=ALICE, uow=u)),
    ("delete_reply", "incident.note_deleted", lambda u: thread_notes.delete_reply(1, "C0INCIDENTS", SAID.ts, uow=u)),
]  # fmt: skip


DECISIONS: list[tuple[str, str, Act]] = [
    ("ask", "incident.approval_asked", lambda u: actions.resolve(1, by=ALICE, uow=u, note="done")),
    ("decline", "incident.declined", lambda u: decline(1, by=VIA, uow=u, reason="not yet")),
    ("ask again", "incident.approval_asked", lambda u: actions.resolve(1, by=ALICE, uow=u, note="done")),
    ("withdraw", "incident.approval_lapsed", lambda u: withdraw(2, by=ALICE, uow=u)),
    ("ask at last", "incident.approval_asked", lambda u: actions.resolve(1, by=ALICE, uow=u, note="done")),
    ("approve", "incident.approved", lambda u: approve(3, by=VIA, uow=u)),
]


async def sealed(stage: Stage, *, secret: str | None = None, limit: int = 500) -> Step:
    """All that waits, whatever its age."""
    while (step := await seal_once(stage, secret=secret, limit=limit)).more:
        pass
    return step


async def seal_once(stage: Stage, *, secret: str | None = None, limit: int = 500, lag: float = -60) -> Step:
    return await stage.write(lambda uow: seal_next(uow, secret=secret, lag=timedelta(seconds=lag), limit=limit))


async def entries(stage: Stage, **wanted: Any) -> list[Entry]:
    """Oldest first."""
    found = await stage.read(lambda uow: uow.audit.found(Wanted(**wanted), before=None, limit=1000))
    return list(reversed(found))


async def checked(stage: Stage, *noted: Head, secret: str | None = None) -> Report:
    return await verify(stage.transactions, secret=secret, noted=noted)


async def alter(stage: Stage, statement: Any) -> None:
    """Past the program, as whoever can write the database does."""
    async with stage.engines.write.begin() as connection:
        await connection.execute(statement)


async def something(stage: Stage, count: int = 5) -> None:
    """So many entries, sealed."""
    await stage.take(firing())
    for number in range(count - 1):
        await stage.write(lambda uow, n=number: actions.add_note(1, text=f"note {n}", by=ALICE, uow=uow))
    await sealed(stage)


async def test_whatever_anybody_does_is_told_once(stage: Stage) -> None:
    """Every use case there is: who forgets one that comes later finds it named here."""
    assert {name for name, *_ in USE_CASES} >= set(actions.__all__) - NOTHING_CHANGES
    stage = Stage.on(stage.engines, policy=routed())
    for name in ("a", "b"):
        await stage.take(firing(name, service=name))
    await stage.take(*(firing(f"c{n}", service="c") for n in range(2)))
    for name, action, act in USE_CASES:
        if name == "confirm":
            soon = sa.update(tables.incidents).where(tables.incidents.c.id == 2)
            await alter(stage, soon.values(confirm_by=await stage.now(), confirm_reason="severity"))
        seen = {one.id for one in await entries(stage)}
        await stage.write(act)
        await sealed(stage)
        new = [one.told for one in await entries(stage, action=action) if one.id not in seen]
        assert new, name
        assert all(one.origin for one in new), name
    report = await checked(stage)
    assert (report.is_whole, report.unsealed) == (True, 0)
    told = [one.told.event_id for one in await entries(stage) if one.told.event_id is not None]
    assert sorted(told) == [row["id"] for row in await stage.all(tables.incident_events)]


async def test_what_two_people_decide_is_told_of_each(stage: Stage) -> None:
    rule = ApprovalRule(frozenset(Approved), match={"severity": frozenset({"critical"})})
    stage = Stage.on(stage.engines, policy=Policy(approvals=(rule,)))
    await stage.take(firing(severity="critical"))
    for name, action, act in DECISIONS:
        seen = {one.id for one in await entries(stage)}
        await stage.write(act)
        assert [one for one in await entries(stage, action=action) if one.id not in seen], name
    [approved] = await entries(stage, action="incident.approved")
    [done] = await entries(stage, action="incident.resolved")
    assert (approved.told.actor, approved.told.via, approved.told.origin) == ("U0BOB", "ci", "api 203.0.113.7")
    assert (done.told.actor, done.told.via, done.told.origin) == ("U0ALICE", "", "approval")


async def test_an_entry_says_who_from_where_and_what_was_before(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=VIA, uow=uow))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow, note="rolled back"))
    await stage.write(plan_maintenance)
    await sealed(stage)
    opened, *others = sorted(await entries(stage), key=lambda one: one.told.at)
    assert (opened.told.actor, opened.told.origin, opened.told.action) == ("system", "system", "incident.opened")
    acknowledged, ended, planned = (one.told for one in others)
    assert (acknowledged.actor, acknowledged.via, acknowledged.origin) == ("U0BOB", "ci", "api 203.0.113.7")
    assert (acknowledged.subject, acknowledged.incident_id) == ("INC-1", 1)
    assert acknowledged.before == {"status": "active", "acknowledged_time": None, "acknowledged_by": None}
    after = {**(acknowledged.after or {})}
    assert after.pop("acknowledged_time") == acknowledged.at.isoformat()
    assert after == {"status": "acknowledged", "acknowledged_by": "U0BOB"}
    assert (ended.origin, ended.data) == ("slack", {"resolution": "manual", "still_firing": 1, "note": "rolled back"})
    assert (planned.subject, planned.before) == ("maintenance 1", None)
    assert (planned.after or {})["scope"] == {"service": ["db"]}


async def test_what_people_do_is_sealed_at_once_and_what_happens_by_itself_when_all_of_it_is_there(
    stage: Stage,
) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    step = await seal_once(stage, lag=60)
    assert (step.sealed, step.more) == (1, False)
    assert (await seal_once(stage, lag=60)).sealed == 0
    step = await seal_once(stage)
    assert (step.sealed, (await entries(stage))[0].told.action) == (1, "incident.opened")
    assert (await checked(stage)).is_whole


async def test_however_many_seal_each_entry_is_sealed_once(stage: Stage, another_process: AnotherProcess) -> None:
    await stage.take(*(firing(f"pod-{n}", service=f"s{n}") for n in range(12)))
    for number in range(6):
        await stage.write(lambda uow, n=number: actions.add_note(n + 1, text="x", by=ALICE, uow=uow))

    async def seal_all(one: Stage) -> int:
        done = 0
        while (step := await seal_once(one, limit=3)).more or step.busy:
            done += step.sealed
        return done + step.sealed

    done = await asyncio.gather(*(seal_all(another_process()) for _ in range(3)))
    report = await checked(stage)
    assert (report.is_whole, report.entries, sum(done)) == (True, 18, 18)


async def test_a_process_that_dies_before_it_has_sealed_loses_and_doubles_nothing(stage: Stage) -> None:
    await something(stage, 3)
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.take(firing("other", service="other"))

    async def dies(uow: SqlUnitOfWork) -> None:
        await seal_next(uow, secret=None, lag=timedelta(seconds=-60))
        raise KeyError("killed")

    with pytest.raises(KeyError):
        await stage.write(dies)
    assert (await checked(stage)).entries == 3
    assert (await sealed(stage)).head == (await checked(stage)).last
    assert sorted(one.seal.seq for one in await entries(stage) if one.seal is not None) == [1, 2, 3, 4, 5]


async def test_each_column_that_is_edited_in_the_database_is_found(stage: Stage) -> None:
    await something(stage)
    values = {
        "at": await stage.now(), "actor": "U0MALLORY", "via": "x", "origin": "x", "action": "x", "subject": "INC-9",
        "incident_id": 9, "event_id": 999, "before": {"x": 1}, "after": {"x": 1}, "data": None, "salt": "x",
        "digest": "0" * 64, "hash": "0" * 64, "keyed": True, "seq": 77,
    }  # fmt: skip
    assert set(values) == {column.name for column in audit_log.c} - {"id", "tenant_id"}
    [row] = [one for one in await stage.all(audit_log) if one["seq"] == 3]
    this = sa.update(audit_log).where(audit_log.c.id == row["id"])
    for name, value in values.items():
        await alter(stage, this.values({name: value}))
        report = await checked(stage)
        assert report.faults, name
        assert report.faults[0].seq == (4 if name == "keyed" else 3), name
        await alter(stage, this.values({name: row[name]}))
    assert (await checked(stage)).is_whole


async def test_what_is_deleted_added_or_cut_off_in_the_database_is_found(stage: Stage) -> None:
    await something(stage)
    whole = await checked(stage)
    assert whole.last is not None
    rows = [dict(row) for row in await stage.all(audit_log)]
    for seq, kind in {1: Kind.MISSING, 3: Kind.MISSING, 5: Kind.TRUNCATED}.items():
        await alter(stage, sa.delete(audit_log).where(audit_log.c.seq == seq))
        assert [(one.seq, one.kind) for one in (await checked(stage)).faults] == [(seq, kind)]
        await alter(stage, sa.insert(audit_log).values([row for row in rows if row["seq"] == seq]))
    more = {**rows[-1], "id": 999, "seq": 6, "event_id": 999}
    await alter(stage, sa.insert(audit_log).values(more))
    assert [(one.seq, one.kind) for one in (await checked(stage)).faults if one.seq == 6]
    await alter(stage, sa.delete(audit_log).where(audit_log.c.seq > 3))
    [fourth] = [row for row in rows if row["seq"] == 3]
    await alter(stage, sa.update(audit_chains).values(seq=3, hash=fourth["hash"]))
    assert (await checked(stage)).is_whole
    report = await checked(stage, whole.last)
    assert [(one.seq, one.kind, one.through) for one in report.faults] == [(4, Kind.TRUNCATED, 5)]


async def test_whoever_writes_the_database_can_not_forge_what_the_keeper_of_the_chain_writes(stage: Stage) -> None:
    await something(stage)
    this = sa.update(audit_log).where(audit_log.c.seq == 2)
    await alter(stage, this.values(actor="erased:1"))
    lie = {"tenant_id": 1, "at": await stage.now(), "via": "", "subject": "x", "origin": "cli", "actor": "cli"}
    await alter(stage, sa.insert(audit_log).values(action=ERASED, after={"entries": [[2, "0" * 64]]}, **lie))
    await alter(stage, sa.insert(audit_log).values(action=PRUNED, after={"through": 1, "hash": "0" * 64}, **lie))
    step = await sealed(stage)
    assert (step.sealed, step.forged) == (0, 2)
    faults = [(one.seq, one.kind) for one in (await checked(stage)).faults]
    assert faults == [(2, Kind.WORDS), (6, Kind.FORGED), (6, Kind.FORGED)]


async def test_a_secret_that_is_set_later_begins_with_an_entry_of_its_own(stage: Stage) -> None:
    secret = "long enough for a secret"
    await something(stage, 2)
    await sealed(stage, secret=secret)
    assert (await entries(stage))[-1].told.action == "audit.secret_set"
    assert (await checked(stage, secret=secret)).is_whole
    assert not (await checked(stage, secret="another")).is_whole
    assert (await checked(stage)).is_keyed


async def test_what_is_too_old_goes_from_the_front_and_the_rest_stays_whole(stage: Stage) -> None:
    await something(stage, 6)
    whole = (await checked(stage)).last
    rows = [row for row in await stage.all(audit_log) if row["seq"] <= 3]
    sealer = Sealer(stage.transactions, Policies(Policy()), AuditMetrics(CollectorRegistry()), secret=None, at_once=2)
    now = await stage.now()
    assert await sealer.delete_older(now - timedelta(days=30)) == 0
    old = sa.update(audit_log).where(audit_log.c.id.in_([row["id"] for row in rows]))
    await alter(stage, old.values(at=now - timedelta(days=40)))
    assert not (await checked(stage)).is_whole
    await alter(stage, old.values(at=rows[0]["at"]))
    assert await sealer.delete_older(now) == 6
    report = await checked(stage, whole)
    assert (report.is_whole, report.first, report.entries) == (True, 7, 3)
    await alter(stage, sa.delete(audit_log).where(audit_log.c.seq == 7))
    assert [(one.seq, one.kind) for one in (await checked(stage)).faults] == [(1, Kind.MISSING)]


async def test_an_export_is_verified_apart_from_the_database(stage: Stage) -> None:
    await something(stage, 5)
    lines = [json.dumps(line).encode() async for line in export(stage.transactions)]

    def report(some: list[bytes], *noted: Head) -> Report:
        return exported.verify_lines(lambda: [exported.read_line(line) for line in some], secret=None, noted=noted)

    assert (report(lines).is_whole, report(lines).entries) == (True, 5)
    assert report(lines[2:]).is_whole
    assert not report([*lines[:1], *lines[2:]]).is_whole
    assert not report([line.replace(b"note 1", b"note 7") for line in lines]).is_whole
    head = report(lines).last
    assert head is not None
    assert not report(lines[:3], head).is_whole
    later = (await entries(stage))[2].told.at
    part = [line async for line in export(stage.transactions, since=later)]
    assert part[0]["previous"] != part[0]["hash"]
    assert exported.verify_lines(
        lambda: [exported.read_line(json.dumps(line).encode()) for line in part], secret=None
    ).is_whole


async def test_entries_are_found_by_who_what_and_when_a_page_at_a_time(stage: Stage) -> None:
    await something(stage, 5)
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    assert len(await entries(stage, actor="U0BOB")) == 1
    assert len(await entries(stage, action="incident.noted", subject="INC-1")) == 4
    now = await stage.now()
    assert await entries(stage, since=now + HOUR) == []
    assert len(await entries(stage, until=now + HOUR)) == 6
    seen, place = [], None
    while page := await stage.read(lambda uow, at=place: uow.audit.found(Wanted(), before=at, limit=2)):
        seen += [one.id for one in page]
        place = Place(page[-1].told.at, page[-1].id)
    assert len(seen) == len(set(seen)) == 6


async def test_tenants_have_chains_of_their_own(stage: Stage) -> None:
    await something(stage, 3)
    other = Stage.on(stage.engines, tenant_id=2)
    assert (await checked(other)).entries == 0
    await sealed(other)
    assert (await checked(other)).entries == 0
    assert await entries(other) == []


async def test_intake_writes_nothing_into_the_log_and_waits_for_nobody_who_seals(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    await something(stage, 3)
    before = len(await stage.all(audit_log))

    async def meanwhile(uow: SqlUnitOfWork) -> None:
        assert await uow.audit.lock_chain(wait=False) is not None
        await seal_next(uow, secret=None, lag=timedelta(seconds=-60))
        await stage.take(firing("other", service="other"), resolved("pod-a"))
        await stage.write(lambda other: actions.add_note(1, text="meanwhile", by=ALICE, uow=other))

    await stage.write(meanwhile)
    assert len(await stage.all(audit_log)) == before + 1
    await sealed(stage)
    assert (await checked(stage)).is_whole
