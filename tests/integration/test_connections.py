"""Connections over real sockets, with deadlines short enough to be waited for."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from prometheus_client import CollectorRegistry

from receiver.app import errors_in_json
from receiver.connection import LARGEST_LINE, Connection, introduce
from receiver.doorway import Doorway, Reason
from receiver.metrics import ReceiverMetrics
from receiver.settings import ReceiverSettings

SHORT = timedelta(seconds=0.3)
LONG = timedelta(seconds=60)
GET = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Running:
    """An app that answers at ``/hello``, at ``/slow`` once ``gate`` opens, reads at ``/read``, echoes at ``/ws``."""

    port: int
    registry: CollectorRegistry
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    working: int = 0
    streams: list[Streams] = field(default_factory=list)

    async def dial(self, told: bytes = b"") -> Streams:
        streams = await asyncio.open_connection("127.0.0.1", self.port)
        self.streams.append(streams)
        streams[1].write(told)
        return streams

    def count(self, what: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"bongsu_connections{what}", labels)

    def closed(self, reason: Reason) -> float | None:
        return self.count("_closed_total", reason=reason.value)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():  # noqa: ASYNC110 - nobody calls us when it holds
                await asyncio.sleep(0.005)


Serve = Callable[..., Awaitable[Running]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Call it with settings that differ; deadlines are long unless they are told."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(**changes: Any) -> Running:
            registry = CollectorRegistry()
            told = {"header_timeout": LONG, "body_timeout": LONG, "answer_timeout": LONG, **changes}
            doorway = Doorway(ReceiverSettings(**told), ReceiverMetrics(registry))
            running = Running(0, registry)
            runner = web.AppRunner(_app(running), shutdown_timeout=1)
            await runner.setup()
            server, loop = runner.server, asyncio.get_running_loop()
            assert server is not None
            door = await loop.create_server(lambda: Connection(doorway, server, loop=loop), "127.0.0.1", 0)
            stack.push_async_callback(_end, running, runner, door)
            running.port = door.sockets[0].getsockname()[1]
            return running

        yield start


async def _end(running: Running, runner: web.AppRunner, door: asyncio.Server) -> None:
    running.gate.set()
    for _, writer in running.streams:
        writer.close()
    door.close()
    await runner.cleanup()


def _app(running: Running) -> web.Application:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def slow(_: web.Request) -> web.Response:
        running.working += 1
        await running.gate.wait()
        return web.Response(text="at last")

    async def read(request: web.Request) -> web.Response:
        running.working += 1
        return web.Response(text=str(len(await request.read())))

    async def much(_: web.Request) -> web.Response:
        running.working += 1
        return web.Response(body=b"x" * 20_000_000)

    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            assert message.type is WSMsgType.TEXT
            await socket.send_str(message.data)
        return socket

    app = web.Application(middlewares=[errors_in_json, introduce])
    app.router.add_get("/hello", hello)
    app.router.add_get("/slow", slow)
    app.router.add_get("/much", much)
    app.router.add_post("/read", read)
    app.router.add_get("/ws", echo)
    return app


async def everything(streams: Streams) -> bytes:
    """All that comes until the other side closes."""
    async with asyncio.timeout(10):
        return await streams[0].read()


async def answer(streams: Streams) -> bytes:
    """The next answer's body."""
    async with asyncio.timeout(10):
        head = await streams[0].readuntil(b"\r\n\r\n")
        [size] = [int(line.split(b":")[1]) for line in head.splitlines() if line.startswith(b"Content-Length")]
        return await streams[0].readexactly(size)


async def test_unfinished_headers_are_answered_408_and_closed(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT)
    told = await everything(await running.dial(b"GET /hello HTTP/1.1\r\nHo"))
    assert told.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert told.endswith(b'{"error":"the request did not arrive in time"}')
    assert (running.closed(Reason.HEADER_TIMEOUT), running.count("")) == (1, 0)


async def test_trickling_does_not_put_the_deadline_off(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT)
    _, writer = await running.dial(b"GET /hello HTTP/1.1\r\n")

    def is_closed() -> bool:
        writer.write(b"X: y\r\n")
        return running.closed(Reason.HEADER_TIMEOUT) == 1

    await running.until(is_closed)


async def test_who_says_nothing_is_closed_without_a_word(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT)
    assert await everything(await running.dial()) == b""
    assert running.closed(Reason.HEADER_TIMEOUT) == 1


async def test_the_next_request_of_a_connection_has_the_deadline_of_the_first(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT)
    streams = await running.dial(GET)
    assert await answer(streams) == b"hello"
    streams[1].write(GET[:20])
    assert (await everything(streams)).startswith(b"HTTP/1.1 408 ")


async def test_what_follows_while_a_request_is_handled_has_its_deadline_too(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT)
    streams = await running.dial(GET.replace(b"hello", b"slow"))
    await running.until(lambda: running.working == 1)
    streams[1].write(GET[:20])
    assert await answer(await running.dial(GET)) == b"hello"  # so what was sent before this has arrived, too
    await everything(await running.dial())  # one deadline later
    running.gate.set()
    assert await answer(streams) == b"at last"
    assert (await everything(streams)).startswith(b"HTTP/1.1 408 ")


async def test_an_idle_connection_outlives_the_header_deadline(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT)
    idle = await running.dial(GET)
    assert await answer(idle) == b"hello"
    await everything(await running.dial())  # one deadline later
    await everything(await running.dial())  # and another
    idle[1].write(GET)
    assert await answer(idle) == b"hello"


async def test_a_body_has_its_own_deadline_however_short_the_one_before_was(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT)
    streams = await running.dial(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na")
    await running.until(lambda: running.working == 1)
    await everything(await running.dial())  # one deadline of headers later
    await everything(await running.dial())  # and another
    streams[1].write(b"b")
    assert await answer(streams) == b"2"


async def test_a_request_that_takes_long_to_handle_is_not_slow(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT, body_timeout=SHORT, answer_timeout=SHORT)
    streams = await running.dial(GET.replace(b"hello", b"slow"))
    await everything(await running.dial())
    await everything(await running.dial())
    running.gate.set()
    assert await answer(streams) == b"at last"


async def test_pipelined_requests_are_all_answered(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT, max_connections_per_peer=1)
    post = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    streams = await running.dial((GET + post) * 20)
    assert [await answer(streams) for _ in range(40)] == [b"hello", b"3"] * 20


async def test_the_body_of_a_pipelined_request_is_no_header_of_a_third(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT)
    slow, post = GET.replace(b"hello", b"slow"), b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc"
    streams = await running.dial(slow + post)
    await running.until(lambda: running.working == 1)
    streams[1].write(b"def")
    assert await answer(await running.dial(GET)) == b"hello"
    running.gate.set()
    assert [await answer(streams) for _ in range(2)] == [b"at last", b"6"]
    await everything(await running.dial())
    await everything(await running.dial())
    streams[1].write(GET)
    assert await answer(streams) == b"hello"


async def test_what_its_peer_closes_counts_no_more(serve: Serve) -> None:
    running = await serve()
    kinds = (b"", GET, GET[:20], b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
    for streams in [await running.dial(told) for told in kinds * 5]:
        streams[1].close()
    await running.until(lambda: running.count("") == 0)
    assert sum(running.closed(reason) or 0 for reason in Reason) == 0


async def test_a_body_that_trickles_ends_at_its_deadline_whatever_the_route(
    serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("receiver.connection._BODY_GRACE", timedelta(0))
    running = await serve(body_timeout=SHORT)
    told = await everything(await running.dial(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"))
    assert told.startswith(b"HTTP/1.1 408 ")
    assert running.closed(Reason.BODY_TIMEOUT) == 1
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_who_does_not_read_the_answer_is_closed(serve: Serve) -> None:
    running = await serve(answer_timeout=SHORT)
    _, writer = await running.dial(GET.replace(b"hello", b"much"))
    await running.until(lambda: running.working == 1)
    writer.write(GET)  # one more request buys no time
    await running.until(lambda: running.closed(Reason.ANSWER_TIMEOUT) == 1)
    await running.until(lambda: running.count("") == 0)


async def test_the_longest_idle_makes_room_and_a_request_under_way_does_not(serve: Serve) -> None:
    running = await serve(max_connections_per_peer=3)
    working = await running.dial(GET.replace(b"hello", b"slow"))
    await running.until(lambda: running.working == 1)
    idle = await running.dial(GET)
    assert await answer(idle) == b"hello"
    begun = await running.dial(GET[:20])
    await running.until(lambda: running.count("") == 3)
    newcomer = await running.dial(GET)
    assert await answer(newcomer) == b"hello"
    assert await everything(idle) == b""
    another = await running.dial(GET)
    assert await answer(another) == b"hello"
    told = await everything(begun)
    assert told.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nRetry-After: 5\r\n" in told
    running.gate.set()
    assert await answer(working) == b"at last"
    assert running.closed(Reason.TOO_MANY_FROM_PEER) == 2


async def test_slow_bodies_make_room(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    running = await serve(max_connections_per_peer=3)
    post = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"
    bodies = [await running.dial(post) for _ in range(3)]
    await running.until(lambda: running.working == 3)
    assert await answer(await running.dial(GET)) == b"hello"
    assert (await everything(bodies[0])).startswith(b"HTTP/1.1 503 ")
    bodies[2][1].write(b"x" * 97)
    assert await answer(bodies[2]) == b"100"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_where_everybody_works_a_newcomer_is_told_to_come_again(serve: Serve) -> None:
    running = await serve(max_connections=2)
    for _ in range(2):
        await running.dial(GET.replace(b"hello", b"slow"))
    await running.until(lambda: running.working == 2)
    told = await everything(await running.dial())
    assert told.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nRetry-After: 5\r\n" in told
    assert running.count("_refused_total", reason="too_many") == 1
    running.gate.set()
    for streams in running.streams[:2]:
        assert await answer(streams) == b"at last"
    assert await answer(await running.dial(GET)) == b"hello"


async def test_a_complete_request_is_safe_before_its_handler_runs(serve: Serve) -> None:
    """Everything arrives at once: the idle connection's request, and more newcomers than there is room for."""
    running = await serve(max_connections_per_peer=8)
    for _ in range(20):
        idle = await running.dial(GET)
        assert await answer(idle) == b"hello"
        idle[1].write(GET)
        await asyncio.gather(*(running.dial() for _ in range(32)))
        assert await answer(idle) == b"hello"


async def test_a_websocket_is_neither_slow_nor_idle(serve: Serve) -> None:
    running = await serve(header_timeout=SHORT, body_timeout=SHORT, answer_timeout=SHORT, max_connections_per_peer=2)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{running.port}/ws") as socket,
    ):
        for _ in range(5):
            await everything(await running.dial())
        await asyncio.gather(*(running.dial() for _ in range(20)))
        await socket.send_str("still here")
        assert await socket.receive_str(timeout=5) == "still here"


NO_HTTP: dict[str, tuple[bytes, bytes]] = {
    "TLS": (b"400", bytes.fromhex("16030100a5010000a10303") + bytes(range(150))),
    "NUL": (b"400", b"\0" * 64 + b"\r\n\r\n"),
    "noise": (b"400", os.urandom(300).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n\r\n"),
    "no such version": (b"400", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
    "HTTP/2": (b"400", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "no host": (b"400", b"GET /hello HTTP/1.1\r\n\r\n"),
    "NUL in a header": (b"400", b"GET /hello HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer canary\0\r\n\r\n"),
    "no such port": (b"400", b"GET http://a:99999/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    "two lengths": (b"400", b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    "too many headers": (b"400", b"GET /hello HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
    "long line": (b"431", b"GET /" + b"a" * LARGEST_LINE + b" HTTP/1.1\r\n\r\n"),
    "long header": (b"431", b"GET /hello HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (LARGEST_LINE + 1) + b"\r\n\r\n"),
    "long name": (b"431", b"GET /hello HTTP/1.1\r\nHost: x\r\n" + b"a" * (LARGEST_LINE + 1) + b": x\r\n\r\n"),
    "no chunk": (b"400", b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
}


@pytest.mark.parametrize("kind", NO_HTTP)
async def test_what_is_no_http_is_closed_with_one_short_line(
    serve: Serve, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    running = await serve()
    status, sent = NO_HTTP[kind]
    with caplog.at_level(logging.INFO):
        told = await everything(await running.dial(sent))
    assert told.split(b" ")[1] == status, told
    [record] = caplog.records
    assert (vars(record)["action"], vars(record)["reason"]) == ("connection_closed", "not_http")
    assert record.exc_info is None
    assert len(record.getMessage()) < 100
    assert "canary" not in caplog.text
    assert running.closed(Reason.NOT_HTTP) == 1


async def test_a_broken_chunk_after_a_good_one_is_a_bad_request(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    running = await serve()
    streams = await running.dial(b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    await running.until(lambda: running.working == 1)
    streams[1].write(b"zz\r\n")
    told = await everything(streams)
    assert (told.split(b" ")[1], told.count(b"HTTP/1.")) == (b"400", 1)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_aiohttp_still_counts_requests_as_they_arrive(serve: Serve) -> None:
    """What ``Connection`` reads of aiohttp's own: it must grow with the headers, before any handler runs."""
    made = list[Connection]()

    class Watched(Connection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.append(self)
            super().connection_made(transport)

    runner = web.AppRunner(web.Application(), shutdown_timeout=1)
    await runner.setup()
    server, loop = runner.server, asyncio.get_running_loop()
    assert server is not None
    doorway = Doorway(ReceiverSettings(), ReceiverMetrics(CollectorRegistry()))
    door = await loop.create_server(lambda: Watched(doorway, server, loop=loop), "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*door.sockets[0].getsockname())
    async with asyncio.timeout(5):
        while not made:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)
    [connection] = made
    counts = [connection._requests]
    for chunk in (GET[:10], GET[10:], GET + GET):
        connection.data_received(chunk)
        counts.append(connection._requests)
    assert counts == [0, 0, 1, 3]
    writer.close()
    door.close()
    await runner.cleanup()
