"""``bongsu apikey``: keys for the REST API and for webhooks."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from base.codec import dumps
from bongsu.cli.since import since
from bongsu.cli.tenant_option import add_tenant
from bongsu.columns import columns
from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from bongsu.why.plain import line, moment
from incidents.access.making import WantedKey, make_key, revoke_named
from incidents.access.model import ApiKey, KeyRole, new_secret
from incidents.errors import InvalidInput
from incidents.model import CLI
from incidents.policy import DEFAULTABLE
from incidents.ports import UnitOfWork

NOTHING = "There is no API key. `bongsu apikey create --name ci --role read` makes one.\n"


def add_to(commands: Any) -> None:
    parser = commands.add_parser("apikey", help="keys for the REST API and for webhooks")
    kinds = parser.add_subparsers(title="what to do", metavar="command", required=True)
    create = kinds.add_parser("create", help="make a key, and print it, last and once")
    create.add_argument("--name", required=True, help="tells it from others, on the timeline and in the audit log")
    create.add_argument("--role", required=True, choices=[role.value for role in KeyRole], help="what it may do")
    create.add_argument("--expires", type=since, metavar="90d", help="after so long (default: never)")
    create.add_argument(
        "--label", nargs="+", action="extend", type=_label, default=[], metavar="cluster=prod",
        help=f"what alerts that come with it have where they and their URL say nothing: {', '.join(DEFAULTABLE)}",
    )  # fmt: skip
    create.set_defaults(run=run_create)
    listing = kinds.add_parser("list", help="all keys, newest first; never the keys themselves")
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    listing.set_defaults(run=run_list)
    revoking = kinds.add_parser("revoke", help="from now on it opens nothing: everywhere within five seconds")
    revoking.add_argument("key", metavar="ID-OR-NAME")
    revoking.set_defaults(run=run_revoke)
    for one in (create, listing, revoking):
        add_tenant(one)


def _label(told: str) -> tuple[str, str]:
    """For argparse."""
    name, equals, value = told.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"'{told}' is no label: write its name and value, such as cluster=prod")
    return name, value


def run_create(given: argparse.Namespace) -> int:
    """Raises InvalidInput, KeyNameTaken, UnknownTenant."""
    secret = new_secret()
    key = asyncio.run(_create(given, secret, read_settings(tenant=given.tenant)))
    until = f"until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "for ever, or until it is revoked"
    sys.stderr.write(f"key {key.id} {key.name!r} ({key.role.value}) is valid {until}; it is shown this once:\n")
    sys.stdout.write(f"{secret}\n")
    return 0


async def _create(given: argparse.Namespace, secret: str, settings: Settings) -> ApiKey:
    if given.expires is not None and given.expires <= timedelta(0):
        raise InvalidInput("--expires", "write how long it is valid, such as 90d")

    async def work(uow: UnitOfWork) -> ApiKey:
        expires_at = uow.now + given.expires if given.expires is not None else None
        wanted = WantedKey(given.name, KeyRole(given.role), expires_at, dict(given.label))
        return await make_key(wanted, secret, by=CLI, uow=uow)

    async with opened(settings) as transactions:
        return await transactions.write(work)


def run_list(given: argparse.Namespace) -> int:
    """Raises UnknownTenant."""
    keys = asyncio.run(_all(read_settings(tenant=given.tenant)))
    sys.stdout.write(
        "".join(f"{dumps(_told(key, given.tenant))}\n" for key in keys) if given.json else _table(keys, given.tenant)
    )
    return 0


async def _all(settings: Settings) -> list[ApiKey]:
    async with opened(settings) as transactions:
        return await transactions.read(lambda uow: uow.api_keys.all())


def run_revoke(given: argparse.Namespace) -> int:
    """Raises KeyNotFound, AlreadyRevoked, UnknownTenant."""
    key = asyncio.run(_revoke(given, read_settings(tenant=given.tenant)))
    sys.stdout.write(f"key {key.id} {key.name!r} is revoked; every process refuses it within five seconds\n")
    return 0


async def _revoke(given: argparse.Namespace, settings: Settings) -> ApiKey:
    async with opened(settings) as transactions:
        return await transactions.write(lambda uow: revoke_named(given.key, by=CLI, uow=uow))


def _told(key: ApiKey, tenant: str) -> dict[str, Any]:
    """Neither the key nor its digest."""
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role.value,
        "tenant": tenant,
        "hint": key.hint,
        "default_labels": dict(key.default_labels),
        "created_at": key.created_at.isoformat(),
        "created_by": key.created_by,
        "last_used_at": key.last_used_at and key.last_used_at.isoformat(),
        "expires_at": key.expires_at and key.expires_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
        "revoked_by": key.revoked_by,
    }


_HEADINGS = ("id", "name", "role", "tenant", "ends in", "created (UTC)", "last used", "expires", "revoked", "labels")


def _table(keys: Sequence[ApiKey], tenant: str) -> str:
    return columns(_HEADINGS, [_row(key, tenant) for key in keys], numbers={0}) if keys else NOTHING


def _row(key: ApiKey, tenant: str) -> tuple[str, ...]:
    times = [moment(at) if at else "never" for at in (key.last_used_at, key.expires_at)]
    revoked = f"{moment(key.revoked_at)} by {line(key.revoked_by or '', 40)}" if key.revoked_at else ""
    labels = " ".join(f"{name}={line(value, 40)}" for name, value in key.default_labels.items())
    own = (str(key.id), line(key.name, 64), key.role.value, tenant, key.hint)
    return (*own, moment(key.created_at), *times, revoked, labels)
