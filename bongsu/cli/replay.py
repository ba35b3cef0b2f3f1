"""``bongsu replay``: take refused deliveries again, after a fix."""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from base.codec import CodecError
from bongsu import logging
from bongsu.cli.since import since
from bongsu.cli.tenant_option import add_tenant
from bongsu.database import opened
from bongsu.settings import Settings, read_settings
from bongsu.why.plain import ago, line, moment
from db.transactions import SqlTransactions
from incidents.deliveries import DeliveryNotFound, DeliveryStatus, NotRefused
from incidents.errors import BongsuError, InvalidInput, Unavailable
from incidents.ingest import Ingested, replay
from incidents.model import CLI, AlertStatus, Delivery
from incidents.ports import UnitOfWork
from receiver.replay import read_again
from receiver.sources import SOURCES

_MOST = 100_000
_LONGEST_ERROR = 300
_NAMED = 3


def add_to(commands: Any) -> None:
    parser = commands.add_parser("replay", help="take refused deliveries again, after a fix")
    parser.add_argument("ids", type=int, nargs="*", metavar="id", help="those of `bongsu deliveries --refused`")
    parser.add_argument("--refused", action="store_true", help="all that were refused and not replayed since")
    parser.add_argument("--source", help="with --refused: only of this source, such as grafana")
    parser.add_argument("--since", type=since, metavar="24h", help="with --refused: only of the last so long")
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen now")
    add_tenant(parser)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Exit code 1 where any failed again. Raises InvalidInput, Unavailable."""
    if given.refused == bool(given.ids):
        raise InvalidInput("replay", "name deliveries by their ids, or write --refused for all that wait")
    settings = read_settings(tenant=given.tenant)
    logging.set_up(settings.log_level)
    return asyncio.run(_replay(given, settings))


async def _replay(given: argparse.Namespace, settings: Settings) -> int:
    async with opened(settings) as transactions:
        ids = sorted(set(given.ids)) if given.ids else await _waiting(given, transactions)
        if not ids:
            sys.stdout.write("nothing waits to be replayed\n")
        again = _Again(transactions, settings, dry_run=given.dry_run)
        done = [await again.take(delivery_id) for delivery_id in ids]
    return int(not all(done))


async def _waiting(given: argparse.Namespace, transactions: SqlTransactions) -> list[int]:
    """In the order in which they came: a resolve must not come before its firing."""
    sources = {given.source} if given.source else SOURCES.keys()

    async def work(uow: UnitOfWork) -> list[int]:
        earliest = uow.now - given.since if given.since is not None else None
        found = await uow.deliveries.browse(
            status=DeliveryStatus.REJECTED, sources=sources, since=earliest, limit=_MOST
        )
        return sorted(one.id for one in found)

    return await transactions.read(work)


class _Again:
    """Takes one after the other, each in a transaction of its own, and says what became of it."""

    def __init__(self, transactions: SqlTransactions, settings: Settings, *, dry_run: bool) -> None:
        self._transactions, self._settings, self._dry_run = transactions, settings, dry_run

    async def take(self, delivery_id: int) -> bool:
        """False: it failed again. Raises Unavailable: then the others would fail for the same reason."""
        try:
            became = await (self._look(delivery_id) if self._dry_run else self._replay(delivery_id))
        except Unavailable:
            raise
        except NotRefused as error:
            return _say(delivery_id, str(error), well=error.status is DeliveryStatus.REPLAYED)
        except DeliveryNotFound as error:
            return _say(delivery_id, str(error), well=False)
        except (CodecError, BongsuError) as error:
            return _say(delivery_id, f"{'would be ' if self._dry_run else ''}refused again: {error}", well=False)
        return _say(delivery_id, became, well=True)

    async def _read(self, delivery_id: int) -> Delivery:
        kept = await self._transactions.read(lambda uow: uow.deliveries.get(delivery_id))
        if kept.status is not DeliveryStatus.REJECTED:
            raise NotRefused(delivery_id, kept.status, kept.other_id)
        return read_again(kept, limit=self._settings.receiver.max_body_bytes)

    async def _look(self, delivery_id: int) -> str:
        delivery = await self._read(delivery_id)
        now = await self._transactions.read(_now)
        counted = Counter(alert.status for alert in delivery.alerts)
        alerts = ", ".join(f"{counted[status]} {status.value}" for status in AlertStatus if counted[status])
        starts = [alert.starts_at for alert in delivery.alerts if alert.starts_at is not None]
        since = f", since {moment(min(starts))} UTC ({ago(min(starts), now)})" if starts else ""
        return f"would be taken: {alerts} ({_names(delivery)}){since}"

    async def _replay(self, delivery_id: int) -> str:
        delivery = await self._read(delivery_id)

        async def work(uow: UnitOfWork) -> Ingested:
            return await replay(delivery_id, delivery, by=CLI, uow=uow, policy=self._settings.policy)

        taken = await self._transactions.write(work)
        incidents = ", ".join(taken.incidents) or "no incident"
        if taken.duplicate_of is not None:
            return f"taken as delivery {taken.delivery_id}: it says the same as {taken.duplicate_of} ({incidents})"
        alerts = f"{taken.alerts} alert{'' if taken.alerts == 1 else 's'}"
        return f"taken as delivery {taken.delivery_id}: {alerts}, {incidents}"


async def _now(uow: UnitOfWork) -> datetime:
    return uow.now


def _names(delivery: Delivery) -> str:
    names: Sequence[str] = list(dict.fromkeys(alert.alert_name for alert in delivery.alerts))
    shown = ", ".join(line(name, 80) for name in names[:_NAMED])
    return f"{shown} +{len(names) - _NAMED}" if len(names) > _NAMED else shown


def _say(delivery_id: int, became: str, *, well: bool) -> bool:
    sys.stdout.write(f"{delivery_id}: {line(became, _LONGEST_ERROR)}\n")
    sys.stdout.flush()
    return well
