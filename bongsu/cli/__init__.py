"""The command line: one file per command."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Any

from bongsu import __version__
from incidents.errors import BongsuError
from sandbox.errors import SandboxError

_COMMANDS = (
    "serve", "demo", "migrate", "doctor", "config", "escalation", "webhook", "deliveries", "replay", "send-test-alert",
    "sandbox", "rollups", "retention", "digest", "apikey", "tenant", "openapi", "incidents", "audit", "grafana",
    "import",
)  # fmt: skip
"""Each is a module here. What one needs is loaded when it is named: half a second for a command that needs little."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. What a person did wrong is one line on standard error and exit code 2."""
    parser = argparse.ArgumentParser(
        prog="bongsu", description="Turns Grafana alerts into incidents that a team handles inside Slack."
    )
    parser.add_argument("--version", action="version", version=f"bongsu {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)
    for name in _wanted(sys.argv[1:] if arguments is None else arguments):
        _module(name).add_to(commands)
    given = parser.parse_args(arguments)
    try:
        code: int = given.run(given)
    except (BongsuError, SandboxError) as error:
        sys.stderr.write(f"bongsu: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def _wanted(arguments: Sequence[str]) -> Sequence[str]:
    """The command that is named first; all of them where none is, so that the help and a mistake name each."""
    return [arguments[0]] if arguments and arguments[0] in _COMMANDS else _COMMANDS


def _module(name: str) -> Any:
    word = "_" if iskeyword(name) else ""
    return import_module(f"{__name__}.{name.replace('-', '_')}{word}")
