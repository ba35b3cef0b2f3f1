"""The running sandbox: the workspace and everything that moves around it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiohttp import web

from sandbox.calls import Calls
from sandbox.changes import Changes
from sandbox.faults import Faults
from sandbox.ids import Ids
from sandbox.interactions.outbound import Outbound
from sandbox.settings import Settings
from sandbox.socket_mode import Sockets
from sandbox.workspace import Workspace


class Sandbox:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ids = Ids(settings.timing.now)
        self.workspace = Workspace(settings, self.ids)
        self.faults = Faults()
        self.calls = Calls()
        self.changes = Changes()
        self.sockets = Sockets()
        self.outbound = Outbound(settings, self.sockets)
        self.closing = asyncio.Event()
        self._background: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs beside everything until it ends, or until a reset or the end of the sandbox."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def reset(self) -> None:
        """A clean workspace: no faults, no calls, nothing still to come. Connections stay."""
        self._cancel_background()
        self.workspace = Workspace(self.settings, self.ids)
        self.faults.clear()
        self.calls.clear()
        self.changes.notify()

    async def open(self) -> None:
        await self.outbound.open()

    async def hang_up(self) -> None:
        """Ends what would otherwise keep the server from stopping."""
        self.closing.set()
        self._cancel_background()
        self.changes.close()
        await self.sockets.disconnect("link_disabled")

    async def close(self) -> None:
        await self.outbound.close()

    def _cancel_background(self) -> None:
        for task in self._background:
            task.cancel()


SANDBOX = web.AppKey("SANDBOX", Sandbox)
