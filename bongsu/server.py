"""Running the application until somebody stops it."""

import asyncio
import contextlib
import gc
import logging
import signal
from typing import cast

from aiohttp import web

from bongsu.app import Bongsu
from bongsu.open_files import connections_that_fit
from incidents.errors import InvalidInput
from receiver.connection import Connection, introduce
from receiver.doorway import Doorway

logger = logging.getLogger(__name__)

_DRAIN_SECONDS = 1.0
"""Between readiness failing and the socket closing: a load balancer needs to notice."""
_BODIES_SECONDS = 5.0
"""For bodies that are still arriving as the socket closes."""
_OPEN_REQUESTS_SECONDS = 22.0
"""Longer than a webhook is held; with the two above less than the 30 s that Kubernetes gives."""


_BACKLOG = 512
"""Connections that the system keeps for us until we take them: a burst beyond it costs its senders a second each.

asyncio takes all of them before the first is counted, so where few may be open, few may be kept."""


_OBJECTS_BETWEEN_COLLECTIONS = 20_000
"""Python's default is 700."""


async def run(bongsu: Bongsu, *, host: str, port: int) -> None:
    """Until SIGINT or SIGTERM; then what was accepted is answered and what is under way is delivered.

    SIGHUP reads ``bongsu.yaml`` again.

    Raises InvalidInput where the port is taken.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, bongsu.read_settings_again)
    bongsu.web.middlewares.append(introduce)
    runner = web.AppRunner(bongsu.web, shutdown_timeout=_OPEN_REQUESTS_SECONDS)
    await runner.setup()
    try:
        door = await _listen(runner, bongsu.doorway, host, port)
        await bongsu.start()
        _spare_the_collector()
        logger.info("listening on http://%s:%s", host, port, extra={"action": "started"})
        await _tell_readiness(bongsu)
        await stop.wait()
        logger.info("stopping: no new work is taken", extra={"action": "stopping"})
        bongsu.health.draining = True
        await asyncio.sleep(_DRAIN_SECONDS)
        door.close()
        await _bodies_arrive(runner, _BODIES_SECONDS)
    finally:
        await runner.cleanup()
        await bongsu.stop()
        logger.info("stopped", extra={"action": "stopped"})


def _spare_the_collector() -> None:
    """What was made at the start stays for good, and a batch of alerts makes thousands of objects that soon go by
    themselves: without this a tenth of intake's time went into looking through both."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


async def _listen(runner: web.AppRunner, doorway: Doorway, host: str, port: int) -> asyncio.Server:
    """Connections are of our own kind, which aiohttp's sites don't offer; ``runner`` ends them as its own."""
    loop, server = asyncio.get_running_loop(), cast("web.Server", runner.server)
    doorway.most = connections_that_fit(doorway.most)
    backlog = min(_BACKLOG, max(1, doorway.most // 4))
    try:
        return await loop.create_server(lambda: Connection(doorway, server, loop=loop), host, port, backlog=backlog)
    except OSError as error:
        why = error.strerror or str(error)
        raise InvalidInput("BONGSU_PORT", f"can't listen on {host}:{port} ({why}): write another port") from error


async def _bodies_arrive(runner: web.AppRunner, seconds: float) -> None:
    """All that are under way, at most so long. aiohttp hears nothing more of them once it shuts down."""
    server = cast("web.Server", runner.server)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            # aiohttp calls nobody when a body is complete
            while any(isinstance(one, Connection) and one.awaits_body for one in server.connections):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def _tell_readiness(bongsu: Bongsu) -> None:
    """A process that can't work yet keeps running and says why: it begins by itself once it can."""
    problems = await bongsu.health.problems()
    bongsu.process.seen(problems)
    for problem in problems:
        logger.error("not ready: %s", problem, extra={"action": "not_ready"})
