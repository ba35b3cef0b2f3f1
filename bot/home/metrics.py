"""What is counted of Home tabs."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class HomeMetrics:
    """Made once, on the registry that it is handed. ``why`` is ``opened``, ``clicked`` or ``changed``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._publishes = Counter(
            "bongsu_home_publishes",
            "Home tabs that were to be shown, by why and what became of it: shown, same, or Slack's error",
            ["why", "outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "bongsu_home_publish_seconds",
            "From when a Home tab was opened, clicked in or looked at to when Slack showed it",
            ["why"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.followed = Gauge("bongsu_homes", "Home tabs that are kept up to date", registry=registry)
        self.waiting = Gauge(
            "bongsu_homes_waiting", "Home tabs that this process has still to bring up to date", registry=registry
        )

    def became(self, why: str, outcome: str, *, seconds: float | None = None) -> None:
        self._publishes.labels(why, outcome).inc()
        if seconds is not None:
            self._seconds.labels(why).observe(seconds)
