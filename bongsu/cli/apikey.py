"""``bongsu apikey``: keys for the REST API and for webhooks."""

import argparse
import asyncio
import sys
from datetime import timedelta
from typing import Any

from bongsu.cli.since import since
from bongsu.cli.tenant_option import add_tenant
from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from incidents.access.model import LONGEST_NAME, ApiKey, KeyRole, NewKey, digest_of, hint_of, new_secret
from incidents.errors import InvalidInput
from incidents.ports import UnitOfWork

BY = "cli"


def add_to(commands: Any) -> None:
    parser = commands.add_parser("apikey", help="keys for the REST API and for webhooks")
    kinds = parser.add_subparsers(title="what to do", metavar="create", required=True)
    create = kinds.add_parser("create", help="make a key, and print it, last and once")
    create.add_argument("--name", required=True, help="tells it from others, on the timeline and in the audit log")
    create.add_argument("--role", required=True, choices=[role.value for role in KeyRole], help="what it may do")
    add_tenant(create)
    create.add_argument("--expires", type=since, metavar="90d", help="after so long (default: never)")
    create.set_defaults(run=run_create)


def run_create(given: argparse.Namespace) -> int:
    """Raises InvalidInput, KeyNameTaken."""
    secret = new_secret()
    key = asyncio.run(_create(given, secret, read_settings(tenant=given.tenant)))
    until = f"until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "for ever, or until it is revoked"
    sys.stderr.write(f"key {key.id} {key.name!r} ({key.role.value}) is valid {until}; it is shown this once:\n")
    sys.stdout.write(f"{secret}\n")
    return 0


async def _create(given: argparse.Namespace, secret: str, settings: Settings) -> ApiKey:
    name, role, expires = " ".join(given.name.split()), KeyRole(given.role), given.expires
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInput("--name", f"write 1 to {LONGEST_NAME} characters")

    async def work(uow: UnitOfWork) -> ApiKey:
        expires_at = uow.now + _checked(expires) if expires is not None else None
        return await uow.api_keys.add(NewKey(name, role, digest_of(secret), hint_of(secret), expires_at), by=BY)

    async with opened(settings) as transactions:
        return await transactions.write(work)


def _checked(expires: timedelta) -> timedelta:
    if expires <= timedelta(0):
        raise InvalidInput("--expires", "write how long it is valid, such as 90d")
    return expires
