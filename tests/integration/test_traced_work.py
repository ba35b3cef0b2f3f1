"""Whose trace a batch, a transaction, a message and a call to Slack belong to."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer

from base import log_context, tracing
from bot.client import make_client, make_session
from bot.settings import SlackSettings
from db import tables
from incidents import actions
from incidents.errors import Conflict
from incidents.ingest import Ingested
from receiver.commit import Commits
from tests.building import ALICE, firing
from tests.integration.db.conftest import engines, stage  # noqa: F401 - fixtures
from tests.integration.db.stage import Row, Stage
from tests.integration.test_group_commit import Held, commits, told
from tests.traced import id_of, links_of, parent_of, traced


async def test_a_batch_is_a_part_of_the_first_request_that_is_seen_and_linked_with_all(
    stage: Stage,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    held = Held(stage.transactions)
    store = commits(held)

    async def request(number: int) -> Ingested:
        flags = "00" if number == 1 else "01"
        with (
            tracing.span(f"request {number}", parent=f"00-{'ab' * 16}-{number + 1:016x}-{flags}"),
            log_context.bound(request_id=f"r{number}"),
        ):
            return await store.take(told(number), size=100)

    with traced() as seen:
        requests = [asyncio.create_task(request(0))]
        await held.begun.wait()
        requests += [asyncio.create_task(request(number)) for number in (1, 2, 3)]
        await asyncio.sleep(0)
        held.gate.set()
        await asyncio.gather(*requests)
    first, second = [one for one in seen.spans if one.name == "commit a batch"]
    assert (parent_of(first), links_of(first)) == (id_of(seen.one("request 0")), set())
    assert parent_of(second) == id_of(seen.one("request 2"))
    assert second.attributes == {"bongsu.deliveries": 3, "bongsu.alerts": 3}
    assert links_of(second) >= {id_of(seen.one("request 2")), id_of(seen.one("request 3"))}
    assert links_of(seen.one("request 3")) == {id_of(second)}
    assert [parent_of(one) for one in seen.spans if one.name == "transaction"] == [id_of(first), id_of(second)]


async def test_log_lines_of_a_batch_name_its_requests(stage: Stage) -> None:  # noqa: F811
    facts: list[dict[str, object]] = []

    class Listening(Held):
        async def write(self, work: Any, *, patience: Any) -> Any:
            facts.append(dict(log_context.facts()))
            return await super().write(work, patience=patience)

    held = Listening(stage.transactions)
    store = commits(held)
    with log_context.bound(request_id="r0"):
        first = asyncio.create_task(store.take(told(0), size=100))
        await held.begun.wait()
    others = [asyncio.create_task(_take(store, number)) for number in (1, 2)]
    await asyncio.sleep(0)
    held.gate.set()
    await asyncio.gather(first, *others)
    assert facts == [{"request_id": "r0"}, {"request_ids": ["r1", "r2"]}]


async def _take(store: Commits, number: int) -> Ingested:
    with log_context.bound(request_id=f"r{number}"):
        return await store.take(told(number), size=100)


async def test_a_transaction_counts_its_retries_and_reads_of_a_quiet_tick_are_not_told(
    stage: Stage,  # noqa: F811
) -> None:
    tries: list[int] = []

    async def work(_: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise Conflict("others were faster")

    async def nothing(_: Any) -> None:
        """Looks at nothing."""

    with traced() as seen:
        await stage.write(nothing)  # of nothing that is under way
        with tracing.span("tick", is_quiet=True):
            await stage.read(nothing)
            await stage.write(work)
    assert seen.names == ["transaction", "tick"]
    span = seen.one("transaction")
    assert span.attributes == {"db.system.name": stage.engines.dialect, "bongsu.transaction.retries": 2}
    assert [event.attributes for event in span.events] == [{"fault": "collision"}] * 2


async def card(stage: Stage) -> Row:  # noqa: F811
    [row] = [row for row in await stage.all(tables.outbox) if row["kind"] == "card"]
    return row


async def test_a_message_keeps_the_trace_of_the_newest_change_until_it_is_shown(stage: Stage) -> None:  # noqa: F811
    with traced() as seen:
        with tracing.span("alert"):
            await stage.take(firing("pod-a"))
        opened = (await card(stage))["traceparent"]
        with tracing.span("click"):
            await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
        job = await stage.claim()
        assert job is not None
        assert job.traceparent == (await card(stage))["traceparent"] != opened
        with tracing.span("publish", parent=job.traceparent):
            await stage.write(lambda uow: uow.publishing.sent(job, channel_id="C1", ts="1.0", rev=job.rev))
    assert (await card(stage))["traceparent"] is None
    publish = seen.one("publish")
    by_id = {id_of(one): one for one in seen.spans}
    assert parent_of(by_id[parent_of(publish)]) == id_of(seen.one("click"))
    assert seen.one("alert").context.trace_id != publish.context.trace_id


async def test_what_changed_while_it_was_sent_keeps_its_trace(stage: Stage) -> None:  # noqa: F811
    await stage.take(firing("pod-a"))
    job = await stage.claim()
    assert job is not None
    assert job.traceparent is None
    with traced(), tracing.span("click"):
        await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: uow.publishing.sent(job, channel_id="C1", ts="1.0", rev=job.rev))
    assert (await card(stage))["traceparent"] is not None


async def test_without_traces_nothing_of_them_is_written(stage: Stage) -> None:  # noqa: F811
    said: list[str] = []
    sa.event.listen(
        stage.engines.write.sync_engine, "before_cursor_execute", lambda *told: said.append(told[2]), named=False
    )
    await stage.take(firing("pod-a"))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    assert {row["traceparent"] for row in await stage.all(tables.outbox)} == {None}
    assert said
    assert not [one for one in said if "traceparent" in one and not one.startswith("SELECT")]


@pytest.mark.parametrize(
    ("status", "headers", "answer", "attributes"),
    [
        (200, {}, {"ok": True}, {"slack.ok": True}),
        (200, {}, {"ok": False, "error": "channel_not_found"}, {"slack.ok": False, "error.type": "channel_not_found"}),
        (200, {}, {"ok": False, "error": "who <@U0ALICE> is"}, {"slack.ok": False, "error.type": "other"}),
        (
            429,
            {"Retry-After": "30"},
            {"ok": False, "error": "ratelimited"},
            {"slack.ok": False, "error.type": "ratelimited", "slack.retry_after": 30},
        ),
        (502, {}, {}, {"slack.ok": False, "error.type": "502"}),
    ],
)
async def test_a_call_to_slack_tells_its_method_and_what_became_of_it(
    status: int, headers: dict[str, str], answer: dict[str, object], attributes: dict[str, object]
) -> None:
    async def answers(_: web.Request) -> web.Response:
        return web.json_response(answer, status=status, headers=headers)

    app = web.Application()
    app.router.add_post("/api/{method}", answers)
    with traced() as seen:
        async with TestServer(app) as slack, make_session() as session:
            client = make_client(SlackSettings("xoxb-secret", api_url=str(slack.make_url("/api/"))), session)
            with tracing.span("click"):
                await asyncio.gather(client.chat_postMessage(channel="C1", text="secret"), return_exceptions=True)
    span = seen.one("chat.postMessage")
    assert span.attributes is not None
    assert dict(span.attributes).items() >= {
        "slack.method": "chat.postMessage", "server.address": "127.0.0.1", "http.response.status_code": status,
        **attributes,
    }.items()  # fmt: skip
    assert parent_of(span) == id_of(seen.one("click"))
    assert "secret" not in span.to_json()


async def test_a_call_that_nobody_answers_has_failed() -> None:
    with traced() as seen:
        async with make_session() as session:
            client = make_client(SlackSettings("xoxb-test", api_url="http://127.0.0.1:9/api/"), session)
            await asyncio.gather(client.auth_test(), return_exceptions=True)
    assert seen.one("auth.test").attributes is not None
    assert not seen.one("auth.test").status.is_ok
