"""The working set of one batch: what is known of its series and incidents while its alerts are taken in order."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from base.records import replace
from incidents.arrivals import OrphanResolve, SeenBody, StoredAlert, TakenDelivery
from incidents.change import Change
from incidents.ingest.room import Room
from incidents.merges import Alias
from incidents.model import Alert, AlertKind, Delivery, Incident, Resolution, Series
from incidents.policy import Limit, Policy


@dataclass(slots=True)
class Case:
    """One incident while the batch changes it. ``firing`` counts all of its series that fire, ``counted`` what arrived.

    ``doubts`` counts its series that ended in the present episode without having recovered. ``latest_end`` is the
    latest end that this batch told of its present episode. ``check_at`` is when the clock must look at it. ``series``,
    ``unfollowed`` and ``untold`` are those of the incident, as they are by now. ``labels`` are what routes may ask of
    one that is new: those of the alert that opens it.
    """

    incident: Incident
    firing: int = field(init=False)
    is_new: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    counted: int = 0
    values_changed: bool = False
    latest_end: datetime | None = None
    doubts: Mapping[Resolution, int] = field(init=False)
    check_at: datetime | None = field(init=False)
    series: int = field(init=False)
    unfollowed: int = field(init=False)
    untold: int = field(init=False)

    def __post_init__(self) -> None:
        self.firing = self.incident.firing
        self.doubts = self.incident.doubts
        self.check_at = self.incident.check_at
        self.series = self.incident.series_count
        self.unfollowed = self.incident.unfollowed
        self.untold = self.incident.untold

    @property
    def was_open(self) -> bool:
        """Before this batch, or as it opened in it."""
        return (self.changes[0].before if self.changes else self.incident).is_open

    @property
    def has_begun(self) -> bool:
        """Whether an alert has arrived in it: one that opens in this batch waits for its first."""
        return not self.is_new or self.counted > 0

    @property
    def has_changed(self) -> bool:
        """Whether more has happened to it than alerts that tell what is known."""
        return bool(self.changes) or self.untold > self.incident.untold

    def apply(self, change: Change) -> None:
        self.changes.append(change)
        self.incident = change.after
        self.check_at = change.after.check_at
        if change.opens_episode:
            self.latest_end, self.doubts = None, {}

    def leave_out(self, change: Change) -> None:
        """It has happened, but the timeline is full."""
        self.incident = replace(change.after, event_count=change.before.event_count)
        self.untold += 1
        self.values_changed = True

    def doubt(self, why: Resolution | None, by: int) -> None:
        """So many series more, or fewer, have ended in doubt."""
        if why is not None:
            self.doubts = {**self.doubts, why: self.doubts.get(why, 0) + by}

    def written(self, now: datetime) -> Incident:
        """The incident with its counts, as it is to be stored. Counts are no change that people see."""
        return replace(
            self.incident,
            firing=self.firing,
            doubts=self.doubts,
            check_at=self.check_at,
            alert_count=self.incident.alert_count + self.counted,
            series_count=self.series,
            unfollowed=self.unfollowed,
            untold=self.untold,
            last_alert_time=now if self.counted else self.incident.last_alert_time,
        )


@dataclass(slots=True)
class Desk:
    """``cases`` by incident id; ``by_key`` the open, else the last resolved, case of each incident key; ``series`` the
    newest row of each series key; ``changed_series`` what is to be saved, by (incident id, series key).

    ``episodes`` counts, by incident key, those that opened within the last hour, where one more may open. ``blinders``
    are the firing series that say that a rule can't see, by rule and series key, where that matters: with the one
    incident that they say it of, None for all of the rule's.

    ``aliases`` say, by incident key, in which other case what people have merged goes on.

    ``signs`` are the heartbeats that an alert is a beat of, by the alert's identity in memory.

    ``room`` is None where no limit on incidents can be reached. ``is_rehearsed``: what opens was found out by taking
    all alerts once before. ``limited`` counts what limits have cut of the delivery that is being taken, by limit and
    rule.
    """

    now: datetime
    policy: Policy
    seen: dict[tuple[str, str], SeenBody] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    orphans: dict[str, OrphanResolve] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)
    by_key: dict[str, Case] = field(default_factory=dict)
    deliveries: list[TakenDelivery] = field(default_factory=list)
    alerts: list[StoredAlert] = field(default_factory=list)
    changed_series: dict[tuple[int, str], Series] = field(default_factory=dict)
    episodes: dict[str, int] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    blinders: dict[str, dict[str, int | None]] = field(default_factory=dict)
    signs: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    room: Room | None = None
    is_rehearsed: bool = False
    limited: Counter[tuple[Limit, str]] = field(default_factory=Counter)

    def telling(self, alerts: Iterable[Iterable[Alert]]) -> list[Alert]:
        """Those that may concern incidents: all but the beats of heartbeats."""
        return [one for some in alerts for one in some if id(one) not in self.signs]

    def open_of_rule(self, rule_uid: str) -> Iterator[Case]:
        """The open cases about what this rule measures."""
        for case in self.cases.values():
            told = case.incident
            if told.rule_uid == rule_uid and told.kind is AlertKind.DATA and told.is_open and case.has_begun:
                yield case

    def limit(self, limit: Limit, rule_uid: str) -> None:
        """It has cut something of this rule's."""
        self.limited[limit, rule_uid] += 1

    def crowding(self, rule_uid: str) -> Limit | None:
        """What keeps an incident of this rule from opening now."""
        return self.room.crowding(rule_uid) if self.room is not None else None

    def has_opened(self, case: Case) -> None:
        if self.room is not None:
            self.room.opened(case.incident)

    def has_closed(self, case: Case) -> None:
        if self.room is not None:
            self.room.closed(case.incident)

    def one_more_episode(self, incident_key: str) -> int:
        """How many have opened within the last hour, this one included."""
        self.episodes[incident_key] = self.episodes.get(incident_key, 0) + 1
        return self.episodes[incident_key]

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
        self.seen[body] = SeenBody(taken.id, delivery.request_id, self.now, self.now)
        return taken.id

    def take_duplicate(self, delivery: Delivery, of: SeenBody) -> int:
        """It says what another has said a moment ago. Its id below zero, until it is stored."""
        taken = TakenDelivery(-len(self.deliveries) - 1, delivery, duplicate_of=of.delivery_id)
        self.deliveries.append(taken)
        self.seen[delivery.source, delivery.body_sha256] = replace(of, last_seen_at=self.now)
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
        """Open comes before resolved, and what was resolved last before the others, for that is what reopens."""
        self.cases[case.incident.id] = case
        known = self.by_key.get(case.incident.incident_key)
        if known is None or _rank(case) > _rank(known):
            self.by_key[case.incident.incident_key] = case


def _rank(case: Case) -> tuple[bool, datetime, int]:
    incident = case.incident
    return incident.is_open, incident.resolved_time or incident.last_alert_time, incident.id
