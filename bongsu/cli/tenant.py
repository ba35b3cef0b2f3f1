"""``bongsu tenant``: organisations that share one Bongsu and see nothing of each other."""

import argparse
import asyncio
import sys
from typing import Any

from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from incidents.tenants.model import DEFAULT_SLUG, Tenant, checked_name, checked_slug


def add_to(commands: Any) -> None:
    parser = commands.add_parser("tenant", help="organisations that share this Bongsu and see nothing of each other")
    kinds = parser.add_subparsers(title="what to do", metavar="create | list", required=True)
    create = kinds.add_parser("create", help="make one; a server that runs takes it up within seconds")
    create.add_argument("slug", help="its short name in commands and files, such as acme; it never changes")
    create.add_argument("--name", required=True, help="what people call it")
    create.set_defaults(run=run_create)
    listing = kinds.add_parser("list", help="all of them, and where their settings stand")
    listing.set_defaults(run=run_list)


def run_create(given: argparse.Namespace) -> int:
    """Raises InvalidInput, SlugTaken, Unavailable."""
    settings = read_settings()
    slug, name = checked_slug(given.slug), checked_name(given.name)
    tenant = asyncio.run(_create(settings, slug, name))
    sys.stdout.write(
        f"tenant {tenant.slug} ({tenant.name}) is made; a server that runs takes it up within seconds\n"
        f"its settings:   {settings.config.of(tenant.slug).path} (where there is none, the defaults)\n"
        f"a key for it:   bongsu apikey create --tenant {tenant.slug} --role ingest --name grafana\n"
    )
    return 0


async def _create(settings: Settings, slug: str, name: str) -> Tenant:
    async with opened(settings, tenant=DEFAULT_SLUG) as transactions:
        return await transactions.write(lambda uow: uow.tenants.add(slug, name))


def run_list(_: argparse.Namespace) -> int:
    """Raises Unavailable."""
    settings = read_settings()
    found = asyncio.run(_list(settings))
    width = max(len(tenant.slug) for tenant in found)
    for tenant in found:
        sys.stdout.write(f"{tenant.slug:<{width}}  {tenant.name}  ({_file(settings, tenant)})\n")
    return 0


def _file(settings: Settings, tenant: Tenant) -> str:
    path = settings.config.of(tenant.slug).path
    return str(path) if path.exists() else "no settings of its own"


async def _list(settings: Settings) -> list[Tenant]:
    async with opened(settings, tenant=DEFAULT_SLUG) as transactions:
        return await transactions.read(lambda uow: uow.tenants.all())
