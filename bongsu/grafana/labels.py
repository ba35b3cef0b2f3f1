"""The webhook's URL: its path, and the default labels in its query."""

from collections.abc import Sequence
from urllib.parse import urlencode

PATH = "/webhooks/grafana"
PARTS = ("cluster", "namespace", "service", "phase", "severity")
"""What ``/webhooks/grafana`` takes. The rest it ignores."""


def query_of(labels: Sequence[tuple[str, str]]) -> str:
    """With its question mark; empty where there are none."""
    return f"?{urlencode(labels)}" if labels else ""
