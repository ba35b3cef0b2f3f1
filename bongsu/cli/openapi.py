"""``bongsu openapi``: the OpenAPI document of the REST API, for programs that make clients of it."""

import argparse
import json
import sys
from typing import Any

from receiver.api.openapi import document
from receiver.api.routes import OPERATIONS


def add_to(commands: Any) -> None:
    parser = commands.add_parser("openapi", help="print the OpenAPI 3.1 document of the REST API")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    sys.stdout.write(printed())
    return 0


def printed() -> str:
    """As it stands in ``docs/reference/openapi.json``."""
    return json.dumps(document(OPERATIONS), indent=2, ensure_ascii=False) + "\n"
