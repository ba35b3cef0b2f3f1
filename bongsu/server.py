"""Running the application until somebody stops it."""

import asyncio
import logging
import signal

from aiohttp import web

from bongsu.app import Bongsu
from incidents.errors import InvalidInput

logger = logging.getLogger(__name__)

_DRAIN_SECONDS = 1.0
"""Between readiness failing and the socket closing: a load balancer needs to notice."""
_OPEN_REQUESTS_SECONDS = 25.0
"""Longer than a webhook is held."""


async def run(bongsu: Bongsu, *, host: str, port: int) -> None:
    """Until SIGINT or SIGTERM; then what was accepted is answered and what is under way is delivered.

    Raises InvalidInput where the port is taken.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(bongsu.web, access_log=None, auto_decompress=False, shutdown_timeout=_OPEN_REQUESTS_SECONDS)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        await bongsu.start()
        logger.info("listening on http://%s:%s", host, port, extra={"action": "started"})
        await _tell_readiness(bongsu)
        await stop.wait()
        logger.info("stopping: no new work is taken", extra={"action": "stopping"})
        bongsu.health.draining = True
        await asyncio.sleep(_DRAIN_SECONDS)
    finally:
        await runner.cleanup()
        await bongsu.stop()
        logger.info("stopped", extra={"action": "stopped"})


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        why = error.strerror or str(error)
        raise InvalidInput("BONGSU_PORT", f"can't listen on {host}:{port} ({why}): write another port") from error


async def _tell_readiness(bongsu: Bongsu) -> None:
    """A process that can't work yet keeps running and says why: it begins by itself once it can."""
    for problem in await bongsu.health.problems():
        logger.error("not ready: %s", problem, extra={"action": "not_ready"})
