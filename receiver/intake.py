"""``POST /webhooks/{source}``: from a request to a commit, or to a refusal that says what to mend."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from aiohttp import web

from base import failpoints, log_context, tracing
from base.failpoints import Failpoint
from incidents.access.model import digest_of
from incidents.errors import Unavailable
from incidents.ingest.outcome import Ingested
from incidents.model import Delivery, RejectedDelivery
from receiver.answers import REFUSALS, answer, refusal, status_of
from receiver.arrival import Arrival, kept_headers, told_by_url
from receiver.auth import authenticate, authenticate_early, offered_key
from receiver.body import read_body, stop_reading, unpack
from receiver.errors import BodyRefused, SenderGone, TooMuchHeld
from receiver.hold import HeldBody, Hold
from receiver.keyring import Keys
from receiver.limit_log import LimitLog
from receiver.metrics import UNKNOWN, ReceiverMetrics
from receiver.request_ids import OURS
from receiver.settings import ReceiverSettings
from receiver.sources import SOURCES, no_such_source

logger = logging.getLogger(__name__)

OFF_THE_LOOP_BYTES = 256 * 1024
"""Bodies from this size are read in a thread: the loop must go on answering others."""

KEY_PATIENCE = timedelta(seconds=10)
"""How long a key that this process has never seen is looked up: with what a request is held, Grafana's 30 seconds."""


class Store(Protocol):
    """What the intake needs: each call returns once its work is committed. ``commit.Commits`` is the real one."""

    async def take(self, delivery: Delivery, *, size: int) -> Ingested:
        """``size``: of its body, in bytes. Raises Unavailable."""

    async def keep(self, rejected: RejectedDelivery) -> int:
        """The id under which it is kept. Raises Unavailable."""


class Stores(Protocol):
    """The store of each tenant."""

    def of(self, tenant_id: int) -> Store:
        """Raises Unavailable where this process does not serve that tenant yet."""


class Intake:
    """``committed`` is called after each commit, with the tenant's id, to wake whoever waits for work.

    ``clock`` is ours, aware.
    """

    def __init__(
        self,
        settings: ReceiverSettings,
        stores: Stores,
        metrics: ReceiverMetrics,
        *,
        keys: Keys,
        committed: Callable[[int], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._metrics = metrics
        self._keys = keys
        self._committed = committed
        self._clock = clock
        self._limit_log = LimitLog()
        self._hold = Hold(max_requests=settings.max_held_requests, max_bytes=settings.max_held_bytes)
        metrics.held.set_function(lambda: self._hold.requests)

    async def receive(self, request: web.Request) -> web.Response:
        """2xx means committed. A refusal of an authenticated request is kept with its body, and says under which id."""
        source, headers, labels = (
            request.match_info["source"],
            kept_headers(request.headers),
            told_by_url(request.query),
        )
        arrival = Arrival(source, headers, labels, request_id=request[OURS])
        with self._hold.body(lambda error: stop_reading(request, error)) as held:
            try:
                ingested = await self._take(arrival, request, held)
            except REFUSALS as error:
                return await self._refuse(arrival, error)
            except Exception as error:  # noqa: BLE001 - our mistake must not cost the alert: its body is kept
                return await self._apologise(arrival, error)
        return self._confirm(arrival, ingested)

    async def _take(self, arrival: Arrival, request: web.Request, held: HeldBody) -> Ingested:
        normalise = SOURCES.get(arrival.source)
        if normalise is None:
            raise no_such_source(arrival.source)
        await self._open(arrival, request, held)
        with tracing.step(f"normalise {arrival.source}", {"http.request.body.size": len(arrival.raw)}) as span:
            body = self._unpacked(arrival, request, held)
            if len(body) < OFF_THE_LOOP_BYTES:
                normalised = normalise(body, request.headers)
            else:
                normalised = await asyncio.to_thread(normalise, body, request.headers)
            delivery = arrival.delivery(normalised)
            span.set("bongsu.alerts", len(delivery.alerts))
        with self._hold.place():
            return await self._stores.of(arrival.tenant_id).take(delivery, size=len(arrival.raw))

    async def _open(self, arrival: Arrival, request: web.Request, held: HeldBody) -> None:
        """Read the body and find out who sent it: as far as the headers tell, before the body is read.

        Raises Unavailable where it can't be found out whose API key it shows.
        """
        settings, source, now = self._settings, arrival.source, self._clock()
        shown = offered_key(request.headers, settings=settings)
        key = None if shown is None else await self._keys.find(digest_of(shown), patience=KEY_PATIENCE)
        early = authenticate_early(request.headers, settings=settings, source=source, now=now, key=key)
        if early is not None:
            arrival.let_in(early.key)
        try:
            arrival.raw = await read_body(
                request.content,
                declared=request.content_length,
                limit=settings.max_body_bytes,
                within=settings.body_timeout,
                grow=held.grow,
            )
        except BodyRefused as error:
            arrival.raw = error.start
            raise
        failpoints.passed(Failpoint.INTAKE_BODY_READ)
        held.arrived()
        credential = early
        if credential is None:
            credential = authenticate(request.headers, arrival.raw, settings=settings, source=source, now=now, key=key)
            arrival.let_in(credential.key)
        self._metrics.let_in(credential.way)

    def _unpacked(self, arrival: Arrival, request: web.Request, held: HeldBody) -> bytes:
        encoding = request.headers.get("Content-Encoding", "")
        try:
            body = unpack(arrival.raw, encoding, limit=self._settings.max_body_bytes)
        except BodyRefused as error:
            arrival.raw = error.start or arrival.raw
            raise
        if body is not arrival.raw:
            held.grow(len(body))
        return body

    def _confirm(self, arrival: Arrival, ingested: Ingested) -> web.Response:
        log_context.bind(delivery=ingested.delivery_id)
        tracing.current().set("bongsu.delivery.id", ingested.delivery_id)
        self._committed(arrival.tenant_id)
        self._metrics.taken(arrival.source, ingested, seconds=arrival.seconds)
        told: dict[str, Any] = {
            "delivery": ingested.delivery_id,
            "alerts": ingested.alerts,
            "incidents": list(ingested.incidents),
        }
        if ingested.hidden:
            told["hidden"] = ingested.hidden
        if ingested.duplicate_of is not None:
            told["duplicate_of"] = ingested.duplicate_of
        action = "delivery_processed" if ingested.duplicate_of is None else "delivery_duplicate"
        self._limit_log.tell(ingested.limited, arrival.source)
        if logger.isEnabledFor(logging.INFO):
            logger.info("delivery %s committed", ingested.delivery_id, extra=_facts(action, arrival, **told))
        return answer(told)

    async def _refuse(self, arrival: Arrival, error: Exception) -> web.Response:
        delivery_id = await self._kept(arrival, error)
        if delivery_id is not None:
            log_context.bind(delivery=delivery_id)
            tracing.current().set("bongsu.delivery.id", delivery_id)
            self._committed(arrival.tenant_id)
        status = _outcome(error)
        self._metrics.refused(_source(arrival), status, error)
        facts = _facts(f"delivery_{status}", arrival, error=str(error), http_status=status_of(error))
        logger.warning("a webhook was refused: %s", error, extra={**facts, "delivery": delivery_id})
        return refusal(error, delivery_id=delivery_id)

    async def _kept(self, arrival: Arrival, error: Exception) -> int | None:
        """The id under which the refused body is stored; None where it is nobody's, or the database is away."""
        if not arrival.authenticated or isinstance(error, SenderGone) or status_of(error) >= 500:
            return None
        return await self._keep(arrival, str(error))

    async def _apologise(self, arrival: Arrival, error: Exception) -> web.Response:
        logger.error("a webhook was not taken", exc_info=error, extra=_facts("delivery_failed", arrival))
        self._metrics.refused(_source(arrival), "failed", error)
        why = f"{type(error).__name__} in Bongsu: its log has the rest"
        kept = await self._keep(arrival, why) if arrival.authenticated else None
        return answer({"error": "something went wrong here; it has been logged", "delivery": kept}, status=500)

    async def _keep(self, arrival: Arrival, error: str) -> int | None:
        try:
            with self._hold.place():
                return await self._stores.of(arrival.tenant_id).keep(arrival.rejected(error))
        except (Unavailable, TooMuchHeld) as unkept:
            logger.warning(
                "a refused webhook could not be kept: %s", unkept, extra=_facts("delivery_not_kept", arrival)
            )
            return None


def _source(arrival: Arrival) -> str:
    """For metrics: one of those that are known."""
    return arrival.source if arrival.source in SOURCES else UNKNOWN


def _outcome(error: Exception) -> str:
    """The name that metrics and logs use."""
    if isinstance(error, SenderGone):
        return "gone"
    match status_of(error):
        case 401 | 403:
            return "unauthorised"
        case 503:
            return "unavailable"
        case _:
            return "rejected"


def _facts(action: str, arrival: Arrival, **more: Any) -> dict[str, Any]:
    """For ``extra``: never the body, never a credential."""
    return {
        "action": action,
        "source": arrival.source[:64],
        "seconds": round(arrival.seconds, 4),
        **({"key": arrival.key_name} if arrival.key_name else {}),
        **more,
    }
