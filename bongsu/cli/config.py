"""``bongsu config check``: are the settings and ``bongsu.yaml`` right?"""

import argparse
import sys
from typing import Any

from bongsu.settings import read_settings, require_for_serving


def add_to(commands: Any) -> None:
    parser = commands.add_parser("config", help="look at the settings")
    kinds = parser.add_subparsers(title="what", metavar="check", required=True)
    kinds.add_parser("check", help="are the settings and bongsu.yaml right?").set_defaults(run=check)


def check(_: argparse.Namespace) -> int:
    """Raises InvalidInput for the first mistake."""
    settings = read_settings()
    require_for_serving(settings)
    routes = len(settings.policy.routes)
    sys.stdout.write(
        f"the settings are right: incidents go to {settings.policy.default_channel}, "
        f"{routes} {'route leads' if routes == 1 else 'routes lead'} elsewhere\n"
    )
    return 0
