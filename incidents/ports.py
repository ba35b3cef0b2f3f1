"""What the domain needs from the outside. ``db`` implements it; tests have fakes.

Everything here belongs to one tenant: the unit of work carries it, and no method takes it as an argument.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Protocol, TypeVar

from incidents.deliveries import AlertFate, DeliveryStatus, KeptDelivery, PastDelivery, Refusals
from incidents.keeping import OldData, Rollups
from incidents.model import (
    Alert,
    AlertKind,
    Delivery,
    Episode,
    Event,
    Incident,
    Place,
    RejectedDelivery,
    Series,
    Severity,
)
from incidents.reasons import Reason
from incidents.views import Views

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SeenBody:
    """The newest processed delivery with a given body. ``last_seen_at`` includes its duplicates, ``taken_at`` none."""

    delivery_id: int
    request_id: str
    last_seen_at: datetime
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request that is stored already. ``duplicate_of`` is the delivery that it repeats, None: none."""

    delivery_id: int
    duplicate_of: int | None


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
    kind: AlertKind = AlertKind.DATA
    is_overflow: bool = False


@dataclass(frozen=True, slots=True)
class TakenDelivery:
    """A delivery of the present batch. ``id`` is below zero: its real id is not known before it is stored.

    ``duplicate_of`` is the id of the delivery that it repeats, below zero where that is of this batch; None: it is
    none. ``after`` is the delivery that was the newest with its body; ``is_newest``: this one is, from now on.
    """

    id: int
    delivery: Delivery
    duplicate_of: int | None = None
    after: int | None = None
    is_newest: bool = False


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

    async def stored(self, request_ids: Iterable[str], *, since: datetime) -> Mapping[str, StoredRequest]:
        """Those of these requests that were stored since then, by their id. To be called after ``lock_bodies``."""

    async def incidents_of(self, delivery_id: int) -> Sequence[Incident]:
        """The incidents that this delivery's alerts arrived in, by number."""

    async def alerts_in(self, delivery_id: int) -> int:
        """How many alerts were stored for this delivery."""

    async def add(self, taken: Sequence[TakenDelivery]) -> dict[int, int]:
        """Store them, and mark what they repeat as seen now. The real id of each, by the one that it had.

        Where another process has stored one of these bodies meanwhile, the transaction is run again.
        """

    async def add_rejected(self, rejected: RejectedDelivery) -> int:
        """Store a refused delivery with its body. Returns its id."""

    async def browse(
        self, *, status: DeliveryStatus | None, sources: Collection[str] | None, since: datetime | None, limit: int
    ) -> list[PastDelivery]:
        """The newest ``limit`` of this status and these sources, received since then, newest first. None: of any.

        Where rejected ones are wanted, naming all sources finds them by an index.
        """

    async def get(self, delivery_id: int) -> KeptDelivery:
        """Raises DeliveryNotFound."""

    async def lock(self, delivery_id: int) -> KeptDelivery:
        """The same, locked until the transaction ends."""

    async def fates(self, delivery_id: int, *, limit: int) -> list[AlertFate]:
        """What became of the alerts that were stored for this delivery, in its order."""

    async def mark_replayed(self, delivery_id: int, *, as_id: int) -> None:
        """A rejected delivery has been taken after all, as another one."""

    async def refusals(self, source: str, since: datetime, until: datetime) -> Refusals:
        """Of a source, received from ``since`` to before ``until``."""

    async def latest_clusters(self, *, since: datetime, limit: int) -> list[str]:
        """The cluster of each of the newest ``limit`` alerts, received since then; "" where none is known."""


class Alerts(Protocol):
    async def add(self, alerts: Sequence[StoredAlert], *, deliveries: Mapping[int, int]) -> None:
        """Append alerts. They are never updated. ``deliveries`` has the real ids of those of this batch."""

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

    async def discard(self, ids: Iterable[int]) -> None:
        """Those that this transaction has opened, and that nothing is in."""

    async def next_numbers(self, count: int) -> int:
        """The first of so many consecutive numbers for new incidents.

        From here to the end of the transaction nobody else of the tenant gets one: so this comes late.
        """

    async def open_keys_of(self, rule_uids: Iterable[str]) -> set[str]:
        """The keys of the open incidents of these rules. Takes no lock."""

    async def count_open(self, rule_uids: Iterable[str], *, most: int) -> tuple[Mapping[str, int], int]:
        """How many are open of each of these rules (absent: none), and of all, which are counted up to ``most``."""

    async def any_due(self) -> bool:
        """Whether the clock must look at any incident now; cheap, takes no lock."""

    async def lock_due(self, *, limit: int) -> list[Incident]:
        """The first that the clock must look at now, locked. Those that somebody else holds are left out."""

    async def open_for_key(self, incident_key: str) -> Incident | None:
        """The open incident of this key, None if there is none."""

    async def save(self, incident: Incident, *, expected_version: int) -> None:
        """Compare-and-set on ``version``. Raises Conflict."""

    async def save_locked(self, changed: Sequence[Incident]) -> None:
        """Overwrite incidents that this transaction has locked or opened, their numbers included."""


class SeriesStore(Protocol):
    async def latest(self, keys: Iterable[str]) -> dict[str, Series]:
        """By series key: the series in the newest incident that holds it."""

    async def save(self, series: Sequence[Series], *, deliveries: Mapping[int, int]) -> None:
        """Insert or update by (incident, key). ``deliveries`` has the real ids of those of this batch."""

    async def firing_blindly(self, incident_ids: Iterable[int]) -> list[Series]:
        """Those of these incidents' firing series that fire in doubt: their rule can't see."""

    async def latest_ends(self, incident_ids: Iterable[int]) -> Mapping[tuple[int, int], datetime]:
        """By incident and episode: when the last series ended of those that ended in it and have not fired since."""

    async def end_firing(self, incident: Incident) -> None:
        """What fires in this incident has ended now, in its present episode."""


class Timeline(Protocol):
    async def add(self, incident_id: int, events: Sequence[Event]) -> list[Event]:
        """Append; the returned events have ids."""

    async def add_many(self, events: Sequence[tuple[int, Event]]) -> None:
        """Append events of many incidents, each with its incident's id, in this order."""

    async def of(self, incident_id: int, *, limit: int) -> list[Event]:
        """The newest ``limit`` events, oldest first."""

    async def get(self, event_id: int) -> Event:
        """Raises LookupError."""


class Episodes(Protocol):
    async def current(self, incident: Incident) -> Episode:
        """The row of the incident's present episode."""

    async def opened_since(self, keys: Iterable[str], since: datetime) -> Mapping[str, int]:
        """By incident key: how many episodes of all its incidents opened since then; absent: none."""

    async def current_of(self, incidents: Sequence[Incident]) -> dict[int, Episode]:
        """The same for many, by incident id."""

    async def save(self, episodes: Sequence[Episode]) -> None:
        """Insert or update by (incident, number)."""


class OutboxKind(StrEnum):
    CARD = "card"
    THREAD = "thread"
    REMINDER = "reminder"
    NOTICE = "notice"


class Priority(IntEnum):
    """Lower goes first."""

    ESCALATION = 0
    CRITICAL_CARD = 1
    CLICK = 2
    UPDATE = 3


@dataclass(frozen=True, slots=True)
class NewCard:
    """An incident's card is wanted in this channel: a name or an id."""

    incident_id: int
    channel: str
    priority: Priority


class Outbox(Protocol):
    async def add_cards(self, cards: Sequence[NewCard]) -> None:
        """Ask for the cards of new incidents."""

    async def touch_cards(self, incident_ids: Iterable[int], *, priority: Priority) -> None:
        """Each card of these incidents must be shown anew, and each reminder that asked what is settled now."""

    async def add_thread(self, incident_id: int, event_id: int, *, priority: Priority) -> None:
        """Ask for a thread entry that tells this event, under each card of the incident."""

    async def add_reminder(self, incident_id: int, event_id: int, *, priority: Priority) -> None:
        """The same for an entry that mentions whom the event's data name."""

    async def add_notice(self, subject: str, *, channel: str) -> None:
        """Ask for a message to who runs Bongsu, or for its present state where it stands there already.

        Many calls make few updates and few writes: one that waits for its turn anyway is left alone.
        """

    async def touch_notice(self, subject: str) -> None:
        """What this notice tells has changed; nothing where it was never asked for."""


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed outbox row.

    ``channel``: a name or an id. ``ts`` None: it was never seen in Slack. ``rev`` is to be shown. ``unknown_since``: an
    earlier post may have been taken since then. ``thread_ts`` is the card under which it belongs.
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
        """The event that a thread entry or a reminder tells."""
        return int(self.subject.removeprefix("event:"))


class Publishing(Protocol):
    """The publisher's side of the outbox. All of it belongs to the unit of work's tenant and transaction."""

    async def is_due(self) -> bool:
        """Whether any row waits for a publisher now; cheap, takes no lock."""

    async def claim(self, *, holder: str) -> Job | None:
        """Lease the first row whose turn it is and that pacing lets through; None if there is none."""

    async def hold(self, job: Job) -> bool:
        """Lease it anew, from now on and for twice as long. False: another publisher has taken it over."""

    async def shown_by_another(self, job: Job) -> tuple[str, datetime] | None:
        """Where another has taken it over: its message's ts, "" while there is none, and since when it is wanted."""

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

        While the database is away it is tried for ``patience``; then Unavailable is raised. ``work`` may run more than
        once, so it must have no effect outside the unit of work.
        """

    async def read(self, work: Callable[[UnitOfWork], Awaitable[T]], *, patience: timedelta = ...) -> T:
        """One snapshot, nothing is written. Raises Unavailable after ``patience``."""
