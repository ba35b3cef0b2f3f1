"""Addresses that people write."""

from urllib.parse import SplitResult, urlsplit


def split_http_url(told: str) -> SplitResult | None:
    """Its parts, whose ``port`` can be read. None: it is no http(s) URL with a host."""
    try:
        parts = urlsplit(told)
        _ = parts.port  # which is only now looked at
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None
