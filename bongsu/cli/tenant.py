"""``bongsu tenant``: organisations that share one Bongsu and see nothing of each other."""

import argparse
import asyncio
import sys
from datetime import datetime
from functools import partial
from typing import Any

from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from incidents.audit.recording import note
from incidents.errors import InvalidInput
from incidents.model import CLI
from incidents.ports import UnitOfWork
from incidents.tenants.model import DEFAULT_SLUG, Tenant, checked_name, checked_slug
from incidents.tenants.workspaces import digest, new_token

Invitation = tuple[str, datetime]
"""The token, and until when it is good."""


def add_to(commands: Any) -> None:
    parser = commands.add_parser("tenant", help="organisations that share this Bongsu and see nothing of each other")
    kinds = parser.add_subparsers(title="what to do", metavar="command", required=True)
    create = kinds.add_parser("create", help="make one; a server that runs takes it up within seconds")
    create.add_argument("slug", help="its short name in commands and files, such as acme; it never changes")
    create.add_argument("--name", required=True, help="what people call it")
    create.set_defaults(run=run_create)
    invite = kinds.add_parser("invite", help="print an address by which it connects its Slack workspace")
    invite.add_argument("slug", help="its short name")
    invite.set_defaults(run=run_invite)
    listing = kinds.add_parser("list", help="all of them, and where their settings stand")
    listing.set_defaults(run=run_list)


def run_create(given: argparse.Namespace) -> int:
    """Raises InvalidInput, SlugTaken, Unavailable."""
    settings = read_settings()
    slug, name = checked_slug(given.slug), checked_name(given.name)
    tenant, invitation = asyncio.run(_create(settings, slug, name))
    sys.stdout.write(
        f"tenant {tenant.slug} ({tenant.name}) is made; a server that runs takes it up within seconds\n"
        f"its settings:   {settings.config.of(tenant.slug).path} (where there is none, the defaults)\n"
        f"a key for it:   bongsu apikey create --tenant {tenant.slug} --role ingest --name grafana\n"
    )
    if invitation is not None:
        sys.stdout.write(_told(settings, invitation))
    return 0


async def _create(settings: Settings, slug: str, name: str) -> tuple[Tenant, Invitation | None]:
    """None: no workspace can be connected, as the app's id and secret are not set."""
    async with opened(settings, tenant=DEFAULT_SLUG) as transactions:
        tenant = await transactions.write(partial(_add, slug, name))
    has_installs = settings.slack is not None and settings.slack.has_installs
    return tenant, await _invite(settings, slug) if has_installs else None


async def _add(slug: str, name: str, uow: UnitOfWork) -> Tenant:
    """Told in the log of the default tenant, whose people run Bongsu for all."""
    tenant = await uow.tenants.add(slug, name)
    await note("tenant.created", f"tenant {slug}", by=CLI, uow=uow, after={"name": name})
    return tenant


def run_invite(given: argparse.Namespace) -> int:
    """Raises InvalidInput, UnknownTenant, Unavailable."""
    settings, slug = read_settings(), checked_slug(given.slug)
    if slug == DEFAULT_SLUG:
        raise InvalidInput("slug", "the default tenant's workspace is that of SLACK_BOT_TOKEN: name another")
    if settings.slack is None or not settings.slack.has_installs:
        raise InvalidInput(
            "SLACK_CLIENT_ID", "it is not set, so no further workspace can be connected: write the app's id and secret"
        )
    sys.stdout.write(_told(settings, asyncio.run(_invite(settings, slug))))
    return 0


async def _invite(settings: Settings, slug: str) -> Invitation:
    token = new_token()
    async with opened(settings, tenant=slug) as transactions:
        return token, await transactions.write(partial(_invited, slug, digest(token)))


async def _invited(slug: str, digest_of_token: str, uow: UnitOfWork) -> datetime:
    until = await uow.slack_workspaces.invite(digest_of_token)
    await note("tenant.invited", f"tenant {slug}", by=CLI, uow=uow, after={"until": until})
    return until


def _told(settings: Settings, invitation: Invitation) -> str:
    token, until = invitation
    where = settings.slack.public_url if settings.slack is not None else ""
    here = where or "https://bongsu.example.com"
    hint = "" if where else "    (write the name under which Slack reaches Bongsu, or set BONGSU_PUBLIC_URL)\n"
    return (
        f"its workspace:  open this address there, once, until {until:%Y-%m-%d %H:%M} UTC; whoever has it can connect "
        f"a workspace:\n    {here}/slack/install?tenant={token}\n{hint}"
    )


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
