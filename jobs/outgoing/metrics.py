"""What the sender of webhooks counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class WebhookMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "bongsu_webhook_calls",
            "Calls to outgoing webhooks, by what became of them",
            ["webhook", "outcome"],
            registry=registry,
        )
        self._gave_up = Counter(
            "bongsu_webhook_gave_up", "Calls that are not tried again", ["webhook"], registry=registry
        )
        self._seconds = Histogram(
            "bongsu_webhook_call_seconds", "How long a receiver took to answer", ["webhook"], registry=registry
        )
        self.depth = Gauge("bongsu_webhook_depth", "Calls that no receiver has taken yet", registry=registry)
        self.age = Gauge("bongsu_webhook_age_seconds", "Since when the oldest of them is due", registry=registry)

    def called(self, webhook: str, outcome: str, *, seconds: float) -> None:
        """``outcome``: ``done``, ``http_503``, ``timeout``, ``unreachable``, ``refused`` and the like."""
        self._calls.labels(webhook, outcome).inc()
        self._gave_up.labels(webhook)  # is there at 0, before it can give up: so the first time is seen as well
        self._seconds.labels(webhook).observe(seconds)

    def dropped(self, webhook: str) -> None:
        self._calls.labels(webhook, "dropped").inc()

    def gave_up(self, webhook: str) -> None:
        self._gave_up.labels(webhook).inc()
