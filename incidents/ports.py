"""What the domain needs from the outside. ``db`` implements it; tests have fakes.

Everything here belongs to one tenant: the unit of work carries it, and no method takes it as an argument.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Protocol, TypeVar

from incidents.keeping import OldData, Rollups
from incidents.model import (
    Alert,
    Delivery,
    Episode,
    Event,
    Incident,
    IncidentView,
    Place,
    RejectedDelivery,
    Series,
    Severity,
    Status,
)
from incidents.reasons import Reason

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SeenBody:
    """The newest processed delivery with a given body. ``last_seen_at`` includes its duplicates."""

    delivery_id: int
    request_id: str
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class NewIncident:
    """An incident that is to open unless another of its key has, meanwhile."""

    incident_key: str
    title: str
    severity: Severity
    source: str
    rule_uid: str
    alert_name: str
    place: Place
    start_time: datetime


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert with what became of it. ``incident_id`` None: it ended a series that was never seen firing."""

    delivery_id: int
    alert: Alert
    incident_id: int | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class OrphanResolve:
    """A stored end of a series that was never seen firing: perhaps it overtook its own beginning."""

    series_key: str
    starts_at: datetime
    ends_at: datetime


class Deliveries(Protocol):
    async def lock_bodies(self, bodies: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], SeenBody]:
        """The newest processed deliveries for these (source, sha256), locked until the transaction ends."""

    async def incidents_of(self, delivery_id: int) -> Sequence[Incident]:
        """The incidents that this delivery's alerts arrived in, by number."""

    async def alerts_in(self, delivery_id: int) -> int:
        """How many alerts were stored for this delivery."""

    async def add(self, delivery: Delivery, *, after: SeenBody | None) -> int:
        """Store a processed delivery, now the newest one with its body, ``after`` the one that was. Returns its id.

        Where another process has stored that body meanwhile, the transaction is run again.
        """

    async def add_duplicate(self, delivery: Delivery, *, of: int) -> int:
        """Store a delivery that says nothing new, and mark the original as seen now. Returns its own id."""

    async def add_rejected(self, rejected: RejectedDelivery) -> int:
        """Store a refused delivery with its body. Returns its id."""


class Alerts(Protocol):
    async def add(self, alerts: Sequence[StoredAlert]) -> None:
        """Append alerts. They are never updated."""

    async def orphan_resolves(self, series_keys: Iterable[str], *, since: datetime) -> Mapping[str, OrphanResolve]:
        """The stored end, received since then, of the latest firing of each series that was never seen firing."""


class Incidents(Protocol):
    async def get(self, incident_id: int) -> Incident:
        """Raises IncidentNotFound."""

    async def by_number(self, number: int) -> Incident:
        """Raises IncidentNotFound."""

    async def lock(self, incident_id: int) -> Incident:
        """The incident, locked until the transaction ends. Raises IncidentNotFound."""

    async def lock_for(self, *, keys: Iterable[str], ids: Iterable[int], resolved_since: datetime) -> list[Incident]:
        """Lock, in one order for everybody: those of these keys that are open or resolved since then, and these ids."""

    async def open(self, wanted: Sequence[NewIncident]) -> dict[str, tuple[Incident, bool]]:
        """By key: the open incident, locked, and whether it was opened here (else by somebody else). No number yet."""

    async def number(self, ids: Sequence[int]) -> dict[int, int]:
        """Give these new incidents consecutive numbers, in this order.

        From here to the end of the transaction nobody else of the tenant gets one: so this comes last.
        """

    async def open_for_key(self, incident_key: str) -> Incident | None:
        """The open incident of this key, None if there is none."""

    async def save(self, incident: Incident, *, expected_version: int) -> None:
        """Compare-and-set on ``version``. Raises Conflict."""


class SeriesStore(Protocol):
    async def latest(self, keys: Iterable[str]) -> dict[str, Series]:
        """By series key: the series in the newest incident that holds it."""

    async def save(self, series: Sequence[Series]) -> None:
        """Insert or update by (incident, key)."""


class Timeline(Protocol):
    async def add(self, incident_id: int, events: Sequence[Event]) -> list[Event]:
        """Append; the returned events have ids."""

    async def of(self, incident_id: int, *, limit: int) -> list[Event]:
        """The newest ``limit`` events, oldest first."""

    async def get(self, event_id: int) -> Event:
        """Raises LookupError."""


class Episodes(Protocol):
    async def current(self, incident: Incident) -> Episode:
        """The row of the incident's present episode."""

    async def save(self, episode: Episode) -> None:
        """Insert or update by (incident, number)."""


class OutboxKind(StrEnum):
    CARD = "card"
    THREAD = "thread"


class Priority(IntEnum):
    """Lower goes first."""

    ESCALATION = 0
    CRITICAL_CARD = 1
    CLICK = 2
    UPDATE = 3


class Outbox(Protocol):
    async def add_card(self, incident_id: int, *, channel: str, priority: Priority) -> None:
        """Ask for the incident's card in this channel."""

    async def touch_cards(self, incident_ids: Iterable[int], *, priority: Priority) -> None:
        """Each card of these incidents must be shown anew."""

    async def add_thread(self, incident_id: int, event_id: int, *, priority: Priority) -> None:
        """Ask for a thread entry that tells this event, under each card of the incident."""


class Views(Protocol):
    async def incident(self, incident_id: int) -> IncidentView:
        """Raises IncidentNotFound."""

    async def browse(self, *, statuses: Iterable[Status], limit: int) -> list[IncidentView]:
        """Gravest first, then oldest first."""

    async def count(self, *, statuses: Iterable[Status]) -> int: ...

    async def card_places(self, incident_id: int) -> list[tuple[str, str]]:
        """(channel id, ts) of each card of it that Slack has taken."""


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed outbox row.

    ``channel`` is where to post: a name or an id. ``ts`` None: it was never seen in Slack. ``rev`` is the revision to
    show. ``unknown_since`` is set where an earlier post was begun and nobody knows whether Slack took it.
    ``thread_ts`` is the card under which a thread entry belongs. ``fence`` grows with every claim.
    """

    id: int
    incident_id: int
    kind: OutboxKind
    subject: str
    channel: str
    rev: int
    ts: str | None
    fence: int
    attempts: int
    unknown_since: datetime | None
    thread_ts: str | None

    @property
    def event_id(self) -> int:
        """The event that a thread entry tells."""
        return int(self.subject.removeprefix("event:"))


class Publishing(Protocol):
    """The publisher's side of the outbox. All of it belongs to the unit of work's tenant and transaction."""

    async def is_due(self) -> bool:
        """Whether any row waits for a publisher now; cheap, takes no lock."""

    async def claim(self, *, holder: str) -> Job | None:
        """Lease the first row whose turn it is and that pacing lets through; None if there is none."""

    async def sent(self, job: Job, *, channel_id: str, ts: str, rev: int) -> bool:
        """Slack shows this revision. False: the fence was lost, and nothing was written."""

    async def later(self, job: Job, *, wait: timedelta, error: str, outcome_unknown: bool) -> None:
        """Give the row back, to be tried again after ``wait``. Nothing where the fence was lost."""

    async def post_anew(self, job: Job, *, channel: str | None = None) -> None:
        """Slack has lost the message, or has no place for it: post it anew, in ``channel`` instead if given."""

    async def touch(self, job: Job) -> str | None:
        """Ask for one more revision, whoever has the row now; the ts that the row knows."""

    async def close_way(self, job: Job, *, wait: timedelta) -> None:
        """Slack said "not before ``wait``" to this kind of call: nobody calls earlier."""

    async def known_channel_id(self, channel: str) -> str | None:
        """The id that Slack told for a channel by this name, None if nothing was posted there yet."""

    async def depth(self) -> tuple[int, timedelta]:
        """How many rows wait, and since when the oldest does."""


class UnitOfWork(Protocol):
    """One transaction of one tenant. ``now`` is the database's clock, read once, aware UTC."""

    @property
    def now(self) -> datetime: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def series(self) -> SeriesStore: ...
    @property
    def timeline(self) -> Timeline: ...
    @property
    def episodes(self) -> Episodes: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def views(self) -> Views: ...
    @property
    def publishing(self) -> Publishing: ...
    @property
    def rollups(self) -> Rollups: ...
    @property
    def old_data(self) -> OldData: ...


class Transactions(Protocol):
    """Runs work in a transaction of one tenant, and again from its start when the database says so."""

    async def write(self, work: Callable[[UnitOfWork], Awaitable[T]], *, patience: timedelta = ...) -> T:
        """Commits unless ``work`` raises. Deadlocks, lost connections and conflicts run it again.

        While the database is away it is tried for ``patience``; then Unavailable is raised.
        ``work`` must have no effect outside the unit of work: it may run more than once.
        """

    async def read(self, work: Callable[[UnitOfWork], Awaitable[T]], *, patience: timedelta = ...) -> T:
        """One snapshot, nothing is written. Raises Unavailable after ``patience``."""
