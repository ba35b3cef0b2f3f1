"""The command line: one file per command."""

import argparse
import sys
from collections.abc import Sequence

from bongsu import __version__
from bongsu.cli import (
    config,
    deliveries,
    demo,
    digest,
    doctor,
    escalation,
    migrate,
    replay,
    retention,
    rollups,
    sandbox,
    send_test_alert,
    serve,
    webhook,
)
from incidents.errors import BongsuError
from sandbox.errors import SandboxError

_COMMANDS = (
    serve, demo, migrate, doctor, config, escalation, webhook, deliveries, replay, send_test_alert, sandbox, rollups,
    retention, digest,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. What a person did wrong is one line on standard error and exit code 2."""
    parser = argparse.ArgumentParser(
        prog="bongsu", description="Turns Grafana alerts into incidents that a team handles inside Slack."
    )
    parser.add_argument("--version", action="version", version=f"bongsu {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)
    for command in _COMMANDS:
        command.add_to(commands)
    given = parser.parse_args(arguments)
    try:
        code: int = given.run(given)
    except (BongsuError, SandboxError) as error:
        sys.stderr.write(f"bongsu: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return code
