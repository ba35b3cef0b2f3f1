"""Erasing a person: nothing names them any more, and the chain is whole."""

import re
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from db import tables
from db.approval_tables import approvals
from db.audit_tables import audit_log
from db.queries.erasure import WHERE
from db.search_tables import incident_words
from db.tables import metadata
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.actions import thread_notes
from incidents.approvals.deciding import approve
from incidents.approvals.model import ApprovalRule, Wanted
from incidents.audit.erasure import erase
from incidents.audit.model import ERASED
from incidents.audit.person import Person, StillAsking, StillInCharge, checked
from incidents.audit.verifying import Kind
from incidents.errors import InvalidInput
from incidents.maintenance.model import Scope
from incidents.maintenance.plan import Plan, plan
from incidents.model import CLI, Actor, Severity
from incidents.policy import Policy
from incidents.threads import Spoken
from tests.building import BOB, firing
from tests.integration.db.stage import Stage
from tests.integration.db.test_audit import WEEK, alter, sealed
from tests.integration.db.test_audit import checked as verified

MALLORY = Actor("slack", "U0MALLORY", origin="api 203.0.113.7")
NOT_PEOPLE = {("outbox", "lease_holder"), ("leases", "holder"), ("outgoing_webhooks", "lease_holder")}
OF_PEOPLE = re.compile(r".*_by|actor|author|assignee|person|user_id")
NO_PEOPLE = {"confirm_by", "expected_by", "grouped_by"}
ELSEWHERE = {("app_homes", "user_id"), ("audit_log", "actor"), ("slack_installations", "user_id")}
"""Their homes are deleted; the audit log has a way of its own. Who has connected a workspace is in Bolt's own store."""


async def lives(stage: Stage) -> None:
    """Somebody leaves traces everywhere."""
    await stage.take(firing())

    async def work(uow: SqlUnitOfWork) -> None:
        await actions.acknowledge(1, by=MALLORY, uow=uow)
        await actions.add_note(1, text="ask <@U0MALLORY|mal> or Mal Lory, not U0MALLORY2", by=BOB, uow=uow)
        await actions.resolve(1, by=MALLORY, uow=uow, note="by me, Mal Lory")

    await stage.write(work)
    said = Spoken("C0INCIDENTS", "1700000000.000100", "U0MALLORY", "I am Mal Lory")
    await stage.write(lambda uow: thread_notes.note_reply(1, said, uow=uow))
    await stage.write(
        lambda uow: actions.take_over(
            WEEK, person="U0MALLORY", start=None, end=uow.now + timedelta(hours=1), by=MALLORY, uow=uow
        )
    )
    await stage.write(
        lambda uow: plan(
            Plan("t", Scope(service=("db",)), None, uow.now + timedelta(hours=1), ZoneInfo("UTC"), "C"),
            by=MALLORY,
            uow=uow,
        )
    )


async def everything(stage: Stage) -> str:
    rows = [row for table in metadata.sorted_tables for row in await stage.all(table)]
    return "\n".join(str(dict(row)) for row in rows)


async def gone(stage: Stage, person: Person) -> dict[str, int]:
    async def seal() -> None:
        await sealed(stage)

    rows = await erase(person, by=CLI, reason="they asked", transactions=stage.transactions, seal=seal, secret=None)
    return dict(rows)


async def test_nothing_names_them_any_more_and_the_chain_is_whole(stage: Stage) -> None:
    await lives(stage)
    await sealed(stage)
    before = await verified(stage)
    person = checked("U0MALLORY", ["Mal Lory"], texts=False)
    rows = await gone(stage, person)
    assert rows.keys() >= {"incidents", "incident_events", "incident_episodes", "told_messages", "schedule_overrides"}
    told = await everything(stage)
    assert "Mal Lory" not in told
    assert re.findall(r"U0MALLORY\w*", told) == ["U0MALLORY2"] * told.count("U0MALLORY2")
    assert "203.0.113.7" not in told
    assert f"ask {person.pseudonym} or {person.pseudonym}, not U0MALLORY2" in told
    report = await verified(stage, *([before.last] if before.last else []))
    assert (report.is_whole, report.erased) == (True, rows["audit_log"])
    assert (await stage.incident()).resolved_by == person.pseudonym
    again = await gone(stage, Person("U0BOB", texts=True))
    assert again["incident_events"] == 1
    assert "[erased]" in await everything(stage)
    assert (await verified(stage)).is_whole


async def test_a_name_in_a_title_is_not_found_any_more(stage: Stage) -> None:
    told = actions.Declaration("t", "Call Mallory Quux", Severity.INFO)
    await stage.write(lambda uow: actions.declare(told, by=BOB, uow=uow, policy=stage.policy))
    await stage.write(lambda uow: uow.search_words.follow(limit=10))
    await gone(stage, checked("U0MALLORY", ["Quux"], texts=False))
    words = [row["word"] for row in await stage.all(incident_words)]
    assert ("call" in words, "quux" in words) == (True, False)


async def test_an_edit_is_no_erasure_however_it_is_dressed_up(stage: Stage) -> None:
    await lives(stage)
    await sealed(stage)
    person = checked("U0MALLORY", [], texts=False)
    await gone(stage, person)
    seq = sa.select(audit_log.c.seq).where(audit_log.c.actor == person.pseudonym, audit_log.c.seq.is_not(None))
    [first, *_] = [row["seq"] for row in await stage.rows(seq.order_by(audit_log.c.seq))]
    await alter(stage, sa.update(audit_log).where(audit_log.c.seq == first).values(actor="U0BOB"))
    assert [(one.seq, one.kind) for one in (await verified(stage)).faults] == [(first, Kind.WORDS)]
    await alter(stage, sa.update(audit_log).where(audit_log.c.seq == first).values(actor=person.pseudonym))
    assert (await verified(stage)).is_whole
    says = sa.update(audit_log).where(audit_log.c.action == ERASED)
    await alter(stage, says.values(after={"entries": []}))
    assert not (await verified(stage)).is_whole


async def test_who_has_open_incidents_is_not_erased_and_mistakes_are_told(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=MALLORY, uow=uow))
    with pytest.raises(StillInCharge, match="INC-1"):
        await gone(stage, Person("U0MALLORY"))
    for person, names in (("mallory", []), ("U0MALLORY", ["Al"])):
        with pytest.raises(InvalidInput):
            checked(person, names, texts=False)


async def test_approvals_name_nobody_who_is_gone_and_who_waits_for_one_is_not_erased(stage: Stage) -> None:
    stage = Stage.on(stage.engines, policy=Policy(approvals=(ApprovalRule(frozenset(Wanted)),)))
    for number, (asks, agrees) in enumerate([(MALLORY, BOB), (BOB, MALLORY)], start=1):
        await stage.take(firing(f"pod-{number}", service=f"s{number}"))
        ask = partial(actions.resolve, number, by=asks, note="mine, Mal Lory")
        await stage.write(lambda uow, ask=ask: ask(uow=uow))
        if asks is MALLORY:
            before = await everything(stage)
            with pytest.raises(StillAsking, match="INC-1"):
                await gone(stage, Person("U0MALLORY"))
            assert await everything(stage) == before
        await stage.write(lambda uow, one=number, by=agrees: approve(one, by=by, uow=uow))
    person = checked("U0MALLORY", ["Mal Lory"], texts=False)
    assert (await gone(stage, person))["approvals"] == 2
    [first, second] = await stage.all(approvals)
    assert (first["asked_by"], first["words"]) == (person.pseudonym, f"mine, {person.pseudonym}")
    assert (second["decided_by"], (await stage.incident(2)).approved_by) == (person.pseudonym, person.pseudonym)
    told = await everything(stage)
    assert ("U0MALLORY" in told, "Mal Lory" in told) == (False, False)
    assert (await verified(stage)).is_whole


def test_every_column_with_people_is_known() -> None:
    """Whoever adds one names it in db.queries.erasure."""
    known = {(one.table.name, name) for one in WHERE for name in one.people} | ELSEWHERE | NOT_PEOPLE
    found = {
        (table.name, column.name)
        for table in tables.metadata.sorted_tables
        for column in table.c
        if OF_PEOPLE.fullmatch(column.name)
    }
    assert not {one for one in found - known if one[1] not in NO_PEOPLE}
