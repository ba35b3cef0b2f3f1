"""Receivers on loopback: one that answers what a test has told it, and one that must not be called."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Heard:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """``answers`` are used up, the last one stays. While ``hangs`` is set it answers nobody."""

    port: int = 0
    answers: list[web.Response] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    hangs: bool = False
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def next_answers(self, *statuses: int, **headers: str) -> None:
        self.answers = [
            web.Response(status=one, headers={k.replace("_", "-"): v for k, v in headers.items()}) for one in statuses
        ]

    async def hears(self, count: int) -> None:
        """Until it was called so often."""
        async with asyncio.timeout(20), self.news:
            await self.news.wait_for(lambda: len(self.heard) >= count)

    async def take(self, request: web.Request) -> web.Response:
        heard = Heard(request.method, request.path_qs, request.headers.copy(), await request.read())
        async with self.news:
            self.heard.append(heard)
            self.news.notify_all()
        if self.hangs:
            await self.let_go.wait()
        if not self.answers:
            return web.Response(status=202)
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=told.status, headers=told.headers, body=told.body)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.port = runner.addresses[0][1]
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        await runner.cleanup()


@dataclass
class Trap:
    """Whoever connects is counted."""

    port: int = 0
    connections: int = 0
    sprung: asyncio.Event = field(default_factory=asyncio.Event)

    def caught(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.sprung.set()
        writer.close()

    async def has_seen_nothing(self) -> bool:
        """Connections are counted in their order: when one of ours is, all before it were."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.close()
        async with asyncio.timeout(20):
            await self.sprung.wait()
        return self.connections == 1


@asynccontextmanager
async def trapping() -> AsyncIterator[Trap]:
    trap = Trap()
    server = await asyncio.start_server(trap.caught, "127.0.0.1", 0)
    trap.port = server.sockets[0].getsockname()[1]
    try:
        yield trap
    finally:
        server.close()
