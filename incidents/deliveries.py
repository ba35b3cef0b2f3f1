"""What is known of a delivery afterwards: how it was taken, what became of its alerts, and what was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from incidents.errors import BongsuError
from incidents.hours import full_hour

MOST_COUNTED = 10_000
"""Refusals of one hour are counted so far: nobody needs to know by how many more it is too many."""


class DeliveryStatus(StrEnum):
    """What became of a delivery as a whole."""

    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    """It could not be taken; its body is kept."""
    REPLAYED = "replayed"
    """It was rejected, and has been taken since, as another delivery."""


class DeliveryNotFound(BongsuError):
    """No delivery has that id."""

    def __init__(self, delivery_id: int) -> None:
        super().__init__(f"there is no delivery {delivery_id}")
        self.delivery_id = delivery_id


class NotRefused(BongsuError):
    """Only what was refused, and not taken since, can be replayed."""

    def __init__(self, delivery_id: int, status: DeliveryStatus, taken_as: int | None) -> None:
        how = f"replayed already, as delivery {taken_as}" if status is DeliveryStatus.REPLAYED else status.value
        super().__init__(f"it was {how}, so there is nothing to replay")
        self.delivery_id, self.status, self.taken_as = delivery_id, status, taken_as


@dataclass(frozen=True, slots=True)
class PastDelivery:
    """One row of what came in. ``error`` is None unless it was rejected.

    ``other_id``: of a duplicate the delivery that it repeats, of a replayed one the delivery that it was taken as.
    ``alerts`` counts the stored ones, ``incidents`` are the numbers of those that they arrived in.
    """

    id: int
    received_at: datetime
    source: str
    status: DeliveryStatus
    other_id: int | None
    error: str | None
    alerts: int = 0
    incidents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptDelivery:
    """Everything that is kept of one. ``raw_body`` is as received, None unless it was rejected."""

    id: int
    received_at: datetime
    source: str
    request_id: str
    status: DeliveryStatus
    other_id: int | None
    error: str | None
    headers: Mapping[str, str]
    body_sha256: str
    envelope: Mapping[str, Any] | None
    raw_body: bytes | None
    default_labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertFate:
    """What became of one stored alert. ``reason`` as stored; ``incident`` is a number, None: it arrived in none."""

    name: str
    status: str
    reason: str
    severity: str
    place: Sequence[str]
    starts_at: datetime
    ends_at: datetime | None
    incident: int | None


@dataclass(frozen=True, slots=True)
class Refusals:
    """The refused bodies of a source in some time, those included that were replayed since.

    ``latest_…`` tell of the newest that was not replayed. ``is_more``: there are more than ``count``, which is as far
    as they are counted.
    """

    count: int
    replayed: int = 0
    latest_at: datetime | None = None
    latest_error: str = ""
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class SourceHour:
    """An hour of a source: what one notice tells of. ``since`` is aware UTC, a full hour."""

    source: str
    since: datetime

    @property
    def until(self) -> datetime:
        return self.since + timedelta(hours=1)

    @property
    def subject(self) -> str:
        """``refused:grafana:2026-01-02T10:00Z``: its name in the outbox."""
        return f"refused:{self.source}:{self.since:%Y-%m-%dT%H:%MZ}"

    @classmethod
    def of(cls, source: str, at: datetime) -> "SourceHour":
        return cls(source, full_hour(at))

    @classmethod
    def named(cls, subject: str) -> "SourceHour":
        """The one with this ``subject``. Raises ValueError for any other text."""
        kind, source, since = subject.split(":", 2)
        if kind != "refused":
            raise ValueError(f"no hour of refusals: {subject!r}")
        return cls(source, datetime.fromisoformat(since))
