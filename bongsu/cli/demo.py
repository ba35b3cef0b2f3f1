"""``bongsu demo``: all of it on this machine, with a sandbox for Slack and a stream of sample alerts."""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from bongsu import logging, server
from bongsu.app import assemble
from bongsu.client.settings import BELOW, KEY, URL
from bongsu.database import opened
from bongsu.demo.stream import stream
from bongsu.settings import Settings, read_settings
from db.engine import connect
from db.migrate import migrate
from incidents.access.making import WantedKey, make_key
from incidents.access.model import ApiKey, KeyRole, new_secret
from incidents.model import CLI
from incidents.ports import UnitOfWork
from sandbox.app import create_app

TOKEN = "demo"  # noqa: S105 - the demo listens on this machine alone
_SIGNING_SECRET = "demo-signing-secret"  # noqa: S105
INTRO = (
    "Alerts arrive as Grafana would send them; each incident is one card that changes in place. You are Alice: at the "
    "top right, become Bob or Carol.\n"
    "Try: Acknowledge · reply in the card's thread and put a 📌 on it · ⋯ → Snooze · ⋯ → More → Merge “Payments are "
    "slow” into “Checkout” · /incident list and /incident stats · ⚡ declares an incident · the app's Home is under "
    "Apps.\n"
    "Leave a card alone for a minute: it calls @oncall, then whoever is on call. /incident escalate calls them now.\n"
    "Your own alert: .venv/bin/bongsu send-test-alert --token demo (--storm 30: thirty at once)"
)
_TRY = """
  There, try to
    acknowledge a card, write into its thread, and put a 📌 on what matters
    snooze one (⋯ → Snooze), and merge two (⋯ → More → Merge)
    type /incident list, /incident stats, /incident help
    declare an incident (⚡), and open the app's Home (Bongsu, under Apps)
    leave a card alone for a minute: it calls @oncall; or call them now with /incident escalate
"""
_API = """\
  The REST API is at {here}{below} (described at {here}/api/docs), with a key of this demo:
    curl -s -H "Authorization: Bearer {key}" {here}{below}/incidents
    {url}={here} {named}={key} .venv/bin/bongsu incidents list

  Its metrics are at {here}/metrics. Dashboards for Grafana, which read MySQL: docs/how-to/dashboards.md
"""
_CONFIG = """\
routes:
  - match: {service: [payments, platform], severity: critical}
    channel: "#incidents"
    mention: ["@oncall"]
schedules:
  payments: {timezone: Asia/Seoul, rotate: daily, handover: "09:00", people: ["<@U0ALICE>", "<@U0BOB>"]}
escalations:
  default:
    steps:
      - {after: 45s, mention: ["@oncall"]}
      - {after: 90s, mention: ["schedule:payments"], broadcast: true, channel: "#general"}
    repeat: 5m
    acknowledge_timeout: 3m
"""


def add_to(commands: Any) -> None:
    parser = commands.add_parser("demo", help="try everything on this machine: SQLite, a sandbox Slack, sample alerts")
    parser.add_argument("--port", type=int, help="default: BONGSU_PORT, else 8080")
    parser.add_argument("--quiet", action="store_true", help="no sample alerts")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="bongsu-demo-") as folder:
        port = str(given.port) if given.port is not None else os.environ.get("BONGSU_PORT") or "8080"
        settings = _settings(port, Path(folder))
        logging.set_up(os.environ.get("BONGSU_LOG_LEVEL", "WARNING"))
        asyncio.run(_demo(settings, quiet=given.quiet))
    return 0


def _settings(port: str, folder: Path) -> Settings:
    """Of the environment only the port counts: the demo must look the same everywhere and touch nothing real."""
    config = folder / "bongsu.yaml"
    config.write_text(_CONFIG, "utf-8")
    return read_settings(
        {
            "BONGSU_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bongsu.db'}",
            "BONGSU_HOST": "127.0.0.1",
            "BONGSU_PORT": port,
            "BONGSU_CONFIG": str(config),
            "BONGSU_WEBHOOK_TOKEN": TOKEN,
            "SLACK_BOT_TOKEN": "xoxb-demo",
            "SLACK_SIGNING_SECRET": _SIGNING_SECRET,
            "BONGSU_SLACK_API_URL": f"http://127.0.0.1:{port}/sandbox/api/",
        }
    )


async def _demo(settings: Settings, *, quiet: bool) -> None:
    await _make_tables(settings)
    key = await _make_key(settings)
    here = f"http://127.0.0.1:{settings.port}"
    bongsu = await assemble(settings)
    workspace = create_app(
        app_url=here, signing_secret=_SIGNING_SECRET, intro=INTRO, public_url=f"{here}/sandbox", pace_posts=True
    )
    bongsu.web.add_subapp("/sandbox", workspace)
    sys.stdout.write(f"\n  Bongsu's demo is at {here}/sandbox\n  Ctrl-C ends it; nothing is kept.\n{_TRY}\n")
    sys.stdout.write(_API.format(here=here, below=BELOW, key=key, url=URL, named=KEY) + "\n")
    sys.stdout.flush()
    async with aiohttp.ClientSession() as session:
        story = asyncio.create_task(_tell(session, here, quiet=quiet))
        try:
            await server.run(bongsu, host=settings.host, port=settings.port)
        finally:
            story.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await story


async def _tell(session: aiohttp.ClientSession, here: str, *, quiet: bool) -> None:
    if not quiet:
        await stream(session, url=f"{here}/webhooks/grafana", token=TOKEN)


async def _make_tables(settings: Settings) -> None:
    engines = connect(settings.database_url, settings.database_hosts)
    try:
        await migrate(engines)
    finally:
        await engines.dispose()


async def _make_key(settings: Settings) -> str:
    """It lasts as long as the demo's database."""
    secret = new_secret()

    async def work(uow: UnitOfWork) -> ApiKey:
        return await make_key(WantedKey("demo", KeyRole.ADMIN), secret, by=CLI, uow=uow)

    async with opened(settings) as transactions:
        await transactions.write(work)
    return secret
