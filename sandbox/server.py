"""Runs the sandbox as a process of its own."""

import asyncio
import os
import signal
import sys

from aiohttp import web

from sandbox.errors import SandboxError

# What is still open when it is told to stop gets this long, in seconds.
STOP_WITHIN = 2.0


async def serve(app: web.Application, *, host: str = "127.0.0.1", port: int = 9000) -> None:
    """Until SIGINT or SIGTERM. Says its URL in one line. Raises SandboxError when the port is taken."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        _say_where(runner, host)
        await stop.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SandboxError(f"cannot listen on {host}:{port} ({reason}): choose another --port") from error


def _say_where(runner: web.AppRunner, host: str) -> None:
    port = runner.addresses[0][1]
    sys.stdout.write(f"sandbox listening on http://{host}:{port}/\n")
    sys.stdout.flush()
