"""Where a person looks next: only links that can be nothing else."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from incidents.model import Links

LONGEST_URL = 3000
"""Characters: what a button of Slack takes."""

_UNFIT = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_PLAIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][!-~]*)?")
"""What nearly every link looks like: ASCII without spaces. No more needs to be asked about it."""


def links(alert: Mapping[str, Any], annotations: Mapping[str, str]) -> Links:
    """Each link that the alert gives, None where it gives none that can be used."""
    return Links(
        dashboard=web_url(alert.get("dashboardURL")),
        panel=web_url(alert.get("panelURL")),
        runbook=web_url(annotations.get("runbook_url")),
        silence=web_url(alert.get("silenceURL")),
        source=web_url(alert.get("generatorURL")),
    )


def web_url(value: Any) -> str | None:
    """An absolute http or https URL as it is; None for anything else, or longer, or with spaces in it."""
    return value if isinstance(value, str) and len(value) <= LONGEST_URL and _is_usable(value) else None


@lru_cache(maxsize=1024)  # the alerts of a rule have most of their links in common
def _is_usable(url: str) -> bool:
    return _PLAIN.fullmatch(url) is not None or (not _UNFIT.search(url) and _has_a_host(url))


def _has_a_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # http://[bad
        return False
    return parts.scheme in {"http", "https"} and bool(host)
