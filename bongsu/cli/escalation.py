"""``bongsu escalation simulate``: whom would an incident page, when, and where?"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from bongsu.cli.tenant_option import add_tenant
from bongsu.config_mistakes import nearest
from bongsu.escalation.future import time_zone
from bongsu.escalation.told import Imagined, future
from bongsu.example_alerts import with_labels
from bongsu.routing_told import traits_of
from bongsu.settings import config_file
from incidents.errors import InvalidInput
from incidents.model import Severity
from incidents.policy import Policy, Traits
from incidents.rules.escalation_policy import policy_for
from incidents.schedules.wall import moment

_PARTS = ("service", "namespace", "cluster", "phase")
_MOST_HOURS = 168
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def add_to(commands: Any) -> None:
    parser = commands.add_parser("escalation", help="whom would an incident page, when, and where?")
    kinds = parser.add_subparsers(title="what", metavar="simulate", required=True)
    simulating = kinds.add_parser("simulate", help="the future of an imaginary incident that nobody takes, as a table")
    simulating.add_argument("--severity", metavar="SEVERITY", help="such as warning (default: critical)")
    for name in _PARTS:
        simulating.add_argument(f"--{name}", default="", metavar="NAME", help=f"the {name} that it is of")
    simulating.add_argument(
        "--label", action="append", default=[], metavar="NAME=VALUE", help="a label of its alert; may be told again"
    )
    simulating.add_argument(
        "--at",
        metavar="TIME",
        help="when it opens (default: now), such as 2026-03-29T01:30, by the clocks of the schedule that is paged",
    )
    simulating.add_argument("--hours", default="4", metavar="HOURS", help="how far to look (default: 4)")
    add_tenant(simulating)
    simulating.set_defaults(run=simulate)


def simulate(given: argparse.Namespace) -> int:
    """Raises InvalidInput."""
    policy, hours = config_file().of(given.tenant).policy(), _hours(given.hours)
    traits = _traits(given, policy)
    route = policy.route_for(traits)
    zone = time_zone(policy, route, policy_for(policy, route, traits.severity))
    since = datetime.now(UTC) if given.at is None else _moment(given.at, zone)
    sys.stdout.write(future(Imagined(policy, traits, route, since, zone), hours=hours))
    return 0


def _traits(given: argparse.Namespace, policy: Policy) -> Traits:
    """Read from its labels as an alert is; what is named besides goes before."""
    labels = _labels(given.label)
    [alert] = with_labels(labels, policy)
    read = traits_of(alert, policy)
    named = {part: getattr(given, part) for part in _PARTS if getattr(given, part)}
    place = replace(read.place, **named)
    severity = _severity(given.severity) if given.severity is not None else read.severity
    unknown = given.severity is None and severity is Severity.UNKNOWN
    return replace(read, place=place, severity=Severity.CRITICAL if unknown else severity)


def _labels(told: Sequence[str]) -> dict[str, str]:
    labels = {}
    for pair in told:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise InvalidInput("--label", f"'{pair}' is no label: write such as --label team=payments")
        labels[name.strip()] = value.strip()
    return labels


def _severity(told: str) -> Severity:
    if told.casefold() not in set(Severity):
        raise InvalidInput("--severity", f"'{told}' is no severity: {nearest(told, Severity)}")
    return Severity(told.casefold())


def _hours(told: str) -> int:
    if not (told.isascii() and told.isdigit() and 1 <= int(told[:9]) <= _MOST_HOURS):
        raise InvalidInput("--hours", f"'{told}' can't be looked so far: write 1 to {_MOST_HOURS}")
    return int(told)


def _moment(told: str, zone: tzinfo) -> datetime:
    """Aware UTC. Without a zone of its own it is read on the clocks of ``zone``."""
    try:
        at = datetime.fromisoformat(told)
    except ValueError as error:
        raise InvalidInput("--at", f"'{told}' is no time: write such as 2026-03-29T01:30") from error
    if not _FIRST_YEAR <= at.year < _LAST_YEAR:
        raise InvalidInput("--at", f"'{told}' is out of range: write a time from {_FIRST_YEAR} to {_LAST_YEAR - 1}")
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    return moment(at.date(), at.time(), zone) if isinstance(zone, ZoneInfo) else at.replace(tzinfo=zone)
