"""Which cluster is it, where neither labels nor defaults tell? Its sender, so that no two share an incident."""

import re

_SENDER = re.compile(r"[0-9]*@")


def cluster(told: str, *, sender: str) -> str:
    """``told`` is from labels or defaults. ``sender`` reads like ``1@grafana.example.com``; "" where it is unknown."""
    return told or sender


def is_fallback(name: str) -> bool:
    """Whether this cluster is only its sender: somebody should add a label, or a default."""
    return _SENDER.match(name) is not None
