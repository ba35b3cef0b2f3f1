"""Each request has an id that its answer and its log lines carry, and a span by the name of its route."""

from collections.abc import AsyncIterator
from uuid import RFC_4122, UUID

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from base import log_context
from receiver.request_ids import OURS, known_by_id
from tests.traced import parent_of, traced

SPAN = "00f067aa0ba902b7"
TRACEPARENT = f"00-4bf92f3577b34da6a3ce929d0e0e4736-{SPAN}-01"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Answers what lines of the log would say, and our own id."""

    async def told(request: web.Request) -> web.Response:
        log_context.bind(delivery=1)
        return web.json_response({**log_context.facts(), "ours": request[OURS]})

    async def broken(request: web.Request) -> web.Response:
        return web.json_response({}, status=503)

    async def refused(_: web.Request) -> web.Response:
        raise web.HTTPConflict

    app = web.Application(middlewares=[known_by_id])
    app.router.add_post("/webhooks/{source}", told)
    app.router.add_get("/healthz", told)
    app.router.add_get("/broken", broken)
    app.router.add_get("/refused", refused)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.mark.parametrize("sent", ["a", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "Root=1-67891233-abcdef", "x" * 128])
async def test_whoever_sends_an_id_finds_it_again(url: str, sent: str) -> None:
    async with ClientSession() as http, http.post(f"{url}/webhooks/a", headers={"X-Request-Id": sent}) as answer:
        told = await answer.json()
        assert (answer.headers["X-Request-Id"], told["request_id"], told["delivery"]) == (sent, sent, 1)
        assert told["ours"] != sent


@pytest.mark.parametrize("sent", ["", " ", "x" * 129, "a b", '{"level":"error"}', "é", "a,b"])
async def test_what_is_no_id_is_not_repeated(url: str, sent: str) -> None:
    async with ClientSession() as http, http.post(f"{url}/webhooks/a", headers={"X-Request-Id": sent}) as answer:
        told = await answer.json()
        assert answer.headers["X-Request-Id"] == told["request_id"] == told["ours"] != sent


async def test_ours_is_the_hex_of_a_random_uuid(url: str) -> None:
    async with ClientSession() as http, http.post(f"{url}/webhooks/a") as answer:
        ours = (await answer.json())["ours"]
    assert (UUID(ours).hex, UUID(ours).version, UUID(ours).variant) == (ours, 4, RFC_4122)


async def test_two_requests_of_the_same_id_are_two_to_us(url: str) -> None:
    """Else a sender with one id for all would lose what it sends."""
    ours = set()
    async with ClientSession() as http:
        for _ in range(2):
            async with http.post(f"{url}/webhooks/a", headers={"X-Request-Id": "same"}) as answer:
                ours.add((await answer.json())["ours"])
    assert len(ours) == 2


@pytest.mark.parametrize("path", ["/nothing-here", "/refused", "/broken"])
async def test_whatever_is_answered_has_an_id(url: str, path: str) -> None:
    async with ClientSession() as http, http.get(url + path, headers={"X-Request-Id": "mine"}) as answer:
        assert answer.headers["X-Request-Id"] == "mine"


@pytest.mark.parametrize(
    ("method", "path", "name", "status", "failed"),
    [
        ("POST", "/webhooks/a-secret?token=b", "POST /webhooks/{source}", 200, False),
        ("GET", "/refused", "GET /refused", 409, False),
        ("GET", "/broken", "GET /broken", 503, True),
        ("GET", "/nothing-here", "GET", 404, False),
        ("PROPFIND", "/broken", "HTTP", 405, False),
    ],
)
async def test_a_request_is_a_span_by_its_route(
    url: str, method: str, path: str, name: str, status: int, failed: bool
) -> None:
    with traced() as seen:
        async with ClientSession() as http, http.request(method, url + path, headers={"traceparent": TRACEPARENT}):
            pass
        span = seen.one(name)
    assert span.attributes is not None
    assert (span.attributes["http.response.status_code"], span.status.is_ok) == (status, not failed)
    assert parent_of(span) == SPAN
    assert "secret" not in span.to_json()


async def test_probes_are_not_traced(url: str) -> None:
    with traced() as seen:
        async with ClientSession() as http, http.get(f"{url}/healthz") as answer:
            assert answer.status == 200
    assert seen.names == []
