"""What people press, type and say, and how long Slack waits for the answer."""

from prometheus_client import CollectorRegistry, Counter, Histogram

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 2.5, 3.0)
"""Slack gives up after 3 s."""


class BotMetrics:
    """``kind`` is one of ``bot.permissions.Kind``; ``name`` is one of ours or ``unknown``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._handled = Counter(
            "bongsu_slack_interactions",
            "Clicks, commands, modals, shortcuts and events by what became of them.",
            ["kind", "name", "outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "bongsu_slack_interaction_seconds",
            "From the arrival of an interaction to its acknowledgement.",
            ["kind"],
            buckets=_SECONDS,
            registry=registry,
        )

    def handled(self, kind: str, name: str, outcome: str, *, seconds: float | None = None) -> None:
        self._handled.labels(kind, name, outcome).inc()
        if seconds is not None:
            self._seconds.labels(kind).observe(seconds)
