"""``bongsu config check``: is ``bongsu.yaml`` right, are the settings, and which way does an alert go?"""

import argparse
import sys
from itertools import chain
from pathlib import Path
from typing import Any

from bongsu.calendars_told import calendar_notes
from bongsu.cli.tenant_option import add_tenant
from bongsu.config_file import ConfigFile
from bongsu.config_mistakes import InvalidConfig, Mistake
from bongsu.example_alerts import from_file, from_labels
from bongsu.routing_told import routing
from bongsu.settings import config_file, read_settings, require_for_serving
from incidents.escalation.model import DEFAULT
from incidents.policy import Policy

_MARK = "^"


def add_to(commands: Any) -> None:
    parser = commands.add_parser("config", help="look at the settings")
    kinds = parser.add_subparsers(title="what", metavar="check", required=True)
    checking = kinds.add_parser("check", help="are the settings and bongsu.yaml right? Which way does an alert go?")
    example = checking.add_mutually_exclusive_group()
    example.add_argument(
        "--alert", type=Path, metavar="FILE", help="what Grafana sends (JSON), or an alert's labels (YAML or JSON)"
    )
    example.add_argument("--labels", metavar="NAME=VALUE,…", help="such as service=payments,severity=critical")
    add_tenant(checking)
    checking.set_defaults(run=check)


def check(given: argparse.Namespace) -> int:
    """Exit code 1 where ``bongsu.yaml`` has mistakes. Raises InvalidInput for the first mistake in the environment."""
    file = config_file().of(given.tenant)
    try:
        policy = file.policy()
    except InvalidConfig as error:
        sys.stdout.write(_mistakes(file, error))
        return 1
    if given.alert is None and given.labels is None:
        require_for_serving(read_settings(tenant=given.tenant))
        sys.stdout.write(_right(file, policy))
        return 0
    alerts = from_labels(given.labels, policy) if given.alert is None else from_file(given.alert, policy)
    sys.stdout.write("\n".join(routing(one, policy) for one in alerts))
    return 0


def _right(file: ConfigFile, policy: Policy) -> str:
    routes = len(policy.routes)
    what = f"the settings and {file.path} are right" if file.path.exists() else "the settings are right"
    told = (
        f"{what}: incidents go to {policy.default_channel}, "
        f"{routes} {'route leads' if routes == 1 else 'routes lead'} elsewhere\n"
    )
    return told + "".join(f"  ! {note}\n" for note in _notes(policy))


def _notes(policy: Policy) -> list[str]:
    """What is no mistake, and hardly meant so."""
    notes = []
    for place, route in enumerate(policy.routes):
        if not route.fields and place + 1 < len(policy.routes):
            notes.append(f"line {route.line}: this route takes everything, so those below it are never reached")
            break
    for route in policy.routes:
        for name, values in route.match.items():
            notes += [
                f'line {route.line}: {name} is compared with "{value}" as it stands; as an expression it is "/{value}/"'
                for value in sorted(values)
                if ".*" in value or ".+" in value
            ]
    named = {DEFAULT, *chain.from_iterable(route.escalation.values() for route in policy.routes)}
    notes += [
        f"line {one.line}: no route names the escalation policy '{name}', so it pages nobody"
        for name, one in policy.escalations.items()
        if name not in named
    ]
    return [*notes, *calendar_notes(policy.schedules.values())]


def _mistakes(file: ConfigFile, error: InvalidConfig) -> str:
    count, lines = len(error.mistakes), error.text.splitlines()
    told = [f"{file.path} has {count} {'mistake' if count == 1 else 'mistakes'}:\n"]
    return "\n".join([*told, *(_mistake(one, lines) for one in error.mistakes)])


def _mistake(mistake: Mistake, lines: list[str]) -> str:
    """The sentence, and the line of the file with a mark below the place."""
    where = f"  {mistake.where}" if mistake.where else ""
    told = f"  line {mistake.line}, column {mistake.column}{where}\n    {mistake.problem}\n"
    if mistake.line > len(lines):
        return told
    number = f"{mistake.line:>5} | "
    line, column = _window(lines[mistake.line - 1], mistake.column)
    return f"{told}{number}{line}\n{' ' * (len(number) + column - 1)}{_MARK}\n"


_WIDTH = 100


def _window(line: str, column: int) -> tuple[str, int]:
    """As much of a long line as fits, and the column in that. Tabs and what can't be printed are blanks."""
    shown = "".join(char if char.isprintable() else " " for char in line)
    start = max(0, column - _WIDTH // 2) if len(shown) > _WIDTH else 0
    return shown[start : start + _WIDTH], column - start
