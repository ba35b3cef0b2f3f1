"""``bongsu import``: take over the alerts and incidents that another tool has stored in its database."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prometheus_client import CollectorRegistry

from bongsu import logging
from bongsu.cli.tenant_option import add_tenant
from bongsu.database import opened
from bongsu.environment import Environment
from bongsu.settings import Settings, read_settings
from bongsu.takeover import clash, columns, source
from bongsu.takeover.incidents import Reading
from bongsu.takeover.refusals import Refusals
from bongsu.takeover.run import Count, Run, Theirs, Wanted
from bongsu.takeover.source import Source
from db.engine import parse_url
from incidents.audit.recording import note
from incidents.errors import InvalidInput
from incidents.model import CLI, Resolution
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from jobs.daily_figures import DailyFigures
from jobs.rollups import RollupMetrics, Rollups

FROM = "BONGSU_IMPORT_URL"
_LONGEST_ORIGIN = 64


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "import", help="take over what another tool has stored in tables like grafana_alerts and incidents"
    )
    where = f"its database; with a password in it, rather set {FROM}, or {FROM}_FILE (default: Bongsu's own)"
    parser.add_argument("--from", dest="url", metavar="URL", help=where)
    parser.add_argument("--alerts-table", default=clash.ALERTS, metavar="NAME", help="(default: %(default)s)")
    parser.add_argument("--incidents-table", default=clash.INCIDENTS, metavar="NAME", help="(default: %(default)s)")
    mapped = "their column, or table.column, is ours of that name, or none of ours (THEIRS=); more than once for others"
    parser.add_argument("--map", action="append", default=[], type=_pair, metavar="THEIRS=OURS", help=mapped)
    zone = "in which times are meant that tell no zone, such as UTC or Asia/Seoul"
    parser.add_argument("--timezone", type=_zone, metavar="ZONE", help=zone)
    again = "what their database is called here: the same each time, for by it rows are known that were taken before"
    parser.add_argument("--name", type=_origin, default="prototype", help=f"{again} (default: %(default)s)")
    parser.add_argument("--open", action="store_true", help="incidents that are open, too, which get a card in Slack")
    parser.add_argument("--until", type=_time, metavar="TIME", help="only what began before, e.g. 2026-01-31T09:00Z")
    ended = "how incidents ended of which nobody says that a person closed them (default: %(default)s)"
    parser.add_argument("--resolved-as", choices=("recovered", "manual"), default="recovered", help=ended)
    refused = "where the rows go that can't be taken, and why (default: %(default)s)"
    parser.add_argument(
        "--refused", type=Path, default=Path("bongsu-import-refused.jsonl"), metavar="FILE", help=refused
    )
    parser.add_argument("--dry-run", action="store_true", help="take nothing, say what would be")
    add_tenant(parser)
    parser.set_defaults(run=run)


def _pair(told: str) -> tuple[str, str]:
    theirs, equals, ours = told.partition("=")
    if not (theirs and equals):
        problem = f"'{told}' is not of the form THEIRS=OURS, such as fired=starts_at, or tags= for a column not to use"
        raise argparse.ArgumentTypeError(problem)
    return theirs, ours


def _zone(told: str) -> ZoneInfo:
    try:
        return ZoneInfo(told)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"there is no zone '{told}': write such as UTC or Asia/Seoul") from error


def _origin(told: str) -> str:
    if not 0 < len(told.strip()) <= _LONGEST_ORIGIN:
        raise argparse.ArgumentTypeError(f"it has 1 to {_LONGEST_ORIGIN} characters")
    return told.strip()


def _time(told: str) -> datetime:
    try:
        time = datetime.fromisoformat(told)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{told}' is no time: write such as 2026-01-31T09:00Z") from error
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def run(given: argparse.Namespace) -> int:
    """Exit code 1 where rows were refused or did not come. Raises InvalidInput, Unavailable."""
    settings = read_settings(tenant=given.tenant)
    logging.set_up(settings.log_level)
    return asyncio.run(_import(given, settings))


async def _import(given: argparse.Namespace, settings: Settings) -> int:
    url = given.url or Environment(os.environ).text(FROM, settings.database_url, secret=True)
    refusals = Refusals(given.refused)
    wanted = Wanted(given.name, given.timezone, given.open, given.until, given.dry_run)
    reading = Reading(settings.policy.labels, resolved_as=Resolution(given.resolved_as))
    try:
        async with source.opened(url) as theirs, opened(settings) as ours:
            await ours.read(_nothing, patience=timedelta(0))  # tables that are missing are told of at once
            tables = await _tables(theirs, given, is_sqlite=parse_url(url).get_backend_name() == "sqlite")
            running = Run(theirs, ours, settings.policy, wanted, reading=reading, refusals=refusals, say=_say)
            await _taken(running, tables, theirs, ours, wanted)
            refusals.forget_earlier()
            if not given.dry_run:
                await _recount(ours, settings)
    finally:
        refusals.close()
    return _told(running, refusals, dry_run=given.dry_run)


async def _nothing(_: UnitOfWork) -> None:
    """Beginning a transaction is all that is asked for."""


async def _tables(theirs: Source, given: argparse.Namespace, *, is_sqlite: bool) -> tuple[Theirs | None, Theirs | None]:
    """Of incidents and of alerts; each may be missing. Raises InvalidInput where both are."""
    mapped, found = _once_each(given.map), []
    for name, known in ((given.incidents_table, columns.INCIDENT), (given.alerts_table, columns.ALERT)):
        shape = await clash.found(theirs, name, is_sqlite=is_sqlite)
        found.append(None if shape is None else Theirs.of(shape, known, mapped))
        sys.stdout.write(_columns_told(name, found[-1]))
    if found == [None, None]:
        there = ", ".join(await theirs.tables()) or "none at all"
        problem = f"neither {given.incidents_table} nor {given.alerts_table} is there; its tables: {there}"
        raise InvalidInput("--from", f"{problem}. Name theirs by --incidents-table and --alerts-table")
    _require_known(mapped, [one for one in found if one is not None])
    return found[0], found[1]


def _once_each(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Raises InvalidInput where a column is to be two."""
    mapped = dict[str, str]()
    for their, ours in pairs:
        if mapped.setdefault(their, ours) != ours:
            raise InvalidInput("--map", f"{their!r} is to be both {mapped[their]!r} and {ours!r}: write one of them")
    return mapped


def _require_known(mapped: Iterable[str], tables: Sequence[Theirs]) -> None:
    names = {
        name for one in tables for name in (*one.shape.columns, *(f"{one.shape.name}.{c}" for c in one.shape.columns))
    }
    for their in mapped:
        if their not in names:
            raise InvalidInput("--map", f"no table has a column {their!r}: write one of {', '.join(sorted(names))}")


def _columns_told(name: str, theirs: Theirs | None) -> str:
    if theirs is None:
        return f"{name}: there is no such table\n"
    used = ", ".join(f"{ours}={their}" if ours != their else ours for ours, their in theirs.columns.of.items())
    unused = f"\n  not used: {', '.join(theirs.columns.unused)}" if theirs.columns.unused else ""
    return f"{name}: {used}{unused}\n"


async def _taken(
    running: Run, tables: tuple[Theirs | None, Theirs | None], theirs: Source, ours: Transactions, wanted: Wanted
) -> None:
    """With an entry in the audit log before and after."""
    names = [one.shape.name for one in tables if one is not None]
    begun = {"from": theirs.told, "tables": names, "open": wanted.take_open, "until": wanted.until}
    if not wanted.dry_run:
        await ours.write(partial(_note, "import.begun", wanted.origin, begun))
    await running.take(*tables)
    counts = {"incidents": running.incidents.new, "alerts": running.alerts.new}
    if not wanted.dry_run:
        await ours.write(partial(_note, "import.done", wanted.origin, counts))


async def _note(action: str, origin: str, data: dict[str, Any], uow: UnitOfWork) -> None:
    await note(action, origin, by=CLI, uow=uow, data=data)


async def _recount(ours: Transactions, settings: Settings) -> None:
    """The sums and figures of those days, so that they are right as soon as this is done."""
    earliest = await ours.read(lambda uow: uow.takeover.recount_from(None))
    if earliest is None:
        return
    _say(f"counting the figures anew from {earliest:%Y-%m-%d} on")
    await Rollups(ours, RollupMetrics(CollectorRegistry())).rebuild(earliest)
    await DailyFigures(ours, Policies(settings.policy)).rebuild(earliest)
    await ours.write(lambda uow: uow.takeover.recounted())


def _told(running: Run, refusals: Refusals, *, dry_run: bool) -> int:
    for what, count in (("incidents", running.incidents), ("alerts", running.alerts)):
        sys.stdout.write(f"{what}: {_count_told(count, dry_run=dry_run)}\n")
        for told, rows in count.notes.most_common():
            sys.stdout.write(f"  {told}, {rows} {'row' if rows == 1 else 'rows'}\n")
    if refusals.count:
        sys.stdout.write(f"the rows that were refused, each with its reason: {refusals.path}\n")
    return int(refusals.count > 0 or running.incidents.missed > 0 or running.alerts.missed > 0)


def _count_told(count: Count, *, dry_run: bool) -> str:
    told = [f"{count.new} {'would be taken' if dry_run else 'taken'}"]
    told += [f"{count.known} taken before"] if count.known else []
    told += [f"{count.left_open} open and left (--open takes them)"] if count.left_open else []
    told += [f"{count.later} later than --until"] if count.later else []
    why = ", ".join(f"{field}: {n}" for field, n in count.refused.most_common())
    told += [f"{count.refused.total()} refused ({why})"] if count.refused else []
    told += [f"{count.missed} not seen: deleted meanwhile, or without an order by their id"] if count.missed else []
    return ", ".join(told)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
