"""``bongsu retention run``: delete what is older than ``bongsu.yaml`` says, now."""

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry

from base import failpoints
from bongsu import logging
from bongsu.cli.tenant_option import add_tenant
from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from incidents.model import CLI
from incidents.policy import Policies
from jobs.daily_figures import DailyFigures
from jobs.retention import Keeper, RetentionMetrics
from jobs.rollups import RollupMetrics, Rollups


def add_to(commands: Any) -> None:
    parser = commands.add_parser("retention", help="look after what is old")
    kinds = parser.add_subparsers(title="what", metavar="run", required=True)
    running = kinds.add_parser("run", help="delete what is older than bongsu.yaml says, now")
    running.add_argument("--dry-run", action="store_true", help="delete nothing, say how many rows it would be")
    add_tenant(running)
    running.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    settings = read_settings(tenant=given.tenant)
    logging.set_up(settings.log_level)
    failpoints.arm(settings.failpoints)
    if not settings.policy.retention.deletes:
        sys.stdout.write(f"everything is kept: {settings.config.path.name} says nothing under 'retention:'\n")
        return 0
    rows = asyncio.run(_run(settings, dry_run=given.dry_run))
    if rows is None:
        sys.stdout.write("another process is deleting just now: nothing was done\n")
        return 1
    sys.stdout.write(_told(rows, "would be deleted" if given.dry_run else "deleted"))
    return 0


async def _run(settings: Settings, *, dry_run: bool) -> Mapping[str, int] | None:
    async with opened(settings) as transactions:
        registry = CollectorRegistry()
        holder = f"{socket.gethostname()}:{os.getpid()}"
        keeper = Keeper(transactions, Policies(settings.policy), RetentionMetrics(registry), holder=holder, by=CLI)
        if dry_run:
            return await keeper.plan()
        await Rollups(transactions, RollupMetrics(registry)).catch_up(wait=True)
        await DailyFigures(transactions, Policies(settings.policy)).catch_up()
        return await keeper.delete()


def _told(rows: Mapping[str, int], what: str) -> str:
    lines = [f"{table}: {count} {'row' if count == 1 else 'rows'} {what}\n" for table, count in rows.items() if count]
    return "".join(lines) or f"nothing {'is old enough' if what == 'deleted' else 'would be deleted'}\n"
