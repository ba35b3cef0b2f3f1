"""``bongsu deliveries``: what came in, and what became of it."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from base.codec import CodecError
from bongsu.cli.since import since
from bongsu.cli.tenant_option import add_tenant
from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from bongsu.why import machine, story
from bongsu.why.story import MOST_FATES, Story
from bongsu.why.table import table
from incidents.deliveries import AlertFate, DeliveryStatus, KeptDelivery, PastDelivery
from incidents.errors import BongsuError
from incidents.ports import UnitOfWork
from receiver.replay import is_cut, is_withheld, read_again, readable
from receiver.sources import SOURCES


def add_to(commands: Any) -> None:
    parser = commands.add_parser("deliveries", help="what came in, newest first, and what became of it")
    refused = "only what was refused (`rejected`, as the list and the API call it) and not replayed since"
    parser.add_argument("--refused", action="store_true", help=refused)
    parser.add_argument("--source", help="only of this source, such as grafana")
    parser.add_argument("--since", type=since, metavar="2h", help="only of the last so long: 30m, 2h, 7d")
    parser.add_argument("--limit", type=_positive, default=20, help="so many at most (default: 20)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_tenant(parser)
    parser.set_defaults(run=run_list)
    kinds = parser.add_subparsers(title="one of them", metavar="show")
    show = kinds.add_parser("show", help="everything about one, and what to do")
    show.add_argument("id", type=int)
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON")
    add_tenant(show, default=argparse.SUPPRESS)
    show.set_defaults(run=run_show)


def _positive(text: str) -> int:
    """Raises ValueError, of which argparse makes a sentence."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not 1 or more")
    return number


def run_list(given: argparse.Namespace) -> int:
    found = asyncio.run(_browse(given, read_settings(tenant=given.tenant)))
    sys.stdout.write(machine.listed(found) if given.json else table(found))
    if len(found) == given.limit and not given.json:
        sys.stdout.write(f"these are the newest {given.limit}; --limit shows more\n")
    return 0


def run_show(given: argparse.Namespace) -> int:
    """Raises DeliveryNotFound."""
    found = asyncio.run(_look_at(given.id, read_settings(tenant=given.tenant)))
    sys.stdout.write(machine.told(found) if given.json else story.told(found))
    return 0


async def _browse(given: argparse.Namespace, settings: Settings) -> list[PastDelivery]:
    status = DeliveryStatus.REJECTED if given.refused else None
    sources = {given.source} if given.source else SOURCES.keys() if given.refused else None

    async def work(uow: UnitOfWork) -> list[PastDelivery]:
        since = uow.now - given.since if given.since is not None else None
        return await uow.deliveries.browse(status=status, sources=sources, since=since, limit=given.limit)

    async with opened(settings) as transactions:
        return await transactions.read(work)


async def _look_at(delivery_id: int, settings: Settings) -> Story:
    async def work(uow: UnitOfWork) -> Story:
        kept = await uow.deliveries.get(delivery_id)
        fates = await uow.deliveries.fates(delivery_id, limit=MOST_FATES + 1)
        return _story(kept, fates, now=uow.now, limit=settings.receiver.max_body_bytes)

    async with opened(settings) as transactions:
        return await transactions.read(work)


def _story(kept: KeptDelivery, fates: Sequence[AlertFate], *, now: datetime, limit: int) -> Story:
    if kept.raw_body is None:
        return Story(kept, fates, now)
    wrong = _wrong_today(kept, limit) if kept.status is DeliveryStatus.REJECTED else None
    return Story(kept, fates, now, readable(kept, limit=limit), wrong, is_cut(kept), is_withheld(kept))


def _wrong_today(kept: KeptDelivery, limit: int) -> str | None:
    try:
        read_again(kept, limit=limit)
    except (CodecError, BongsuError) as error:
        return str(error)
    return None
