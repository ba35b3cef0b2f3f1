"""Ports for what arrives: deliveries and their alerts. ``db`` implements them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from incidents.deliveries import AlertFate, DeliveryStatus, KeptDelivery, PastDelivery, Refusals
from incidents.model import Alert, Delivery, Incident, RejectedDelivery
from incidents.reasons import Reason


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


class StoredAlert(NamedTuple):
    """An alert with what became of it.

    ``incident_id`` None: it ended a series that was never seen firing, or is a sign of life, which opens nothing.
    """

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

    async def page(
        self,
        *,
        statuses: Collection[DeliveryStatus],
        sources: Collection[str],
        since: datetime | None,
        after: tuple[datetime, int] | None,
        limit: int,
    ) -> list[PastDelivery]:
        """The next ``limit``, newest first, behind the one that was received then and has that id. None named: of any.

        Of statuses without sources nothing is found: they are looked for together, by an index.
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

    async def labels_of(self, incident_id: int) -> Mapping[str, str]:
        """The labels of the last alert that arrived in this incident; empty where none has."""

    async def orphan_resolves(self, series_keys: Iterable[str], *, since: datetime) -> Mapping[str, OrphanResolve]:
        """The stored end, received since then, of the latest firing of each series that was never seen firing."""
