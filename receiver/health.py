"""Is the process alive, and may it be sent traffic?"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from incidents.errors import BongsuError
from receiver.answers import answer

CHECK_TIMEOUT = timedelta(seconds=5)


class Health:
    """``ready`` names what keeps this process from working, in sentences; an empty list: nothing does.

    ``draining`` is set when the process is about to stop: it is no longer ready, and goes on working.
    """

    def __init__(self, ready: Callable[[], Awaitable[list[str]]], *, timeout: timedelta = CHECK_TIMEOUT) -> None:
        self._ready = ready
        self._timeout = timeout
        self.draining = False

    async def alive(self, _: web.Request) -> web.Response:
        """Asks nobody: a database that is away is no reason to kill the process that holds requests for it."""
        return answer({"status": "alive"})

    async def readiness(self, _: web.Request) -> web.Response:
        problems = ["this process is stopping"] if self.draining else await self.problems()
        if problems:
            return answer({"status": "not ready", "problems": problems}, status=503)
        return answer({"status": "ready"})

    async def problems(self) -> list[str]:
        """What keeps this process from working, in sentences. Never raises what Bongsu can name."""
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                return await self._ready()
        except TimeoutError:
            return [f"the check took longer than {self._timeout.total_seconds():g} s"]
        except BongsuError as error:
            return [str(error)]
