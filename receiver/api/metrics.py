"""What the API counts. Label values come from closed sets: names of operations, and statuses."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

FAILURES = ("500", "503")
"""A mistake of ours, and what it needs is away."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class ApiMetrics:
    """Made once, on the registry that it is handed. Of each of the ``operations`` failures are there at 0."""

    def __init__(self, registry: CollectorRegistry, operations: Iterable[str] = ()) -> None:
        self._requests = Counter(
            "bongsu_api_requests",
            "Requests to the REST API, by operation and the status that they were answered with",
            ["operation", "status"],
            registry=registry,
        )
        for operation in operations:
            for status in FAILURES:
                self._requests.labels(operation, status)
        self._seconds = Histogram(
            "bongsu_api_seconds",
            "From the headers of a request to the REST API to its answer",
            ["operation"],
            buckets=_SECONDS,
            registry=registry,
        )

    def answered(self, operation: str, status: int, *, seconds: float) -> None:
        self._requests.labels(operation, str(status)).inc()
        self._seconds.labels(operation).observe(seconds)
