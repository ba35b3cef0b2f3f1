"""What the way in counts. Label values come from closed sets, never from a payload."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from base.codec import CodecError, TooDeep
from incidents.errors import InvalidInput
from incidents.ingest.outcome import Ingested
from incidents.policy import Limit
from receiver.errors import BodyBroken, BodyTooLarge, BodyTooLate, UnknownEncoding, UnknownSource, WrongShape
from receiver.sources import SOURCES

WAYS = ("bearer", "basic", "hmac", "key", "anonymous")
"""By ``auth.Way``."""

STATUSES = ("processed", "duplicate", "rejected", "unauthorised", "unavailable", "gone", "failed")
"""What becomes of a webhook request."""

UNKNOWN = "unknown"
"""The source of one that came to no source's address."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30)


class ReceiverMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.deliveries = Counter(
            "bongsu_deliveries",
            f"Webhook requests by what became of them: {', '.join(STATUSES)}",
            ["source", "status"],
            registry=registry,
        )
        self.rejected = Counter(
            "bongsu_deliveries_refused",
            f"Rejected webhook requests by why: {', '.join(dict.fromkeys(_REASONS.values()))}",
            ["source", "reason"],
            registry=registry,
        )
        self.ways = Counter(
            "bongsu_webhooks_let_in",
            f"Webhooks by the credential that let them in: {', '.join(WAYS)}",
            ["way"],
            registry=registry,
        )
        self._let_in = {way: self.ways.labels(way) for way in WAYS}
        self.alerts = Counter(
            "bongsu_alerts", "Alerts stored, by what became of them", ["source", "reason"], registry=registry
        )
        self.hidden = Counter(
            "bongsu_hidden_alerts",
            "Alerts that the sender has cut off, and that nobody has seen",
            ["source"],
            registry=registry,
        )
        self.limited = Counter(
            "bongsu_limited",
            f"What limits have kept from growing, by limit: {', '.join(Limit)}. Alerts; of timeline events",
            ["limit"],
            registry=registry,
        )
        for limit in Limit:
            self.limited.labels(limit.value)
        self.latency = Histogram(
            "bongsu_webhook_commit_seconds",
            "From the arrival of a webhook's headers to its commit",
            ["source"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.batch = Histogram(
            "bongsu_commit_alerts",
            "Alerts that were committed together",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 400, 1000, 5000),
            registry=registry,
        )
        self.held = Gauge("bongsu_held_requests", "Webhooks that wait for their commit", registry=registry)
        self.connections = Gauge("bongsu_connections", "Connections that are open", registry=registry)
        self.connections_closed = Counter(
            "bongsu_connections_closed",
            "Connections that were closed on their peer, by reason: header_timeout, body_timeout, answer_timeout, "
            "not_http, or to make room: too_many_from_peer, too_many",
            ["reason"],
            registry=registry,
        )
        self.connections_refused = Counter(
            "bongsu_connections_refused",
            "Connections that found no room, by the bound in their way: too_many_from_peer, too_many",
            ["reason"],
            registry=registry,
        )
        # To look a child up by its labels takes longer than to count.
        self._deliveries_of = cache(self.deliveries.labels)
        self._alerts_of = cache(self.alerts.labels)
        self._latency_of = cache(self.latency.labels)
        self._begin()

    def _begin(self) -> None:
        """What can go wrong is there at 0: who asks by how much a figure has grown sees the first time, too."""
        for source in (*SOURCES, UNKNOWN):
            for status in STATUSES:
                self.deliveries.labels(source, status)
            for reason in _REASONS.values():
                self.rejected.labels(source, reason)
        for source in SOURCES:
            self.hidden.labels(source)

    def let_in(self, way: str) -> None:
        """A credential has proved one."""
        self._let_in[way].inc()

    def taken(self, source: str, ingested: Ingested, *, seconds: float) -> None:
        """One delivery was committed, ``seconds`` after its arrival."""
        status = "processed" if ingested.duplicate_of is None else "duplicate"
        self._deliveries_of(source, status).inc()
        self._latency_of(source).observe(seconds)
        for reason in set(ingested.reasons):
            self._alerts_of(source, reason).inc(ingested.reasons.count(reason))
        for (limit, _), count in ingested.limited.items():
            self.limited.labels(limit.value).inc(count)
        if ingested.hidden and ingested.duplicate_of is None:
            self.hidden.labels(source).inc(ingested.hidden)

    def refused(self, source: str, status: str, error: Exception) -> None:
        """One delivery was not taken."""
        self.deliveries.labels(source, status).inc()
        if status == "rejected":
            self.rejected.labels(source, _reason(error)).inc()


_REASONS: Mapping[type[Exception], str] = MappingProxyType(
    {
        CodecError: "not_json",
        TooDeep: "too_deep",
        WrongShape: "wrong_shape",
        InvalidInput: "wrong_shape",
        BodyTooLarge: "too_large",
        BodyTooLate: "too_late",
        BodyBroken: "bad_encoding",
        UnknownEncoding: "bad_encoding",
        UnknownSource: "unknown_source",
    }
)


def _reason(error: Exception) -> str:
    return next((_REASONS[kind] for kind in type(error).__mro__ if kind in _REASONS), "other")
