"""The way in, over a real aiohttp server: first against a store in memory, then against real databases."""

import asyncio
import contextlib
import gzip
import io
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web
from prometheus_client import CollectorRegistry

from db import tables
from db.engine import Engines, connect
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from incidents.access.model import KeyRole, new_secret
from incidents.errors import Unavailable
from incidents.ingest import Ingested
from incidents.model import Delivery, RejectedDelivery
from incidents.policy import Policies, Policy
from incidents.reasons import Reason
from receiver.app import HEALTH, add_routes
from receiver.auth import SIGNATURE_HEADER, signature
from receiver.commit import BatchLimits, Commits
from receiver.health import Health
from receiver.intake import Intake, Store
from receiver.metrics import ReceiverMetrics
from receiver.settings import ReceiverSettings
from tests.integration.known_keys import KnownKeys
from tests.integration.one_store import OneStore
from tests.unit.receiver.bodies import alert, body, fixture, one

TOKEN = "s3same-canary"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
JSON = {**BEARER, "Content-Type": "application/json"}
URL = "/webhooks/grafana"
LONG = timedelta(seconds=60)
SETTINGS = ReceiverSettings(webhook_token=TOKEN, body_timeout=timedelta(seconds=5), max_body_bytes=200_000)


@dataclass
class MemoryStore:
    """A store without a database. While ``away`` it is unreachable; while ``gate`` is clear it waits."""

    taken: list[Delivery] = field(default_factory=list)
    kept: list[RejectedDelivery] = field(default_factory=list)
    away: bool = False
    bug: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def take(self, delivery: Delivery, *, size: int) -> Ingested:
        await self._reach()
        if self.bug is not None:
            raise self.bug
        self.taken.append(delivery)
        reasons = tuple(Reason.OPENED for _ in delivery.alerts)
        same = [n for n, one in enumerate(self.taken, 1) if one.body_sha256 == delivery.body_sha256]
        if len(same) > 1:
            return Ingested(len(self.taken), 0, ("INC-1",), duplicate_of=same[0])
        return Ingested(len(self.taken), len(delivery.alerts), ("INC-1",), reasons, hidden=delivery.hidden)

    async def keep(self, rejected: RejectedDelivery) -> int:
        await self._reach()
        self.kept.append(rejected)
        return 1000 + len(self.kept)

    async def _reach(self) -> None:
        await self.gate.wait()
        if self.away:
            raise Unavailable("connection refused")


@dataclass
class Running:
    """A server that runs, and a client for it."""

    port: int
    app: web.Application
    registry: CollectorRegistry
    session: aiohttp.ClientSession
    commits: list[str] = field(default_factory=list)

    async def send(
        self, data: Any = b"", *, method: str = "POST", path: str = URL, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, Any]:
        """Status, the answer's JSON, and its headers."""
        headers = JSON if headers is None else headers
        async with self.session.request(
            method, f"http://127.0.0.1:{self.port}{path}", data=data, headers=headers, allow_redirects=False
        ) as response:
            return response.status, await response.json(), response.headers

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


Serve = Callable[..., Awaitable[Running]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Call it with a store, and settings that differ, for a server on a port of its own."""
    runners: list[web.AppRunner] = []
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def start(
            store: Store,
            *,
            problems: list[str] | None = None,
            keys: KnownKeys | None = None,
            others: Any = None,
            **changes: Any,
        ) -> Running:
            registry, commits = CollectorRegistry(), list[str]()

            async def ready() -> list[str]:
                return problems or []

            intake = Intake(
                replace(SETTINGS, **changes),
                OneStore(store, others or {}),
                ReceiverMetrics(registry),
                keys=keys or KnownKeys(),
                committed=lambda tenant_id: commits.append(f"woken {tenant_id}"),
            )
            app = web.Application()
            add_routes(app, intake=intake, health=Health(ready), registry=registry)
            runner = web.AppRunner(app, auto_decompress=False, access_log=None, lingering_time=0.1)
            runners.append(runner)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return Running(runner.addresses[0][1], app, registry, session, commits)

        yield start
        for runner in runners:
            await runner.cleanup()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def server(serve: Serve, store: MemoryStore) -> Running:
    return await serve(store)


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for lives in another task
            await asyncio.sleep(0.01)


# What is taken


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("path", [URL, f"{URL}/", f"{URL}?orgId=1"])
async def test_a_webhook_is_answered_with_what_became_of_it(
    server: Running, store: MemoryStore, method: str, path: str
) -> None:
    status, told, _ = await server.send(fixture("firing-two-pods"), method=method, path=path)
    assert (status, told) == (200, {"delivery": 1, "alerts": 2, "incidents": ["INC-1"]})
    assert server.commits == ["woken 1"]
    assert store.taken[0].source == "grafana"


async def test_a_duplicate_names_the_delivery_that_said_the_same(server: Running) -> None:
    await server.send(one())
    _, told, _ = await server.send(one())
    assert told == {"delivery": 2, "alerts": 0, "incidents": ["INC-1"], "duplicate_of": 1}


async def test_a_url_says_what_its_alerts_do_not(server: Running, store: MemoryStore) -> None:
    query = "?cluster=prod-a&phase=%20prod%20&cluster=second&namespace=&token=s3same&severity=P1"
    await server.send(one(), path=f"{URL}{query}")
    await server.send(b"{}", path=f"{URL}{query}")
    told = {"cluster": "prod-a", "phase": "prod", "severity": "P1"}
    assert (store.taken[0].default_labels, store.kept[0].default_labels) == (told, told)


async def test_the_same_body_with_other_defaults_is_another_message(server: Running) -> None:
    answers = [await server.send(one(), path=f"{URL}{query}") for query in ("", "?cluster=a", "?cluster=b", "?x=1")]
    assert ["duplicate_of" in told for _, told, _ in answers] == [False, False, False, True]


async def test_who_sent_it_and_what_was_cut_off_is_handed_on_and_told(server: Running, store: MemoryStore) -> None:
    _, told, _ = await server.send(fixture("mixed-truncated"))
    assert told["hidden"] == 3
    assert server.metric("bongsu_hidden_alerts_total", source="grafana") == 3
    assert (store.taken[0].sender, store.taken[0].hidden) == ("1@grafana.hanbit.example", 3)


async def test_packed_bodies_are_unpacked_and_hashed_as_they_came(server: Running, store: MemoryStore) -> None:
    status, _, _ = await server.send(gzip.compress(one()), headers={**JSON, "Content-Encoding": "gzip"})
    assert status == 200
    assert store.taken[0].headers["Content-Encoding"] == "gzip"


async def test_a_large_body_is_read_without_stopping_the_others(serve: Serve, store: MemoryStore) -> None:
    server = await serve(store, max_body_bytes=5_000_000)
    large = io.BytesIO(body(*[alert(fingerprint=str(n)) for n in range(9000)]))
    status, told, _ = await server.send(large)
    assert (status, told["alerts"]) == (200, 9000)


async def test_no_credential_is_stored_or_logged(
    server: Running, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {"Cookie": TOKEN, "X-Api-Key": TOKEN, "Proxy-Authorization": TOKEN, "X-Custom": TOKEN}
    await server.send(one(), headers={**JSON, **secrets})
    await server.send(b"{", headers={**JSON, **secrets})
    await server.send(b"{", headers={"Authorization": f"Bearer {TOKEN}-wrong"})
    told = [str(vars(record)) for record in caplog.records if record.name.startswith("receiver")]
    assert {"delivery_processed", "delivery_rejected", "delivery_unauthorised"} <= {
        getattr(record, "action", "") for record in caplog.records
    }
    assert TOKEN not in "".join([*told, str(store.taken[0].headers), str(store.kept[0].headers)])


# What is refused: every one of these is answered in JSON, kept with its body, and never a 500

ABYSS = b'{"alerts": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
TEXT_ONLY = fixture("custom-payload")
GZIP = {"Content-Encoding": "gzip"}

REFUSED = {
    "empty": (b"", {}, 400, None),
    "not json": (b"alert!", {}, 400, None),
    "cut off": (one()[:-1], {}, 400, None),
    "not utf-8": (b'{"alerts": "\xff"}', {}, 400, None),
    "nan": (b'{"alerts": [NaN]}', {}, 400, None),
    "null": (b"null", {}, 422, "body"),
    "a list": (b"[]", {}, 422, "body"),
    "no alerts": (b"{}", {}, 422, "alerts"),
    "empty list": (b'{"alerts": []}', {}, 422, "alerts"),
    "text only": (TEXT_ONLY, {}, 422, "alerts"),
    "legacy, pending": (fixture("legacy-pending"), {}, 422, "state"),
    "alertmanager": (body(alert(), version="4").replace(b"alerting/grafana", b"x"), {}, 422, "body"),
    "labels number": (one(labels=7), {}, 422, "alerts[0].labels"),
    "labels list": (one(labels=["a"]), {}, 422, "alerts[0].labels"),
    "no status": (one(status=...), {}, 422, "alerts[0].status"),
    "start in year 1": (one(startsAt="0001-01-01T00:00:00+09:00"), {}, 422, "alerts[0].startsAt"),
    "start in year 9999": (one(startsAt="9999-12-31T23:59:59-09:00"), {}, 422, "alerts[0].startsAt"),
    "no start": (one(startsAt=...), {}, 422, "alerts[0].startsAt"),
    "abyss": (ABYSS, {}, 422, None),
    "bad gzip": (b"\x1f\x8b nonsense", GZIP, 400, None),
    "half a gzip": (gzip.compress(one())[:-4], GZIP, 400, None),
    "gzip bomb": (gzip.compress(bytes(50_000_000)), GZIP, 413, None),
    "brotli": (one(), {"Content-Encoding": "br"}, 415, None),
    "too large": (b" " * 200_001, {}, 413, None),
}


@pytest.mark.parametrize(("data", "headers", "expected", "at"), REFUSED.values(), ids=REFUSED)
async def test_what_can_not_be_taken_is_told_why_and_kept(
    server: Running, store: MemoryStore, data: bytes, headers: dict[str, str], expected: int, at: str | None
) -> None:
    status, told, _ = await server.send(data, headers={**JSON, **headers})
    assert status == expected
    assert told["error"]
    assert told.get("field") == at
    assert told["delivery"] == 1001
    assert store.kept[0].error in told["error"]
    assert store.kept[0].raw_body == (data[:65_536] if expected == 413 else data)
    assert store.taken == []
    status, _, _ = await server.send(one())
    assert status == 200


async def test_odd_but_readable_labels_are_taken(server: Running, store: MemoryStore) -> None:
    odd = {"nul": "a\x00", "surrogate": "\ud800", "level": 2, "gone": None, "long": "x" * 5000}
    many = {f"label_{n}": str(n) for n in range(5000)}
    for labels in (odd, many, None):
        assert (await server.send(one(labels=labels)))[0] == 200
    assert store.taken[0].alerts[0].raw["labels"] == odd


async def test_a_body_over_the_limit_is_refused_without_content_length_too(server: Running, store: MemoryStore) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 10_000

    status, told, _ = await server.send(endless())
    assert (status, told["delivery"]) == (413, 1001)
    assert len(store.kept[0].raw_body) == 65_536


async def test_a_refusal_stands_while_the_database_is_away(server: Running, store: MemoryStore) -> None:
    store.away = True
    status, told, _ = await server.send(b"{}")
    assert (status, told["field"]) == (422, "alerts")
    assert "delivery" not in told


# Who is let in


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer 봉수"}],
)
async def test_without_a_valid_credential_nothing_is_stored(
    server: Running, store: MemoryStore, headers: dict[str, str]
) -> None:
    for data in (one(), b"{"):
        status, told, answered = await server.send(data, headers=headers)
        assert status == 401
        assert "bearer token" in told["error"]
        assert answered["WWW-Authenticate"].startswith("Bearer")
    assert (store.taken, store.kept) == ([], [])


async def test_an_ingest_key_says_whose_alerts_they_are_and_what_they_leave_out(
    serve: Serve, store: MemoryStore
) -> None:
    theirs, keys = MemoryStore(), KnownKeys()
    server = await serve(store, keys=keys, others={2: theirs})
    labels = {"cluster": "prod", "phase": "prod"}
    secret = keys.add(tenant_id=2, name="grafana-prod", default_labels=labels)
    for headers in ({"Authorization": f"Bearer {secret}"}, {"Authorization": aiohttp.encode_basic_auth("g", secret)}):
        assert (await server.send(one(), headers=headers, path=f"{URL}?phase=dev"))[0] == 200
        assert (await server.send(b"{}", headers=headers, path=f"{URL}?phase=dev"))[0] == 422
    told = {"cluster": "prod", "phase": "dev"}
    assert [one.default_labels for one in (*theirs.taken, *theirs.kept)] == [told] * 4
    assert (store.taken, store.kept) == ([], [])
    assert server.commits == ["woken 2"] * 4
    assert server.metric("bongsu_webhooks_let_in_total", way="key") == 4
    await server.send(one())
    assert (len(store.taken), keys.asked) == (1, 4)


async def test_a_key_that_opens_nothing_here_stores_nothing(serve: Serve, store: MemoryStore) -> None:
    keys = KnownKeys()
    server = await serve(store, keys=keys)
    past = datetime.now(UTC) - timedelta(seconds=1)
    for secret, status, why in (
        (keys.add(expires_at=past), 401, "has expired"),
        (keys.add(revoked_at=past), 401, "was revoked"),
        (new_secret(), 401, "unknown API key"),
        (f'"{keys.add()}"', 401, "malformed API key"),
        (keys.add(KeyRole.READ), 403, "the role read"),
    ):
        answered, told, _ = await server.send(b"{", headers={"Authorization": f"Bearer {secret}"})
        assert (answered, why in told["error"], secret in told["error"]) == (status, True, False), why
    valid = keys.add()
    for query in (f"?token={valid}", f"?key={valid}", f"?access_token={valid}"):
        assert (await server.send(one(), path=f"{URL}{query}", headers={"Content-Type": "application/json"}))[0] == 401
    keys.away = True
    status, _, answered_headers = await server.send(one(), headers={"Authorization": f"Bearer {valid}"})
    assert (status, "Retry-After" in answered_headers) == (503, True)
    assert (store.taken, store.kept) == ([], [])
    assert server.metric("bongsu_deliveries_total", source="grafana", status="unauthorised") == 8


async def test_bytes_that_are_no_text_in_a_header_are_just_wrong(server: Running) -> None:
    head = b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\nContent-Length: 0\r\n\r\n"
    assert (await raw(server, head)).startswith(b"HTTP/1.1 401 ")


async def test_a_signature_is_verified_over_the_bytes_as_sent(serve: Serve, store: MemoryStore) -> None:
    server = await serve(store, webhook_token=None, grafana_hmac_secret="hush")
    packed = gzip.compress(one())
    good = {SIGNATURE_HEADER: signature("hush", packed), **GZIP}
    assert (await server.send(packed, headers=good))[0] == 200
    assert (await server.send(packed, headers={**good, SIGNATURE_HEADER: signature("hush", one())}))[0] == 401
    assert len(store.taken) == 1


async def test_a_body_that_is_too_large_to_be_proved_by_its_signature_is_not_kept(
    serve: Serve, store: MemoryStore
) -> None:
    server = await serve(store, grafana_hmac_secret="hush")
    status, told, _ = await server.send(b" " * 200_001, headers={**BEARER, SIGNATURE_HEADER: "0" * 64})
    assert status == 413
    assert "delivery" not in told
    assert store.kept == []


async def test_a_request_without_credential_is_refused_before_its_body_arrives(server: Running) -> None:
    head = b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    assert (await raw(server, head)).startswith(b"HTTP/1.1 401 ")


# Where and how


@pytest.mark.parametrize("path", ["/webhooks/nagios", "/webhooks/Grafana", "/webhooks/%00", "/webhooks/..%2fx"])
async def test_an_unknown_source_is_told_those_that_are_known(server: Running, path: str) -> None:
    status, told, _ = await server.send(one(), path=path)
    assert status == 404
    assert "/webhooks/grafana" in told["error"]


@pytest.mark.parametrize("name", ["alertmanager", "datadog", "newrelic"])
async def test_a_source_that_is_to_come_is_told_so(server: Running, store: MemoryStore, name: str) -> None:
    status, told, _ = await server.send(one(), path=f"/webhooks/{name}")
    assert status == 404
    assert f"/webhooks/{name} is not supported yet" in told["error"]
    assert "/webhooks/grafana" in told["error"]
    assert (store.taken, store.kept) == ([], [])


@pytest.mark.parametrize("path", ["/", "/webhooks", "/webhooks/", "/webhooks/grafana/more", "/webhooks//"])
async def test_other_paths_are_not_found_in_json_and_never_redirected(server: Running, path: str) -> None:
    status, told, _ = await server.send(one(), path=path)
    assert status == 404
    assert told["error"]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_told_which_are_allowed(server: Running, method: str) -> None:
    status, told, headers = await server.send(method=method)
    assert status == 405
    assert method in told["error"]
    assert headers["Allow"] == "POST,PUT"


# When the database, the sender or we ourselves fail


async def test_while_the_database_is_away_the_sender_is_told_when_to_try_again(
    server: Running, store: MemoryStore
) -> None:
    store.away = True
    status, told, headers = await server.send(one())
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "database can't be reached" in told["error"]
    assert server.commits == []


async def test_no_answer_comes_before_the_commit(server: Running, store: MemoryStore) -> None:
    store.gate.clear()
    request = asyncio.create_task(server.send(one()))
    await asyncio.sleep(0.1)
    assert not request.done()
    store.gate.set()
    assert (await request)[0] == 200


async def test_more_than_may_be_held_are_turned_away_at_once(serve: Serve, store: MemoryStore) -> None:
    server = await serve(store, max_held_requests=2)
    store.gate.clear()
    held = [asyncio.create_task(server.send(one(fingerprint=str(n)))) for n in range(2)]
    await eventually(lambda: server.metric("bongsu_held_requests") == 2)
    began = time.monotonic()
    status, _, headers = await server.send(one())
    assert (status, headers["Retry-After"]) == (503, "5")
    assert time.monotonic() - began < 1
    store.gate.set()
    assert [status for status, _, _ in await asyncio.gather(*held)] == [200, 200]
    assert server.metric("bongsu_held_requests") == 0


async def test_more_bytes_than_may_be_held_are_turned_away_at_once(serve: Serve, store: MemoryStore) -> None:
    server = await serve(store, max_held_bytes=100_000)
    store.gate.clear()
    held = asyncio.create_task(server.send(one(annotations={"summary": "x" * 60_000})))
    await eventually(lambda: server.metric("bongsu_held_requests") == 1)
    assert (await server.send(one(annotations={"summary": "y" * 60_000})))[0] == 503
    store.gate.set()
    assert (await held)[0] == 200
    assert (await server.send(one(annotations={"summary": "y" * 60_000})))[0] == 200


async def test_bodies_that_nobody_can_vouch_for_yet_hold_the_room_against_no_alert(
    serve: Serve, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    server = await serve(store, max_held_bytes=100_000, grafana_hmac_secret="hmac-canary", body_timeout=LONG)
    unproven = (
        b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nX-Grafana-Alerting-Signature: "
        + b"0" * 64
        + b"\r\nContent-Length: 60000\r\n\r\n"
        + b" " * 49_990
    )
    hostile = [asyncio.create_task(raw(server, unproven)) for _ in range(4)]
    given_up, _ = await asyncio.wait(hostile, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result()[:13] for task in given_up] == [b"HTTP/1.1 503 "] * len(given_up)
    assert [(await server.send(one(fingerprint=str(number))))[0] for number in range(20)] == [200] * 20
    for task in hostile:
        task.cancel()
    assert not [record for record in caplog.records if record.exc_info]


async def test_what_was_packed_takes_the_room_of_what_was_unpacked(serve: Serve, store: MemoryStore) -> None:
    server = await serve(store, max_held_bytes=50_000)
    packed = gzip.compress(one(annotations={"summary": "x" * 60_000}))
    assert (await server.send(packed, headers={**JSON, **GZIP}))[0] == 503
    assert store.taken == []


async def test_slow_senders_are_cut_off_and_push_out_nobody(serve: Serve, store: MemoryStore) -> None:
    server = await serve(store, max_held_requests=2, body_timeout=timedelta(seconds=0.5))
    slow = [asyncio.create_task(raw(server, START)) for _ in range(50)]
    await asyncio.sleep(0.1)
    assert (await server.send(one()))[0] == 200
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in await asyncio.gather(*slow))
    assert all(rejected.raw_body == b'{"ale' for rejected in store.kept)


async def test_a_sender_that_hangs_up_leaves_no_traceback(
    server: Running, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(START)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()
    await eventually(lambda: server.metric("bongsu_deliveries_total", source="grafana", status="gone") == 1)
    assert not [record for record in caplog.records if record.exc_info]
    assert store.kept == []


async def test_a_broken_chunk_is_refused_by_the_deadline_and_what_came_before_it_is_kept(
    serve: Serve, store: MemoryStore
) -> None:
    """aiohttp's parser stops at it without a word to whoever reads the body."""
    server = await serve(store, body_timeout=timedelta(seconds=0.3))
    head = START.replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked").removesuffix(b'{"ale')
    assert b" 408 " in await raw(server, head + b'5\r\n{"ale\r\n', b"zz\r\nhello\r\n")
    assert [rejected.raw_body for rejected in store.kept] == [b'{"ale']


async def test_our_own_mistake_is_logged_and_the_body_is_kept_for_a_replay(
    server: Running, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.bug = ZeroDivisionError("secret detail")
    status, told, _ = await server.send(one())
    assert status == 500
    assert "secret detail" not in told["error"]
    [record] = [record for record in caplog.records if record.exc_info]
    assert record.__dict__["action"] == "delivery_failed"
    [kept] = store.kept
    assert (told["delivery"], kept.error) == (1001, "ZeroDivisionError in Bongsu: its log has the rest")


# Health and metrics


async def get(server: Running, path: str) -> tuple[int, str]:
    async with server.session.get(f"http://127.0.0.1:{server.port}{path}") as response:
        return response.status, await response.text()


async def test_readiness_names_its_problems_and_liveness_asks_nobody(serve: Serve, store: MemoryStore) -> None:
    server = await serve(store, problems=["the database can't be reached"])
    status, text = await get(server, "/readyz")
    assert (status, json.loads(text)["problems"]) == (503, ["the database can't be reached"])
    assert (await get(server, "/healthz"))[0] == 200


async def test_a_process_that_stops_is_not_ready_but_still_takes_webhooks(server: Running) -> None:
    assert await get(server, "/readyz") == (200, '{"status":"ready"}')
    server.app[HEALTH].draining = True
    assert (await get(server, "/readyz"))[0] == 503
    assert (await server.send(one()))[0] == 200


async def test_everything_is_counted(server: Running) -> None:
    await server.send(one())
    await server.send(one())
    await server.send(b"{")
    await server.send(b"{", headers={})
    await server.send(b"{", path="/webhooks/made-up")
    for status in ("processed", "duplicate", "rejected", "unauthorised"):
        assert server.metric("bongsu_deliveries_total", source="grafana", status=status) == 1
    assert server.metric("bongsu_deliveries_total", source="unknown", status="rejected") == 1
    assert server.metric("bongsu_alerts_total", source="grafana", reason="opened") == 1
    assert server.metric("bongsu_webhook_commit_seconds_count", source="grafana") == 2
    status, text = await get(server, "/metrics")
    assert status == 200
    assert 'bongsu_deliveries_total{source="grafana",status="processed"} 1.0' in text
    assert "_created" not in text


# On real databases


@pytest.fixture
async def engines(migrated_url: str) -> AsyncIterator[Engines]:
    engines = connect(migrated_url)
    yield engines
    await engines.dispose()


@pytest.fixture
async def real(serve: Serve, engines: Engines) -> Running:
    transactions = SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID)
    return await serve(
        Commits(
            transactions,
            Policies(Policy()),
            ReceiverMetrics(CollectorRegistry()),
            patience=timedelta(seconds=5),
            limits=BatchLimits(),
        )
    )


async def rows(engines: Engines, table: sa.Table) -> list[Any]:
    async with engines.read.connect() as connection:
        return list((await connection.execute(sa.select(table).order_by(table.c.id))).mappings())


async def test_what_was_answered_2xx_is_in_the_database(real: Running, engines: Engines) -> None:
    status, told, _ = await real.send(fixture("firing-two-pods"))
    assert status == 200
    [delivery], stored = await rows(engines, tables.deliveries), await rows(engines, tables.alerts)
    assert told == {"delivery": delivery["id"], "alerts": 2, "incidents": ["INC-1"]}
    assert [row["raw_payload"] for row in stored] == json.loads(fixture("firing-two-pods"))["alerts"]


async def test_what_was_refused_can_be_replayed_from_the_database(real: Running, engines: Engines) -> None:
    for data, headers, expected, _ in REFUSED.values():
        status, told, _ = await real.send(data, headers={**JSON, **headers})
        assert status == expected
        row = (await rows(engines, tables.deliveries))[-1]
        assert (row["id"], row["status"]) == (told["delivery"], "rejected")
        assert row["raw_body"] == (data[:65_536] if status == 413 else data)


async def test_two_grafanas_that_name_no_cluster_never_share_an_incident(real: Running, engines: Engines) -> None:
    """Provisioned alike, they send the same fingerprints of the same rules."""
    for url in ("https://a.example/", "https://b.example/", "https://a.example/"):
        await real.send(body(alert(), externalURL=url, orgId=1, state=url))
    assert [row["cluster"] for row in await rows(engines, tables.incidents)] == ["1@a.example", "1@b.example"]
    await real.send(body(alert(status="resolved"), externalURL="https://b.example", orgId=1))
    assert [row["status"] for row in await rows(engines, tables.incidents)] == ["active", "resolved"]


async def test_two_urls_with_a_cluster_each_tell_two_grafanas_apart(real: Running, engines: Engines) -> None:
    for cluster in ("prod-a", "prod-b"):
        await real.send(one(), path=f"{URL}?cluster={cluster}&phase=prod")
    told = [(row["cluster"], row["phase"]) for row in await rows(engines, tables.incidents)]
    assert told == [("prod-a", "prod"), ("prod-b", "prod")]


async def test_the_oddest_readable_body_is_stored_without_loss(real: Running, engines: Engines) -> None:
    odd = {"alertname": "n" * 1000, "nul": "a\x00b", "lone": "\ud800", "\udfff": "key", "emoji": "🔥", "big": 10**40}
    deep: Any = "end"
    for _ in range(27):
        deep = [deep]
    told = alert(labels=odd, fingerprint="f" * 3000, annotations={"summary": "s" * 1_0000}, deep=deep)
    status, _, _ = await real.send(body(told))
    assert status == 200
    assert (await rows(engines, tables.alerts))[0]["raw_payload"] == told


START = (
    b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n"
    b'Content-Length: 1000\r\n\r\n{"ale'
)


async def raw(server: Running, *pieces: bytes) -> bytes:
    """The first line that is answered to these bytes, which need not be a whole request; sent one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.05)
        return await asyncio.wait_for(reader.readline(), 5)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
