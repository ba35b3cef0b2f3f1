"""``bongsu serve``: webhooks, Slack and the clock, in one process."""

import argparse
import asyncio
import os
from typing import Any

from base import failpoints, tracing
from bongsu import logging, server
from bongsu.app import assemble
from bongsu.settings import Settings, read_settings
from bongsu.tracing import build


def add_to(commands: Any) -> None:
    parser = commands.add_parser("serve", help="take webhooks, run the Slack app")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    settings = read_settings()
    logging.set_up(settings.log_level)
    failpoints.arm(settings.failpoints)
    traces = build(os.environ)
    tracing.use(None if traces is None else traces.tracer)
    try:
        asyncio.run(_serve(settings))
    finally:
        if traces is not None:
            traces.stop()
    return 0


async def _serve(settings: Settings) -> None:
    bongsu = await assemble(settings)
    await server.run(bongsu, host=settings.host, port=settings.port)
