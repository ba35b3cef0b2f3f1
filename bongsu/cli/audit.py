"""``bongsu audit``: is the audit log whole, and what does it say?"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from base import codec
from base.durations import parse_duration
from bongsu.cli.tenant_option import add_tenant
from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from incidents.audit.checking import verify
from incidents.audit.erasure import erase
from incidents.audit.exported import read_line, verify_lines
from incidents.audit.exporting import export
from incidents.audit.model import Head
from incidents.audit.person import Person, checked
from incidents.audit.verifying import Report
from incidents.errors import InvalidInput
from incidents.model import CLI
from incidents.policy import Policies
from jobs.audit import AuditMetrics, Sealer

_WHOLE, _BROKEN, _UNPROVED = 0, 1, 2
_NOTHING_FOUND = 1
_PAGE = 1000
_TIMES = "a date, a time such as 2026-01-02T10:00 (UTC, where it names no zone), or how long ago, such as 2h or 7d"


def add_to(commands: Any) -> None:
    parser = commands.add_parser("audit", help="is the audit log whole, and what does it say?")
    kinds = parser.add_subparsers(title="what to do", metavar="command", required=True)
    verifying = kinds.add_parser(
        "verify",
        help="find what was edited, removed, inserted or cut off",
        description="Exit code 0: whole. 1: broken, and it says where. 2: it could not be looked at, or "
        "BONGSU_AUDIT_SECRET is set here and no entry was sealed with one.",
    )
    add_tenant(verifying)
    verifying.add_argument(
        "--head",
        action="append",
        default=[],
        type=_head,
        metavar="SEQ:HASH",
        help="what was noted outside, from the program's log or /metrics; may be told again",
    )
    verifying.add_argument("--file", type=Path, metavar="EXPORT.jsonl", help="an export in place of the database")
    verifying.set_defaults(run=run_verify)
    exporting = kinds.add_parser("export", help="print it as JSON Lines, which can be verified apart")
    add_tenant(exporting)
    exporting.add_argument("--since", type=_time, metavar="TIME", help=f"from the first entry since then: {_TIMES}")
    exporting.add_argument("--until", type=_time, metavar="TIME", help=f"up to the last entry before then: {_TIMES}")
    exporting.set_defaults(run=run_export)
    erasing = kinds.add_parser("erase", help="replace a person's id and name by a pseudonym, everywhere")
    erasing.add_argument("person", metavar="U024BE7LH", help="their Slack user id")
    erasing.add_argument("--reason", required=True, help="stands in the audit log; do not name them in it")
    erasing.add_argument("--name", action="append", default=[], help="how they are called in texts; may be told again")
    erasing.add_argument("--texts", action="store_true", help="what they wrote goes, too: notes, and words on closing")
    add_tenant(erasing)
    erasing.set_defaults(run=run_erase)


def run_verify(given: argparse.Namespace) -> int:
    """Raises InvalidInput, Unavailable."""
    settings = read_settings(tenant=given.tenant)
    if given.file is not None:
        report = _verify_file(given.file, settings, given.head)
    else:
        report = asyncio.run(_verify(settings, given.head))
    sys.stdout.write(told(report))
    if not report.is_whole:
        return _BROKEN
    return _UNPROVED if report.is_unkeyed else _WHOLE


def run_export(given: argparse.Namespace) -> int:
    """Raises InvalidInput, Unavailable."""
    if given.since is not None and given.until is not None and given.since >= given.until:
        raise InvalidInput("--until", "it is not after --since")
    asyncio.run(_export(read_settings(tenant=given.tenant), given))
    return 0


def run_erase(given: argparse.Namespace) -> int:
    """Exit code 1: they are nowhere. Raises InvalidInput, StillInCharge, StillAsking, Unavailable."""
    person = checked(given.person, given.name, texts=given.texts)
    rows = asyncio.run(_erase(read_settings(tenant=given.tenant), person, given.reason))
    if not rows:
        sys.stdout.write(f"nothing was found of {person.id}\n")
        return _NOTHING_FOUND
    for table, count in rows.items():
        sys.stdout.write(f"{table}: {count} {'row' if count == 1 else 'rows'}\n")
    sys.stdout.write(f"{person.id} is {person.pseudonym} now; what stands in Slack stays there\n")
    return 0


def told(report: Report) -> str:
    """For a terminal."""
    lines = [f"{one}\n" for one in report.faults]
    if report.faults:
        lines.insert(0, f"the audit log is broken, first at entry {report.faults[0].seq}\n")
    elif report.last is None:
        lines.append("the audit log is whole: it is empty\n")
    else:
        lines.append(f"the audit log is whole: entries {report.first} to {report.last.seq}\n")
    if report.is_unkeyed:
        lines.append(
            "no entry was sealed with a secret, so yours proves nothing: does the server have BONGSU_AUDIT_SECRET?\n"
        )
    if report.erased:
        lines.append(f"in {report.erased} of them a person was erased, as later entries say\n")
    if report.unsealed:
        lines.append(f"{report.unsealed} younger ones wait to be sealed: nothing is proved of them yet\n")
    if report.is_keyed:
        lines.append("hashes made with a secret were not checked: set BONGSU_AUDIT_SECRET\n")
    if report.head_not_kept:
        lines.append("an entry of --head was deleted because of its age: nothing can be said of it\n")
    if report.last is not None:
        lines.append(f"head {report.last}\n")
    return "".join(lines)


async def _verify(settings: Settings, noted: Sequence[Head]) -> Report:
    async with opened(settings) as transactions:
        return await verify(transactions, secret=settings.audit_secret, noted=noted)


async def _erase(settings: Settings, person: Person, reason: str) -> Mapping[str, int]:
    secret = settings.audit_secret
    async with opened(settings) as transactions:
        sealer = Sealer(transactions, Policies(settings.policy), AuditMetrics(CollectorRegistry()), secret=secret)
        seal = partial(sealer.catch_up, wait=True)
        return await erase(person, by=CLI, reason=reason, transactions=transactions, seal=seal, secret=secret)


async def _export(settings: Settings, given: argparse.Namespace) -> None:
    async with opened(settings) as transactions:
        async for line in export(transactions, since=given.since, until=given.until):
            sys.stdout.write(f"{codec.dumps(line)}\n")
    sys.stdout.flush()


def _verify_file(path: Path, settings: Settings, noted: Sequence[Head]) -> Report:
    """Read twice: what a line says may be explained by a later one. Raises InvalidInput."""
    return verify_lines(lambda: _lines(path), secret=settings.audit_secret, noted=noted)


def _lines(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield read_line(line)
                except ValueError as error:
                    raise InvalidInput("--file", f"line {number} of {path} is no line of an export: {error}") from error
    except OSError as error:
        raise InvalidInput("--file", f"{path} can't be read ({error.strerror}): write another path") from error


def _head(text: str) -> Head:
    seq, _, digest = text.partition(":")
    is_hash = len(digest) == 64 and set(digest) <= set("0123456789abcdef")
    if not seq.isdigit() or int(seq) < 1 or not is_hash:
        raise argparse.ArgumentTypeError(f"'{text}' is no head: write SEQ:HASH, as `bongsu audit verify` prints it")
    return Head(int(seq), digest)


def _time(text: str) -> datetime:
    """A time, or how long ago."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return datetime.now(UTC) - _ago(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _ago(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no time: write {_TIMES}") from error
