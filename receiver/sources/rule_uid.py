"""Which Grafana rule an alert is from. Only new versions say so; the others hide it in their links."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from receiver.sources.text import clean

LABEL = "__alert_rule_uid__"

_LONGEST_REMEMBERED = 500
"""Characters: so that the links that are remembered take little room."""

# Searched, not anchored: Grafana may be served below any path.
_IN_SOURCE = re.compile(r"/alerting/(?:grafana/([A-Za-z0-9_-]+)/view|([A-Za-z0-9_-]+)/edit)(?:/|$)")
_IN_SILENCE = re.compile(rf"matcher={LABEL}(?:%3D|=)(?:%22|\")?([A-Za-z0-9_-]+)", re.IGNORECASE)


def rule_uid(alert: Mapping[str, Any], labels: Mapping[str, str]) -> str | None:
    """The rule's uid from the first place that has it; None if none has, so that the alert's name must stand in.

    ``ruleUID`` (2026 and later), the path of ``generatorURL``, the matcher in ``silenceURL``, the hidden label.
    """
    uid = alert.get("ruleUID")
    if isinstance(uid, str) and (told := uid.strip()):
        return clean(told)
    return (
        of_source_link(alert.get("generatorURL"))
        or _of_silence_link(alert.get("silenceURL"))
        or labels.get(LABEL, "").strip()
        or None
    )


def of_source_link(url: Any) -> str | None:
    """The rule that a link leads to, by its path alone; None where it leads elsewhere, or is no text."""
    if not isinstance(url, str):
        return None
    read = _rule_in if len(url) <= _LONGEST_REMEMBERED else _rule_in.__wrapped__
    return read(url)


@lru_cache(maxsize=1024)  # all alerts of a rule have the same link
def _rule_in(source_link: str) -> str | None:
    found = _IN_SOURCE.search(source_link.partition("?")[0].partition("#")[0])
    return found[1] or found[2] if found else None


def _of_silence_link(url: Any) -> str | None:
    if not isinstance(url, str):
        return None
    found = _IN_SILENCE.search(url)
    return found[1] if found else None
