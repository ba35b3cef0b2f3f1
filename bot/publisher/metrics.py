"""What the publisher counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from incidents.outbox import OutboxKind

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)


class PublisherMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "bongsu_slack_calls", "Calls to Slack, by what it answered", ["method", "outcome"], registry=registry
        )
        self._seconds = Histogram(
            "bongsu_slack_call_seconds", "How long Slack took to answer", ["method"], registry=registry
        )
        self.delay = Histogram(
            "bongsu_outbox_delay_seconds",
            "From the moment a message was first wanted to the moment Slack had it",
            ["kind"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.depth = Gauge("bongsu_outbox_depth", "Messages that Slack does not show yet", registry=registry)
        self.age = Gauge("bongsu_outbox_age_seconds", "Since when the oldest of them is due", registry=registry)
        self.away_since = Gauge(
            "bongsu_slack_away_since_timestamp_seconds",
            "Since when nothing gets through to Slack, after five minutes of that; 0: it does",
            registry=registry,
        )
        self.unusable_channels = Gauge(
            "bongsu_slack_unusable_channels", "Channels in which Slack took no message last time", registry=registry
        )
        self.no_place = Counter(
            "bongsu_slack_no_place", "Messages that Slack had no place for, by its error", ["error"], registry=registry
        )
        self.plain_text = Counter(
            "bongsu_slack_plain_text",
            "Messages whose blocks Slack refused, so plain text went",
            ["kind"],
            registry=registry,
        )
        for kind in OutboxKind:
            self.plain_text.labels(kind.value)
        self.reconciled = Counter(
            "bongsu_reconciled", "Cards compared with the database, by what was found", ["outcome"], registry=registry
        )
        self.locked_out = Gauge(
            "bongsu_slack_locked_out", "1 while Slack refuses our token: everything is kept", registry=registry
        )

    def called(self, method: str, outcome: str, *, seconds: float) -> None:
        self._calls.labels(method, "ratelimited")  # is there at 0, so that a share of calls can be told
        self._calls.labels(method, outcome).inc()
        self._seconds.labels(method).observe(seconds)
