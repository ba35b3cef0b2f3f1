"""``bongsu rollups rebuild``: count the hourly sums anew, and the figures by day."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry

from bongsu import logging
from bongsu.cli.tenant_option import add_tenant
from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from incidents.policy import Policies
from jobs.daily_figures import DailyFigures
from jobs.rollups import RollupMetrics, Rollups


def add_to(commands: Any) -> None:
    parser = commands.add_parser("rollups", help="look after the hourly sums and the figures by day")
    kinds = parser.add_subparsers(title="what", metavar="rebuild", required=True)
    rebuilding = kinds.add_parser("rebuild", help="count them anew, while Bongsu runs or not")
    rebuilding.add_argument(
        "--since",
        metavar="TIME",
        type=_time,
        help="from the hour (figures: the day) of this time on, e.g. 2026-01-31 or 2026-01-31T09:00Z (UTC where no "
        "zone is given); without it all is counted",
    )
    add_tenant(rebuilding)
    rebuilding.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    settings = read_settings(tenant=given.tenant)
    logging.set_up(settings.log_level)
    hours, days = asyncio.run(_rebuild(settings, given.since))
    sys.stdout.write(f"the rollups were counted anew from {hours:%Y-%m-%d %H:%M} UTC on\n")
    sys.stdout.write(f"the figures by day were counted anew from {days:%Y-%m-%d} on\n")
    return 0


async def _rebuild(settings: Settings, since: datetime | None) -> tuple[datetime, datetime]:
    """The days last: they are made of the hours."""
    async with opened(settings) as transactions:
        hours = await Rollups(transactions, RollupMetrics(CollectorRegistry())).rebuild(since)
        return hours, await DailyFigures(transactions, Policies(settings.policy)).rebuild(since)


def _time(told: str) -> datetime:
    try:
        time = datetime.fromisoformat(told)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{told}' is no time: write 2026-01-31 or 2026-01-31T09:00Z") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
