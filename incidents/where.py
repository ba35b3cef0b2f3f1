"""Where something is, and where a person looks next."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Links:
    """Where a person looks next. ``None`` where the sender gave none; only http and https URLs ever get in."""

    dashboard: str | None = None
    panel: str | None = None
    runbook: str | None = None
    silence: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The parts of the incident key that say where: missing is ``""``, never None."""

    cluster: str = ""
    namespace: str = ""
    service: str = ""
    phase: str = ""
