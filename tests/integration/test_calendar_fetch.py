"""Getting a calendar over HTTP: bounded, and without a word of its address."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from jobs.calendars.fetch import NotFetched, WebFetch
from jobs.calendars.parse import MOST_BYTES
from jobs.outgoing.call import Outgoing

FETCH = WebFetch(Outgoing())
Get = Callable[[str], Awaitable[bytes]]


async def answer(request: web.Request) -> web.StreamResponse:
    match request.path:
        case "/well":
            return web.Response(body=b"BEGIN:VCALENDAR")
        case "/moved":
            return web.Response(status=302, headers={"Location": "/well"})
        case "/huge":
            return web.Response(body=b"x" * (MOST_BYTES + 1))
        case _:
            return web.Response(status=403, text="secret")


@pytest.fixture
async def get() -> AsyncIterator[Get]:
    app = web.Application()
    app.router.add_get("/{way:.*}", answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()

    async def from_server(way: str) -> bytes:
        return await FETCH(str(server.make_url(way)), allow_private=True)

    yield from_server
    await server.close()


async def test_what_is_there_is_fetched(get: Get) -> None:
    assert await get("/well") == b"BEGIN:VCALENDAR"


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("/moved", "its server leads elsewhere: write the address that it leads to"),
        ("/huge", "it has more than 2 MiB"),
        ("/secret", "its server answers HTTP 403"),
    ],
)
async def test_what_is_not_is_told_without_its_address(get: Get, way: str, why: str) -> None:
    with pytest.raises(NotFetched) as refused:
        await get(way)
    assert str(refused.value) == why


async def test_a_server_that_is_not_there_is_told_without_its_address(free_port: Callable[[], int]) -> None:
    with pytest.raises(NotFetched, match=r"^the call broke off") as refused:
        await FETCH(f"http://127.0.0.1:{free_port()}/secret.ics", allow_private=True)
    assert "secret" not in str(refused.value)


async def test_a_private_address_takes_leave() -> None:
    with pytest.raises(NotFetched, match=r"the machine itself"):
        await FETCH("http://127.0.0.1/secret.ics", allow_private=False)
