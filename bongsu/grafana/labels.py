"""Default labels in the webhook's URL."""

from collections.abc import Sequence
from urllib.parse import urlencode

PARTS = ("cluster", "namespace", "service", "phase", "severity")
"""What ``/webhooks/grafana`` takes. The rest it ignores."""


def query_of(labels: Sequence[tuple[str, str]]) -> str:
    """With its question mark; empty where there are none."""
    return f"?{urlencode(labels)}" if labels else ""
