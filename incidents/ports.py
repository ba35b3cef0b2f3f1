"""What the domain needs from the outside. ``db`` implements it; tests have fakes.

Everything here belongs to one tenant: the unit of work carries it, and no method takes it as an argument.
"""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar, overload

from incidents.access.keeping import ApiKeys, DoneRequests
from incidents.approvals.keeping import Approvals
from incidents.arrivals import Alerts, Deliveries
from incidents.audit.keeping import AuditLog
from incidents.audit.people import Erasure
from incidents.configuration import Configuration
from incidents.daily.keeping import DailyFigures, FiguresKept
from incidents.digests.keeping import Digests
from incidents.escalation.keeping import Escalation
from incidents.escalation.webhooks import Webhooks
from incidents.heartbeats.keeping import Heartbeats
from incidents.history import Episodes, SeriesStore, Timeline
from incidents.homes import Homes
from incidents.keeping import OldData, Rollups
from incidents.listing import Listing
from incidents.maintenance.keeping import Maintenance
from incidents.merges import Merges
from incidents.model import AlertKind, Incident, Place, Severity
from incidents.outages import Outages
from incidents.outbox import Outbox, Publishing
from incidents.owners import Owners
from incidents.policy import Policy
from incidents.reconciling import Reconciling
from incidents.schedules.keeping import OnCall
from incidents.search.keeping import SearchWords
from incidents.statistics import Statistics
from incidents.storms import Storms
from incidents.takeover.keeping import Takeover
from incidents.tenants.keeping import Tenants
from incidents.tenants.workspaces import SlackWorkspaces
from incidents.threads import Threads
from incidents.views import Inspection, Views

T = TypeVar("T")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")
T5 = TypeVar("T5")
_Work = Coroutine[Any, Any, T]


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
    split_from_id: int | None = None


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

    async def lock_free(self, incident_ids: Collection[int]) -> list[Incident]:
        """Lock those that nobody else holds, the others are left out."""

    async def lock_due(self, *, limit: int) -> list[Incident]:
        """The first that the clock must look at now, locked. Those that somebody else holds are left out."""

    async def open_for_key(self, incident_key: str) -> Incident | None:
        """The open incident of this key, None if there is none."""

    async def save(self, incident: Incident, *, expected_version: int) -> None:
        """Compare-and-set on ``version``. Raises Conflict."""

    async def save_locked(self, changed: Sequence[Incident]) -> None:
        """Overwrite incidents that this transaction has locked or opened, their numbers included."""


class UnitOfWork(OnCall, Protocol):
    """One transaction of one tenant. ``now`` is the database's clock, read once, aware UTC.

    ``policy`` is the one that was in force as it began.
    """

    @property
    def now(self) -> datetime: ...
    @property
    def policy(self) -> Policy: ...

    @overload
    async def together(self, one: _Work[T], other: _Work[T2], /) -> tuple[T, T2]: ...
    @overload
    async def together(self, one: _Work[T], other: _Work[T2], third: _Work[T3], /) -> tuple[T, T2, T3]: ...
    @overload
    async def together(
        self, one: _Work[T], other: _Work[T2], third: _Work[T3], fourth: _Work[T4], /
    ) -> tuple[T, T2, T3, T4]: ...
    @overload
    async def together(
        self, one: _Work[T], other: _Work[T2], third: _Work[T3], fourth: _Work[T4], fifth: _Work[T5], /
    ) -> tuple[T, T2, T3, T4, T5]: ...
    async def together(self, *work: _Work[Any]) -> tuple[Any, ...]:
        """What each of these calls of ours returns, none of which depends on another: asked in one round trip.

        What is asked first is asked in their order, so that locks are taken in it.
        """

    async def settle(self) -> None:
        """Writes may be left until something is asked or the transaction commits: now all has reached the database."""

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
    def inspection(self) -> Inspection: ...
    @property
    def publishing(self) -> Publishing: ...
    @property
    def outages(self) -> Outages: ...
    @property
    def configuration(self) -> Configuration: ...
    @property
    def reconciling(self) -> Reconciling: ...
    @property
    def rollups(self) -> Rollups: ...
    @property
    def old_data(self) -> OldData: ...
    @property
    def storms(self) -> Storms: ...
    @property
    def threads(self) -> Threads: ...
    @property
    def statistics(self) -> Statistics: ...
    @property
    def owners(self) -> Owners: ...
    @property
    def merges(self) -> Merges: ...
    @property
    def homes(self) -> Homes: ...
    @property
    def escalation(self) -> Escalation: ...
    @property
    def maintenance(self) -> Maintenance: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def heartbeats(self) -> Heartbeats: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def api_keys(self) -> ApiKeys: ...
    @property
    def done_requests(self) -> DoneRequests: ...
    @property
    def listing(self) -> Listing: ...
    @property
    def search_words(self) -> SearchWords: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def erasure(self) -> Erasure: ...
    @property
    def approvals(self) -> Approvals: ...
    @property
    def daily_figures(self) -> DailyFigures: ...
    @property
    def figures(self) -> FiguresKept: ...
    @property
    def tenants(self) -> Tenants: ...
    @property
    def slack_workspaces(self) -> SlackWorkspaces: ...
    @property
    def takeover(self) -> Takeover: ...


class Transactions(Protocol):
    """Runs work in a transaction of one tenant, and again from its start when the database says so."""

    async def write(self, work: Callable[[UnitOfWork], Awaitable[T]], *, patience: timedelta = ...) -> T:
        """Commits unless ``work`` raises. Deadlocks, lost connections and conflicts run it again.

        While the database is away it is tried for ``patience``; then Unavailable is raised. ``work`` may run more than
        once, so it must have no effect outside the unit of work.
        """

    async def read(self, work: Callable[[UnitOfWork], Awaitable[T]], *, patience: timedelta = ...) -> T:
        """One snapshot, nothing is written. Raises Unavailable after ``patience``."""
