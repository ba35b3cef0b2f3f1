"""Which Grafana that is, and what it can do."""

import re
from dataclasses import dataclass

from bongsu.client.errors import NotDone
from bongsu.grafana.client import Grafana
from bongsu.grafana.refusals import unreadable
from bongsu.why.plain import line

OLDEST = 10
_SIGNS_FROM = 12
_NUMBER = re.compile(r"v?([0-9]{1,4})\.")


@dataclass(frozen=True, slots=True)
class Version:
    """``major`` None: Grafana does not tell it to anybody."""

    text: str
    major: int | None

    @property
    def signs(self) -> bool:
        """Whether contact points can sign what they send (HMAC)."""
        return self.major is None or self.major >= _SIGNS_FROM


def look(grafana: Grafana) -> Version:
    """Raises ClientError: there is no Grafana, or one that is too old."""
    health = grafana.get("/api/health")
    if health is None or "database" not in health:
        raise unreadable(grafana.url, "/api/health is not Grafana's")
    text = health.get("version") or _of_settings(grafana)
    version = parsed(line(str(text), 40))
    if version.major is not None and version.major < OLDEST:
        raise NotDone(
            f"Grafana {version.text} is too old: this needs {OLDEST}.0 or newer. Its contact point is made by hand, as "
            "docs/how-to/grafana.md says"
        )
    return version


def parsed(text: str) -> Version:
    match = _NUMBER.match(text)
    return Version(text or "of an unknown version", int(match[1]) if match else None)


def _of_settings(grafana: Grafana) -> str:
    """For those that hide it from strangers (``hide_version``)."""
    try:
        settings = grafana.get("/api/frontend/settings") or {}
    except NotDone:
        return ""
    info = settings.get("buildInfo")
    return str(info.get("version", "")) if isinstance(info, dict) else ""
