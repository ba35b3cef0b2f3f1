"""The sender beside a database and a receiver: what is asked for arrives, once, and what fails is told."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from db import tables
from db.webhook_tables import outgoing_webhooks
from incidents import actions
from incidents.escalation.model import Template, Webhook
from incidents.escalation.webhooks import Action, WebhookHour, WebhookJob
from incidents.model import Event, EventKind
from incidents.policy import Policies, Policy
from jobs.outgoing.call import Outgoing
from jobs.outgoing.deliver import Caller
from jobs.outgoing.loop import Sender
from jobs.outgoing.metrics import WebhookMetrics
from tests.building import ALICE, firing
from tests.integration.db.stage import Stage
from tests.integration.outgoing.receiver import Receiver

MINUTE = timedelta(minutes=1)


class Bench:
    """One process's sender on a database, whose webhook ``pager`` is the receiver."""

    def __init__(self, stage: Stage, receiver: Receiver, **given: Any) -> None:
        self.stage, self.receiver = stage, receiver
        self.webhook = Webhook("pager", receiver.url, secret="s3cret", allow_private=True)
        self.policies = Policies(Policy(webhooks={"pager": self.webhook}))
        self.registry = CollectorRegistry()
        self.metrics = WebhookMetrics(self.registry)
        self.caller = Caller(stage.transactions, self.policies, self.metrics, **given)

    async def page(self, action: Action = Action.TRIGGER) -> None:
        """Of INC-1, which opens if it has not."""
        if not await self.stage.all(tables.incidents):
            await self.stage.take(firing())
        incident = await self.stage.incident()

        async def work(uow: Any) -> None:
            told = Event(uow.now, "system", EventKind.ESCALATED, {"step": 2, "of": 3, "webhooks": ["pager"]})
            [event] = await uow.timeline.add(incident.id, [told])
            await uow.webhooks.add(incident.id, event.id, ["pager"], action)

        await self.stage.write(work)

    async def claim(self) -> WebhookJob | None:
        jobs = await self.stage.write(lambda uow: uow.webhooks.claim(holder="one", most=1))
        return jobs[0] if jobs else None

    async def deliver(self, *, in_seconds: float = 60) -> WebhookJob | None:
        """The next one that is due, if any."""
        job = await self.claim()
        if job is not None:
            await self.caller.deliver(job, deadline=self.caller.clock() + in_seconds)
        return job

    async def now_it_is_due(self) -> None:
        rows = await self.stage.all(outgoing_webhooks)
        await self.stage.rewrite(
            outgoing_webhooks,
            {row["id"]: {"due_at": row["created_at"]} for row in rows if row["due_at"] is not None},
        )

    async def row(self) -> Any:
        [row] = await self.stage.all(outgoing_webhooks)
        return row

    async def notices(self) -> list[str]:
        return [row["subject"] for row in await self.stage.all(tables.outbox) if row["kind"] == "notice"]

    def counted(self, outcome: str) -> float:
        labels = {"webhook": "pager", "outcome": outcome}
        return self.registry.get_sample_value("bongsu_webhook_calls_total", labels) or 0.0

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Sender]:
        sender = Sender(transactions=self.stage.transactions, caller=self.caller, metrics=self.metrics, holder="one")
        sender.start()
        try:
            yield sender
        finally:
            self.receiver.let_go.set()
            await sender.stop()


@pytest.fixture
def bench(stage: Stage, receiver: Receiver) -> Bench:
    return Bench(stage, receiver)


@pytest.fixture
def sqlite_bench(sqlite_stage: Stage, receiver: Receiver) -> Bench:
    return Bench(sqlite_stage, receiver)


async def test_a_page_goes_out_as_the_incident_stands(bench: Bench) -> None:
    await bench.page()
    async with bench.sending() as sender:
        sender.wake()
        await bench.receiver.hears(1)
    row = await bench.row()
    assert (row["due_at"], row["attempts"], row["last_error"]) == (None, 1, None)
    assert row["sent_at"] is not None
    [heard] = bench.receiver.heard
    assert heard.headers["Idempotency-Key"] == row["idempotency_key"]
    assert b'"incident":"INC-1"' in heard.body
    assert b'"step":"2/3"' in heard.body
    assert bench.counted("done") == 1
    await sender.sample()
    assert bench.registry.get_sample_value("bongsu_webhook_depth") == 0


async def test_it_is_tried_again_with_the_same_key_until_it_is_taken(bench: Bench) -> None:
    bench.receiver.next_answers(503, 429, 202)
    await bench.page()
    for _ in range(3):
        await bench.deliver()
        await bench.now_it_is_due()
    assert await bench.deliver() is None
    assert len(bench.receiver.heard) == 3
    assert len({heard.headers["Idempotency-Key"] for heard in bench.receiver.heard}) == 1
    assert (bench.counted("http_503"), bench.counted("http_429"), bench.counted("done")) == (1, 1, 1)
    assert await bench.notices() == []


async def test_who_hangs_is_left_and_called_again(sqlite_stage: Stage, receiver: Receiver) -> None:
    bench = Bench(sqlite_stage, receiver, outgoing=Outgoing(seconds=0.2))
    receiver.hangs = True
    await bench.page()
    await bench.deliver()
    row = await bench.row()
    assert (row["last_error"], row["due_at"] > row["began_at"]) == ("it did not answer within 0.2 s", True)
    receiver.hangs = False
    receiver.let_go.set()
    await bench.now_it_is_due()
    await bench.deliver()
    assert (await bench.row())["sent_at"] is not None
    assert [bench.counted(one) for one in ("timeout", "done")] == [1, 1]


async def test_who_hangs_keeps_no_other_waiting(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.receiver.hangs = True
    for _ in range(4):
        await bench.page()
    other = replace(bench.webhook, name="other", url=bench.receiver.url + "/other")
    bench.policies.current = Policy(webhooks={"pager": bench.webhook, "other": other})
    incident = await bench.stage.incident()
    async with bench.sending() as sender:
        sender.wake()
        await bench.receiver.hears(2)
        await bench.stage.write(lambda uow: uow.webhooks.add(incident.id, 999, ["other"], Action.TRIGGER))
        sender.wake()
        await bench.receiver.hears(3)
        assert [heard.path for heard in bench.receiver.heard] == ["/hook", "/hook", "/hook/other"]


@pytest.mark.parametrize(
    ("answer", "outcome", "why"),
    [
        (401, "http_401", "it answered 401"),
        (302, "refused", "it answered 302 and leads to"),
        (0, "refused", "it leads to"),
    ],
)
async def test_what_can_not_get_through_is_given_up_and_told_to_admins(
    sqlite_bench: Bench, answer: int, outcome: str, why: str
) -> None:
    bench = sqlite_bench
    bench.receiver.next_answers(answer or 200, Location="http://169.254.169.254/")
    if not answer:
        not_allowed = replace(bench.webhook, allow_private=False)
        bench.policies.current = Policy(webhooks={"pager": not_allowed})
    await bench.page()
    job = await bench.deliver()
    assert job is not None
    row = await bench.row()
    assert (row["due_at"], row["sent_at"], row["gave_up_at"] is not None) == (None, None, True)
    assert row["last_error"].startswith(why)
    assert len(bench.receiver.heard) == bool(answer)
    assert await bench.notices() == [WebhookHour.of("pager", job.began_at).subject]
    assert bench.counted(outcome) == 1


async def test_after_five_minutes_admins_hear_once_and_that_it_is_over(bench: Bench) -> None:
    bench.receiver.next_answers(503)
    await bench.page()
    await bench.deliver()
    assert await bench.notices() == []
    row = await bench.row()
    began = row["began_at"] - 6 * MINUTE
    await bench.stage.rewrite(outgoing_webhooks, {row["id"]: {"began_at": began}})
    for _ in range(2):
        await bench.now_it_is_due()
        await bench.deliver()
    assert await bench.notices() == [WebhookHour.of("pager", began).subject]
    [before] = [row for row in await bench.stage.all(tables.outbox) if row["kind"] == "notice"]
    bench.receiver.next_answers(202)
    await bench.now_it_is_due()
    await bench.deliver()
    [after] = [row for row in await bench.stage.all(tables.outbox) if row["kind"] == "notice"]
    assert after["desired_rev"] > before["desired_rev"]


async def test_after_six_hours_it_is_given_up(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.receiver.next_answers(503)
    await bench.page()
    await bench.deliver()
    row = await bench.row()
    await bench.stage.rewrite(outgoing_webhooks, {row["id"]: {"began_at": row["began_at"] - timedelta(hours=6)}})
    await bench.now_it_is_due()
    await bench.deliver()
    assert (await bench.row())["gave_up_at"] is not None


async def resolve(stage: Stage) -> None:
    incident = await stage.incident()
    await stage.write(lambda uow: actions.resolve(incident.id, by=ALICE, uow=uow, note="done"))


async def test_a_page_of_what_is_resolved_meanwhile_is_not_begun(bench: Bench) -> None:
    await bench.page()
    await resolve(bench.stage)
    await bench.page(Action.RESOLVE)
    for _ in range(2):
        await bench.deliver()
    assert bench.receiver.heard == []
    rows = await bench.stage.all(outgoing_webhooks)
    assert [row["last_error"] for row in rows] == ["resolved meanwhile", "the receiver never heard of it"]
    assert bench.counted("dropped") == 2
    assert await bench.notices() == []


async def test_what_was_begun_goes_out_and_so_does_its_end(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.receiver.next_answers(503, 202)
    await bench.page()
    await bench.deliver()
    await resolve(bench.stage)
    await bench.page(Action.RESOLVE)
    await bench.now_it_is_due()
    for _ in range(2):
        await bench.deliver()
    assert [b'"action":"trigger"' in heard.body for heard in bench.receiver.heard] == [True, True, False]


async def test_who_stood_still_past_its_lease_calls_nobody(bench: Bench) -> None:
    await bench.page()
    old = await bench.claim()
    assert old is not None
    await bench.stage.change(outgoing_webhooks, lease_until=old.began_at - MINUTE)
    new = await bench.claim()
    assert new is not None
    await bench.caller.deliver(old, deadline=bench.caller.clock())
    assert bench.receiver.heard == []
    await bench.caller.deliver(new, deadline=bench.caller.clock())
    assert len(bench.receiver.heard) == 1
    assert (await bench.row())["sent_at"] is not None


async def test_who_has_lost_the_fence_stores_nothing(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.receiver.next_answers(401)
    await bench.page()
    old = await bench.claim()
    assert old is not None
    await bench.stage.change(outgoing_webhooks, lease_until=old.began_at - MINUTE)
    await bench.claim()
    before = await bench.row()
    await bench.caller.deliver(old, deadline=bench.caller.clock() + 60)
    assert await bench.row() == before
    assert await bench.notices() == []
    assert "webhook_fence_lost" in [getattr(record, "action", "") for record in caplog.records]


async def test_one_that_the_file_does_not_know_yet_is_waited_for(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    known, bench.policies.current = bench.policies.current, Policy()
    await bench.page()
    await bench.deliver()
    assert (await bench.row())["last_error"] == "bongsu.yaml has no such webhook"
    bench.policies.current = known
    await bench.now_it_is_due()
    await bench.deliver()
    assert len(bench.receiver.heard) == 1


async def test_it_leads_to_the_card(sqlite_stage: Stage, receiver: Receiver) -> None:
    bench = Bench(sqlite_stage, receiver, link_to=lambda channel, ts: f"https://acme.test/{channel}/{ts}")
    await bench.page()
    await bench.stage.change(tables.outbox, ts="1.5", channel_id="C1")
    await bench.deliver()
    assert b'"link":"https://acme.test/C1/1.5"' in receiver.heard[0].body


class FakeApprise:
    """Stands for the library, whose calls go who knows where."""

    told: list[tuple[str, str]]

    def __init__(self, *, knows: bool = True, works: bool = True) -> None:
        self.told, self._knows, self._works = [], knows, works

    def Apprise(self) -> "FakeApprise":  # noqa: N802 - as the library calls it
        return self

    def add(self, url: str) -> bool:
        self.url = url
        return self._knows

    def notify(self, *, title: str, body: str, body_format: str, notify_type: str) -> bool:
        self.told.append((title, body))
        return self._works


@pytest.mark.parametrize(
    ("knows", "works", "why"),
    [
        (True, True, None),
        (True, False, "Apprise could not send it"),
        (False, True, "Apprise does not understand its URL"),
    ],
)
async def test_apprise_takes_pages_and_no_ends(
    sqlite_bench: Bench, monkeypatch: pytest.MonkeyPatch, knows: bool, works: bool, why: str | None
) -> None:
    bench, apprise = sqlite_bench, FakeApprise(knows=knows, works=works)
    monkeypatch.setitem(sys.modules, "apprise", apprise)
    by_apprise = Webhook("pager", "ntfy://topic", Template.APPRISE)
    bench.policies.current = Policy(webhooks={"pager": by_apprise})
    await bench.page()
    await bench.deliver()
    row = await bench.row()
    if why is None:
        assert (apprise.url, len(apprise.told), row["sent_at"] is not None) == ("ntfy://topic", 1, True)
    else:
        assert row["last_error"].startswith(why)
        assert (row["gave_up_at"] is None) is knows


async def test_without_apprise_it_is_said_how_to_get_it(sqlite_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = sqlite_bench
    monkeypatch.setitem(sys.modules, "apprise", None)
    bench.policies.current = Policy(webhooks={"pager": Webhook("pager", "ntfy://topic", Template.APPRISE)})
    await bench.page()
    await bench.deliver()
    assert "pip install 'bongsu[apprise]'" in (await bench.row())["last_error"]
