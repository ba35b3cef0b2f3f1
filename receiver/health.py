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

    ``warnings`` names what people should know though it works on: no reason to send its traffic elsewhere.
    ``draining`` is set when the process is about to stop: it is no longer ready, and goes on working.
    """

    def __init__(
        self,
        ready: Callable[[], Awaitable[list[str]]],
        *,
        warnings: Callable[[], Awaitable[list[str]]] | None = None,
        timeout: timedelta = CHECK_TIMEOUT,
    ) -> None:
        self._ready = ready
        self._warnings = warnings
        self._timeout = timeout
        self.draining = False

    async def alive(self, _: web.Request) -> web.Response:
        """Asks nobody: a database that is away is no reason to kill the process that holds requests for it."""
        return answer({"status": "alive"})

    async def readiness(self, _: web.Request) -> web.Response:
        problems = ["this process is stopping"] if self.draining else await self.problems()
        if problems:
            return answer({"status": "not ready", "problems": problems}, status=503)
        warnings = await self._asked(self._warnings) if self._warnings else []
        return answer({"status": "ready", **({"warnings": warnings} if warnings else {})})

    async def problems(self) -> list[str]:
        """What keeps this process from working, in sentences. Never raises what Bongsu can name."""
        return await self._asked(self._ready)

    async def _asked(self, look: Callable[[], Awaitable[list[str]]]) -> list[str]:
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                return await look()
        except TimeoutError:
            return [f"the check took longer than {self._timeout.total_seconds():g} s"]
        except BongsuError as error:
            return [str(error)]
