"""The working set of one batch: what is known of its series and incidents while its alerts are taken in order."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from incidents.lifecycle import Change
from incidents.model import Delivery, Incident, Series
from incidents.policy import Policy
from incidents.ports import OrphanResolve, SeenBody, StoredAlert, TakenDelivery


@dataclass(slots=True)
class Case:
    """One incident while the batch changes it. ``firing`` counts all of its series that fire, ``counted`` what arrived.

    ``latest_end`` is the latest that this batch told of its present episode.
    """

    incident: Incident
    firing: int = field(init=False)
    is_new: bool = False
    changes: list[Change] = field(default_factory=list)
    counted: int = 0
    values_changed: bool = False
    latest_end: datetime | None = None

    def __post_init__(self) -> None:
        self.firing = self.incident.firing

    def apply(self, change: Change) -> None:
        self.changes.append(change)
        self.incident = change.after
        if change.opens_episode:
            self.latest_end = None

    def written(self, now: datetime) -> Incident:
        """The incident with its counts, as it is to be stored. Counts are no change that people see."""
        incident = replace(self.incident, firing=self.firing)
        if not self.counted:
            return incident
        return replace(incident, alert_count=incident.alert_count + self.counted, last_alert_time=now)


@dataclass(slots=True)
class Desk:
    """``cases`` by incident id; ``by_key`` the open, else the newest, case of each incident key; ``series`` the newest
    row of each series key; ``changed_series`` what is to be saved, by (incident id, series key)."""

    now: datetime
    policy: Policy
    seen: dict[tuple[str, str], SeenBody]
    series: dict[str, Series]
    orphans: dict[str, OrphanResolve]
    cases: dict[int, Case]
    by_key: dict[str, Case] = field(default_factory=dict)
    deliveries: list[TakenDelivery] = field(default_factory=list)
    alerts: list[StoredAlert] = field(default_factory=list)
    changed_series: dict[tuple[int, str], Series] = field(default_factory=dict)

    def take(self, delivery: Delivery) -> int:
        """It says something. Its id below zero, until it is stored."""
        body = (delivery.source, delivery.body_sha256)
        before = self.seen.get(body)
        if before is not None and before.delivery_id < 0:
            first = self.deliveries[-before.delivery_id - 1]
            self.deliveries[-before.delivery_id - 1] = replace(first, is_newest=False)
        after = before.delivery_id if before is not None else None
        taken = TakenDelivery(-len(self.deliveries) - 1, delivery, after=after, is_newest=True)
        self.deliveries.append(taken)
        self.seen[body] = SeenBody(taken.id, delivery.request_id, self.now)
        return taken.id

    def take_duplicate(self, delivery: Delivery, of: SeenBody) -> int:
        """It says what another has said a moment ago. Its id below zero, until it is stored."""
        taken = TakenDelivery(-len(self.deliveries) - 1, delivery, duplicate_of=of.delivery_id)
        self.deliveries.append(taken)
        self.seen[delivery.source, delivery.body_sha256] = SeenBody(of.delivery_id, of.request_id, self.now)
        return taken.id

    def keep(self, series: Series) -> None:
        """This is the present state of the series."""
        self.series[series.key] = series
        self.changed_series[series.incident_id, series.key] = series

    def put_away(self, series: Series) -> None:
        """A row of an older incident that its series has left behind."""
        self.changed_series[series.incident_id, series.key] = series

    def remember_end(self, orphan: OrphanResolve) -> None:
        """It may have overtaken its beginning, which may be in this very batch."""
        known = self.orphans.get(orphan.series_key)
        if known is None or known.starts_at <= orphan.starts_at:
            self.orphans[orphan.series_key] = orphan

    def add_case(self, case: Case) -> None:
        """Open comes before resolved, newer before older."""
        self.cases[case.incident.id] = case
        known = self.by_key.get(case.incident.incident_key)
        if known is None or _rank(case) > _rank(known):
            self.by_key[case.incident.incident_key] = case


def _rank(case: Case) -> tuple[bool, int]:
    return case.incident.is_open, case.incident.id
