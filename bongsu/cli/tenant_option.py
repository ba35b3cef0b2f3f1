"""``--tenant``, as all commands take it that look at one tenant's rows or settings."""

import argparse
from typing import Any

from incidents.errors import InvalidInput
from incidents.tenants.model import DEFAULT_SLUG, checked_slug


def add_tenant(parser: Any, *, default: Any = DEFAULT_SLUG) -> None:
    """``default``: ``argparse.SUPPRESS`` for a part of a command that has it already."""
    parser.add_argument(
        "--tenant",
        type=_slug,
        default=default,
        metavar="NAME",
        help="of which organisation, by its short name (default: default, which is yours where there is one)",
    )


def _slug(told: str) -> str:
    try:
        return checked_slug(told)
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(error.problem) from error
