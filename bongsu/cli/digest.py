"""``bongsu digest``: what a digest of a channel would say now. Nothing is sent, nothing is kept."""

import argparse
import asyncio
import re
import sys
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bongsu import logging
from bongsu.cli.tenant_option import add_tenant
from bongsu.config_parts import channel
from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from bot.blocks.card import nowhere
from bot.blocks.report import report
from bot.chart import drawer
from bot.language import speaking
from bot.message import Message
from incidents.digests.model import Edition
from incidents.digests.report import Report, Trend, past_of, report_of, trend_of
from incidents.errors import InvalidInput
from incidents.policy import Policy
from incidents.ports import UnitOfWork

_MOST_DAYS = 366
_LINK = re.compile(r"<[^<>|]*\|([^<>]*)>")


def add_to(commands: Any) -> None:
    parser = commands.add_parser("digest", help="print what a digest of a channel would say now")
    parser.add_argument("--channel", required=True, type=_channel, metavar="#NAME", help="as it stands in bongsu.yaml")
    parser.add_argument("--days", type=_days, default=7, help="how many, up to now (default: 7)")
    parser.add_argument("--out", type=Path, metavar="FILE.png", help="draw its picture, too")
    add_tenant(parser)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Raises InvalidInput where a picture is wanted that nobody can draw or write, and Unavailable."""
    settings = read_settings(tenant=given.tenant)
    logging.set_up(settings.log_level)
    draw = drawer()
    if given.out is not None and draw is None:
        raise InvalidInput("--out", "matplotlib is not installed, and it draws the picture: install bongsu[charts]")
    told, trend = asyncio.run(_look(settings, given.channel, timedelta(days=given.days)))
    with speaking(settings.policy.language):
        sys.stdout.write(f"{_plain(report(told, link_to=nowhere))}\n")
    if given.out is not None and draw is not None:
        _write(given.out, draw(trend))
    return 0


async def _look(settings: Settings, name: str, span: timedelta) -> tuple[Report, Trend]:
    async def work(uow: UnitOfWork) -> tuple[Report, Trend]:
        edition = _edition(name, settings.policy, until=uow.now, span=span)
        trend = trend_of(edition, await past_of(edition, uow), settings.policy.reopen_window)
        return await report_of(edition, uow), trend

    async with opened(settings) as transactions:
        return await transactions.read(work)


def _edition(name: str, policy: Policy, *, until: datetime, span: timedelta) -> Edition:
    """As the first digest that ``bongsu.yaml`` has for this channel; else of all services, by UTC."""
    wanted = next((one for one in policy.digests if one.channel == name), None)
    zone, services = (ZoneInfo("UTC"), ()) if wanted is None else (wanted.zone, wanted.services)
    return Edition(0, name, until - span, until, zone, services)


def _plain(message: Message) -> str:
    """For a terminal: times as UTC, links as what they are called."""
    texts = [block["text"] if "text" in block else block["elements"][0] for block in message.blocks]
    return "\n\n".join(unescape(_LINK.sub(r"\1", text["text"]).replace("*", "")) for text in texts)


def _write(path: Path, picture: bytes) -> None:
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise InvalidInput("--out", f"{path} can't be written ({error.strerror}): write another path") from error


def _channel(told: str) -> str:
    try:
        return channel(told)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _days(told: str) -> int:
    if not told.isdigit() or not 1 <= int(told) <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"'{told}' is no number of days: write one from 1 to {_MOST_DAYS}")
    return int(told)
