"""``bongsu migrate``: bring the database's tables up to date."""

import argparse
import asyncio
import sys
from typing import Any

from bongsu import logging
from bongsu.settings import Settings, read_settings
from db.engine import connect
from db.migrate import migrate


def add_to(commands: Any) -> None:
    parser = commands.add_parser("migrate", help="bring the database's tables up to date")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    settings = read_settings()
    logging.set_up(settings.log_level)
    before, after = asyncio.run(_migrate(settings))
    told = "the tables are up to date" if before == after else f"the tables were brought from {before or 'nothing'}"
    sys.stdout.write(f"{told} (revision {after})\n")
    return 0


async def _migrate(settings: Settings) -> tuple[str | None, str]:
    engines = connect(settings.database_url, settings.database_hosts)
    try:
        return await migrate(engines)
    finally:
        await engines.dispose()
