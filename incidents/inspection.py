"""What is known of the way of an incident's alerts: what came in, what became of it, and what Slack shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from incidents.model import AlertStatus, Episode, Incident, Place, Series
from incidents.other import OtherIncident

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ArrivedAlert:
    """One stored alert. ``reason`` is what became of it, as stored; ``value`` None: the sender had no number."""

    id: int
    delivery_id: int
    received_at: datetime
    status: AlertStatus
    reason: str
    name: str
    starts_at: datetime
    ends_at: datetime | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An alert with what is kept of how it arrived.

    ``labels`` are those that have a place outside of its raw payload. ``source`` is the monitoring system.
    ``last_seen_at`` is when its delivery's body came last, None where the delivery was deleted; ``default_labels`` are
    those of the URL that it was sent to.
    """

    alert: ArrivedAlert
    source: str
    rule_uid: str
    alert_name: str
    place: Place
    labels: Mapping[str, str]
    last_seen_at: datetime | None = None
    default_labels: Mapping[str, str] = field(default_factory=dict)


class ShownIn(StrEnum):
    """What shows an incident in place of a card of its own."""

    ROLLUP = "rollup"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class CardState:
    """How one card stands between the database and Slack.

    ``channel`` is as configured, ``channel_id`` as Slack told, None before. ``ts`` None: Slack has no message. It is up
    to date where ``shown_rev`` is ``wanted_rev``. ``due_at`` is since when it waits or, after a failure, when it is
    tried again; None: nothing waits. ``attempts`` counts the tries since Slack last took one.
    """

    channel: str
    channel_id: str | None
    ts: str | None
    shown_rev: int
    wanted_rev: int
    due_at: datetime | None
    attempts: int
    last_error: str | None
    is_plain: bool
    shown_in: ShownIn | None
    first_sent_at: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Trace:
    """The way of an incident's alerts, read in one snapshot at ``now``.

    ``episode`` is the present one, ``first_opened_at`` when the first one opened. ``oldest`` and ``newest`` are of the
    alerts that are kept, None: none is. ``reasons`` counts what became of the newest ``looked_at`` alerts. ``waiting``
    counts the thread's entries that Slack has not yet, up to ``MOST_WAITING``.
    """

    now: datetime
    incident: Incident
    episode: Episode
    first_opened_at: datetime | None
    oldest: Arrival | None
    newest: Arrival | None
    reasons: Mapping[str, int]
    looked_at: int
    cards: tuple[CardState, ...]
    waiting: int
    merged_into: OtherIncident | None = None


MOST_LOOKED_AT = 1000
MOST_WAITING = 100
MOST_CARDS = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page begins or ends: the sorting values of its row. ``rank`` counts only where rows are ranked."""

    at: datetime
    id: int
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """Which page: the one after ``mark``, or with ``back`` the one before it. ``mark`` None: the first."""

    mark: Mark | None = None
    back: bool = False


FIRST = Turn()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows in their order; ``before`` and ``after`` lead to the pages around it, None: there is none.

    ``incident`` is as it was in the same snapshot. ``total``: of all pages.
    """

    incident: Incident
    rows: tuple[T, ...]
    before: Turn | None
    after: Turn | None
    total: int


SeriesPage = Page[Series]
AlertPage = Page[ArrivedAlert]
