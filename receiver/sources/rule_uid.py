"""Which Grafana rule an alert is from. Only new versions say so; the others hide it in their links."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from receiver.sources.text import clean

LABEL = "__alert_rule_uid__"

# Searched, not anchored: Grafana may be served below any path.
_IN_SOURCE = re.compile(r"/alerting/(?:grafana/([A-Za-z0-9_-]+)/view|([A-Za-z0-9_-]+)/edit)(?:/|$)")
_IN_SILENCE = re.compile(rf"matcher={LABEL}(?:%3D|=)(?:%22|\")?([A-Za-z0-9_-]+)", re.IGNORECASE)


def rule_uid(alert: Mapping[str, Any], labels: Mapping[str, str]) -> str | None:
    """The rule's uid from the first place that has it; None if none has, so that the alert's name must stand in.

    ``ruleUID`` (2026 and later), the path of ``generatorURL``, the matcher in ``silenceURL``, the hidden label.
    """
    return next(_told(alert, labels), None)


def _told(alert: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[str]:
    uid = alert.get("ruleUID")
    if isinstance(uid, str) and uid.strip():
        yield clean(uid.strip())
    if found := _IN_SOURCE.search(_path(alert.get("generatorURL"))):
        yield found[1] or found[2]
    if found := _IN_SILENCE.search(_string(alert.get("silenceURL"))):
        yield found[1]
    if label := labels.get(LABEL, "").strip():
        yield label


def _path(url: Any) -> str:
    return re.split(r"[?#]", _string(url), maxsplit=1)[0]


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
