"""Policies: what a team decides in ``bongsu.yaml``, as frozen values that are read once and handed down."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from incidents.approvals.model import ApprovalRule
from incidents.digests.model import Digest
from incidents.escalation.model import EscalationPolicy, Step, Webhook
from incidents.heartbeats.model import DeadMansSwitch, Heartbeat
from incidents.model import Place, Severity
from incidents.pattern import Pattern
from incidents.redaction import Redaction
from incidents.roles import Roles
from incidents.schedules.model import Schedule, Window


@dataclass(frozen=True, slots=True)
class LabelMap:
    """Which labels say where an alert is from: for each part, the first label that is present wins.

    The defaults were counted in kube-prometheus, monitoring-mixins and awesome-prometheus-alerts. ``phases`` and
    ``exporters`` are what a team adds to the names that the rules know, in lower case. ``defaults`` is what the labels
    of a source's alerts are taken to say where they say nothing: by source, then by ``DEFAULTABLE``.
    """

    cluster: tuple[str, ...] = ("cluster", "cluster_name", "k8s_cluster_name", "kube_cluster_name")
    namespace: tuple[str, ...] = (
        "exported_namespace", "namespace", "kubernetes_namespace", "k8s_namespace_name", "kube_namespace",
    )  # fmt: skip
    service: tuple[str, ...] = (
        "service_name", "exported_service", "service", "app", "app_kubernetes_io_name",
        "deployment", "statefulset", "daemonset", "job",
    )  # fmt: skip
    phase: tuple[str, ...] = ("phase", "environment", "env", "deployment_environment", "stage")
    severity: tuple[str, ...] = ("severity", "level", "priority")
    series: tuple[str, ...] = ("pod", "instance", "host", "hostname", "node", "container", "device", "name")
    phases: frozenset[str] = frozenset()
    exporters: tuple[str, ...] = ()
    defaults: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: frozenset[str] = field(init=False, compare=False)
    """The labels that say where an alert is from, or how grave it is."""
    read: frozenset[str] = field(init=False, compare=False)
    """All labels that it reads."""

    def __post_init__(self) -> None:
        places = frozenset(chain(self.cluster, self.namespace, self.service, self.phase, self.severity))
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "read", places.union(self.series))


@dataclass(frozen=True, slots=True)
class Traits:
    """What routes can ask of an incident that opens. ``labels`` are those of the alert that opened it, as told."""

    place: Place
    severity: Severity
    source: str = ""
    alert: str = ""
    rule: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def told(self, name: str) -> str:
        """The value of a field of ``ROUTE_FIELDS``, or of a label (``labels.team``); "" where there is none."""
        if name.startswith(LABEL):
            return self.labels.get(name.removeprefix(LABEL), "")
        match name:
            case "severity":
                return self.severity.value
            case "source" | "alert" | "rule":
                return str(getattr(self, name))
            case _:
                return str(getattr(self.place, name))


@dataclass(frozen=True, slots=True)
class Route:
    """Where incidents that match go: ``channel``, and ``also`` others, each with a card of its own.

    A field matches by one of the lower-case values in ``match`` or one of ``patterns``; all that are named must. None
    are: all match. ``mention`` is who hears of it as it opens: ``<@U…>``, ``<!subteam^S…>``, a group's ``@handle``, or
    ``schedule:name``, which is who is on call. ``escalation`` names the policy of each severity; absent: the default.
    ``line`` is where it stands in ``bongsu.yaml``, from 1; None: nowhere.
    """

    channel: str
    match: Mapping[str, frozenset[str]] = field(default_factory=dict)
    patterns: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()
    escalation: Mapping[Severity, str] = field(default_factory=dict)
    line: int | None = field(default=None, compare=False)

    @property
    def channels(self) -> tuple[str, ...]:
        return (self.channel, *self.also)

    @property
    def fields(self) -> tuple[str, ...]:
        """All that it asks."""
        return tuple(dict.fromkeys((*self.match, *self.patterns)))

    def takes(self, name: str, value: str) -> bool:
        """Whether this value of the field ``name`` is one that it asks for."""
        if value.casefold() in self.match.get(name, ()):
            return True
        return any(pattern.matches(value) for pattern in self.patterns.get(name, ()))

    def matches(self, traits: Traits) -> bool:
        return all(self.takes(name, traits.told(name)) for name in self.fields)


SCHEDULE = "schedule:"
"""What a mention begins with that means whoever is on call."""

MOST_MENTIONED = 20
"""By one route, or in one channel: more would not fit into a message, and is a group."""

LABEL = "labels."
ROUTE_FIELDS = ("cluster", "namespace", "service", "phase", "severity", "source", "alert", "rule")
DEFAULTABLE = ("cluster", "namespace", "service", "phase", "severity")
"""What a source's URL, or ``bongsu.yaml``, may say of all its alerts."""


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """What is known of one monitoring system. ``repeat_interval`` is how often it tells again of what still fires.

    ``default_labels`` count, by ``DEFAULTABLE``, where neither an alert's labels nor its sender's URL say anything.
    """

    default_labels: Mapping[str, str] = field(default_factory=dict)
    repeat_interval: timedelta = timedelta(hours=4)

    @property
    def stale_after(self) -> timedelta:
        """A series that was not heard of for so long can't be thought to fire: two repetitions were due, and a bit."""
        return 2 * self.repeat_interval + timedelta(minutes=10)


class Limit(StrEnum):
    """What a limit is on, by its name in ``bongsu.yaml``, in metrics and in logs."""

    SERIES_PER_INCIDENT = "series_per_incident"
    TIMELINE = "timeline"
    INCIDENTS_PER_RULE = "incidents_per_rule"
    OPEN_INCIDENTS = "open_incidents"
    LABELS = "labels"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far may grow what is built on alerts; each alert itself is stored whatever they say. All from 1 up.

    ``timeline`` counts an incident's events, ``incidents_per_rule`` and ``open_incidents`` those that are open at once,
    ``labels`` the labels of one alert that have a place outside of its raw payload.
    """

    series_per_incident: int = 1000
    timeline: int = 2000
    incidents_per_rule: int = 500
    open_incidents: int = 20_000
    labels: int = 200


@dataclass(frozen=True, slots=True)
class Retention:
    """How long rows are kept; None: for ever.

    Alerts and deliveries count from when they were received, incidents from when they were resolved. What is deleted
    is written into the folder ``archive`` before; None: it is not. Entries of the ``audit`` log count from when they
    were written, and go by ``jobs.audit``. ``bongsu.config_file`` refuses what can't be kept.
    """

    alerts: timedelta | None = None
    deliveries: timedelta | None = None
    incidents: timedelta | None = None
    archive: Path | None = None
    audit: timedelta | None = None

    @property
    def deletes(self) -> bool:
        return any(age is not None for age in (self.alerts, self.deliveries, self.incidents))


@dataclass(frozen=True, slots=True)
class StormPolicy:
    """Above so many new incidents a minute in one channel, one roll-up stands for their cards.

    It is over when the rate was not above for as long as ``calm``. ``above`` 0: never, each has its card.
    """

    above: int = 10
    calm: timedelta = timedelta(minutes=2)

    @property
    def is_off(self) -> bool:
        return self.above == 0


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When what is as grave as ``severities`` pages nobody: the hours ``window`` by the clocks of ``zone``."""

    zone: ZoneInfo
    window: Window
    severities: frozenset[Severity] = frozenset({Severity.WARNING, Severity.INFO})


@dataclass(frozen=True, slots=True)
class Paging:
    """The manners of pages. Above ``most_per_hour`` in one channel they are merged, from 1 up; none is dropped.

    What is held back in ``quiet_hours`` comes when they end. None: there are none.
    """

    most_per_hour: int = 20
    quiet_hours: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """All that the rules ask a team's configuration.

    ``admin_channel`` None: the default one. ``sources`` by their name in the URL, such as ``grafana``. ``storms`` are
    the rates of channels that have their own. ``language`` is what channels are written in, and people whose own is not
    known. ``escalations``, ``webhooks`` and ``heartbeats`` by their names. ``heartbeat`` is what Bongsu itself
    calls; None: nothing. Of ``approvals`` the first that matches an incident says whether a second person is needed.
    """

    default_channel: str = "#incidents"
    admin_channel: str | None = None
    labels: LabelMap = LabelMap()
    routes: tuple[Route, ...] = ()
    reopen_window: timedelta = timedelta(minutes=10)
    duplicate_window: timedelta = timedelta(seconds=60)
    sources: Mapping[str, SourcePolicy] = field(default_factory=dict)
    retention: Retention = Retention()
    limits: Limits = Limits()
    storm: StormPolicy = StormPolicy()
    storms: Mapping[str, StormPolicy] = field(default_factory=dict)
    roles: Roles = field(default_factory=Roles)
    language: str = "en"
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    escalations: Mapping[str, EscalationPolicy] = field(default_factory=dict)
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    paging: Paging = Paging()
    heartbeats: Mapping[str, Heartbeat] = field(default_factory=dict)
    heartbeat: DeadMansSwitch | None = None
    digests: tuple[Digest, ...] = ()
    redact: tuple[Redaction, ...] = ()
    approvals: tuple[ApprovalRule, ...] = ()

    def __post_init__(self) -> None:
        """The label map is handed on alone, so it must know the sources' default labels."""
        if self.sources:
            defaults = {name: source.default_labels for name, source in self.sources.items()}
            object.__setattr__(self, "labels", replace(self.labels, defaults=defaults))

    def source(self, name: str) -> SourcePolicy:
        """What is configured for this source, else what holds for any."""
        return self.sources.get(name, SourcePolicy())

    @property
    def channel_for_admins(self) -> str:
        """Where who runs Bongsu is told what is wrong with it."""
        return self.admin_channel or self.default_channel

    @property
    def channels(self) -> tuple[str, ...]:
        """Where messages may go: the default one, of routes, steps, schedules, digests, the admins'. Once each."""
        routed = chain.from_iterable(route.channels for route in self.routes)
        paged = (step.channel for step in self.steps if step.channel is not None)
        handed = (one.handover_channel for one in self.schedules.values() if one.handover_channel is not None)
        told = (digest.channel for digest in self.digests)
        return tuple(dict.fromkeys((self.default_channel, *routed, *paged, *handed, self.channel_for_admins, *told)))

    @property
    def steps(self) -> tuple[Step, ...]:
        """Those of all escalation policies."""
        return tuple(chain.from_iterable(one.steps for one in self.escalations.values()))

    def route_for(self, traits: Traits) -> Route:
        """The first route that matches; where none does, one to the default channel."""
        return next((route for route in self.routes if route.matches(traits)), Route(self.default_channel))

    def channel_for(self, place: Place, severity: Severity) -> str:
        """The channel of what no alert has opened, so that nothing but this is known of it."""
        return self.route_for(Traits(place, severity)).channel

    def storm_in(self, channel: str) -> StormPolicy:
        return self.storms.get(channel, self.storm)

    @property
    def mentions(self) -> tuple[str, ...]:
        """All that any route mentions or any step of an escalation, each once."""
        mentioned = (*(route.mention for route in self.routes), *(step.mention for step in self.steps))
        return tuple(dict.fromkeys(chain.from_iterable(mentioned)))

    def mentioned_in(self, channel: str) -> tuple[str, ...]:
        """Whom the routes that lead to this channel first mention, each once."""
        mentioned = chain.from_iterable(route.mention for route in self.routes if route.channel == channel)
        return tuple(dict.fromkeys(mentioned))[:MOST_MENTIONED]


class Policies:
    """The policy that is in force. It may be exchanged at any time: a transaction takes ``current`` once."""

    def __init__(self, first: Policy) -> None:
        self.current = first
