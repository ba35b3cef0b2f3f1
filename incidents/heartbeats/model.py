"""Heartbeats as ``bongsu.yaml`` has them, and what is remembered of each. Frozen values, times aware UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from incidents.model import Place, Severity
from incidents.pattern import Pattern

SOURCE = "heartbeat"
"""The source of the alerts that tell of a silence."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What is to be heard of at least once ``within`` that time: by a ping, or by an alert that always fires.

    Such an alert matches as it would a route, by ``match`` (values in lower case) and ``patterns``; where both are
    empty, no alert does. ``severity``, ``place`` and ``labels`` are those of the incident that its silence opens.
    """

    name: str
    within: timedelta
    severity: Severity = Severity.CRITICAL
    match: Mapping[str, frozenset[str]] = field(default_factory=dict)
    patterns: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    place: Place = field(default_factory=Place)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pulse:
    """One row of ``heartbeats``. ``within`` is what ``expected_by`` was reckoned with.

    ``last_seen_at`` None: never. ``silent_since``: an incident was opened for its silence, which began then; None: it
    is not silent, or nobody has noticed yet. ``told_at``: when that alert was last told. ``incident_id``: where.
    """

    name: str
    within: timedelta
    created_at: datetime
    expected_by: datetime
    last_seen_at: datetime | None = None
    silent_since: datetime | None = None
    told_at: datetime | None = None
    incident_id: int | None = None


@dataclass(frozen=True, slots=True)
class DeadMansSwitch:
    """What Bongsu itself calls ``every`` so often as long as all is well: somebody else notices when it stops.

    ``allow_private``: it may lead to a private or loopback address.
    """

    url: str = field(repr=False)
    every: timedelta = timedelta(minutes=1)
    allow_private: bool = False
