"""``GET``, ``HEAD`` or ``POST /heartbeats/{name}``: a beat, by the same credential as webhooks; no body is read.

A beat that comes with an API key is heard for the key's tenant.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter

from incidents.access.model import digest_of
from incidents.heartbeats.model import SOURCE, Heartbeat
from incidents.ports import UnitOfWork
from incidents.tenants.model import DEFAULT_ID
from receiver.answers import REFUSALS, refusal, status_of
from receiver.api.organisation import Organisation, Organisations
from receiver.auth import authenticate_early, offered_key
from receiver.errors import UnknownHeartbeat
from receiver.keyring import Keys
from receiver.settings import ReceiverSettings

logger = logging.getLogger(__name__)

_PATIENCE = timedelta(seconds=5)
_ONE_COUNTS_SECONDS = 1.0
"""A beat that follows another so soon says nothing new, so it is not written."""

_STATUS = {401: "unauthorised", 403: "unauthorised", 404: "unknown", 503: "unavailable"}


@dataclass(frozen=True, slots=True)
class _Write:
    """``began`` is monotonic, in seconds."""

    began: float
    task: asyncio.Task[None]

    def is_enough(self, now: float) -> bool:
        """It is under way, or was done a moment ago."""
        if not self.task.done():
            return True
        return not self.task.cancelled() and self.task.exception() is None and now - self.began < _ONE_COUNTS_SECONDS


class Pings:
    """One for each process. However many pings arrive, each heartbeat is written once a second, by one transaction."""

    def __init__(
        self,
        settings: ReceiverSettings,
        organisations: Organisations,
        keys: Keys,
        registry: CollectorRegistry,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._organisations = organisations
        self._keys = keys
        self._monotonic = monotonic
        self._writes: dict[tuple[int, str], _Write] = {}
        self._pings = Counter(
            "bongsu_heartbeat_pings",
            f"Requests to /heartbeats by what became of them: heard, {', '.join(dict.fromkeys(_STATUS.values()))}",
            ["status"],
            registry=registry,
        )

    def add_routes(self, app: web.Application) -> None:
        for path in ("/heartbeats/{name}", "/heartbeats/{name}/"):
            app.router.add_get(path, self.receive)
            app.router.add_post(path, self.receive)

    async def receive(self, request: web.Request) -> web.Response:
        """204 means committed, now or a moment ago."""
        name = request.match_info["name"]
        try:
            organisation = self._organisations.of(await self._tenant_of(request))
            await self._hear(_known(name, organisation), organisation)
        except REFUSALS as error:
            status = status_of(error)
            self._pings.labels(_STATUS.get(status, "unavailable")).inc()
            told = {"action": "heartbeat_refused", "heartbeat": name[:64], "http_status": status}
            logger.warning("a heartbeat was refused: %s", error, extra=told)
            return refusal(error)
        self._pings.labels("heard").inc()
        return web.Response(status=204)

    async def _tenant_of(self, request: web.Request) -> int:
        """Whose credential it has. Raises Unauthorised, OutOfScope, Unavailable."""
        settings = self._settings
        shown = offered_key(request.headers, settings=settings)
        key = None if shown is None else await self._keys.find(digest_of(shown), patience=_PATIENCE)
        authenticate_early(request.headers, settings=settings, source=SOURCE, now=datetime.now(UTC), key=key)
        return DEFAULT_ID if key is None else key.tenant_id

    async def _hear(self, heartbeat: Heartbeat, organisation: Organisation) -> None:
        """Whoever hangs up takes nothing from those who wait for the same. Raises Unavailable."""
        this = organisation.tenant_id, heartbeat.name
        last, now = self._writes.get(this), self._monotonic()
        if last is None or not last.is_enough(now):
            task = asyncio.create_task(_write(heartbeat, organisation), name=f"heartbeat {heartbeat.name}")
            task.add_done_callback(_look_at)
            last = self._writes[this] = _Write(now, task)
        await asyncio.shield(last.task)


def _known(name: str, organisation: Organisation) -> Heartbeat:
    heartbeats = organisation.policies.current.heartbeats
    if name not in heartbeats:
        raise UnknownHeartbeat(name, heartbeats)
    return heartbeats[name]


async def _write(heartbeat: Heartbeat, organisation: Organisation) -> None:
    async def hear(uow: UnitOfWork) -> None:
        await uow.heartbeats.heard({heartbeat.name: heartbeat.within})

    await organisation.transactions.write(hear, patience=_PATIENCE)


def _look_at(task: asyncio.Task[None]) -> None:
    """Where all who waited have hung up, nobody else asks how it ended."""
    if not task.cancelled():
        task.exception()
