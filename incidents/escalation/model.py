"""Escalation policies as ``bongsu.yaml`` has them, and the steps that they become. Frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from incidents.model import Severity

NONE = "none"
"""What a route calls the policy that never pages anybody."""
DEFAULT = "default"
"""The policy of the routes that name none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page: who hears, how loudly, how long after the incident opened (or became nobody's again).

    ``mention`` as a route's: ``<@U…>``, ``<!subteam^S…>``, ``@handle``, ``schedule:name``. Empty: whom the route
    mentions. ``direct``: people (``U…``) and ``schedule:name`` who get a message of their own. ``channel``: a message
    there, too. ``webhook``: the name of one of ``Policy.webhooks``. ``broadcast``: the thread's message is shown in the
    channel, too.
    """

    after: timedelta
    mention: tuple[str, ...] = ()
    broadcast: bool = False
    channel: str | None = None
    direct: tuple[str, ...] = ()
    webhook: str | None = None


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """``steps`` by their time, at least one unless ``name`` is ``none``.

    ``repeat``: so long after the last step it begins again; None: it does not. ``acknowledge_timeout``: so long after
    somebody took it they are asked whether they still have it; None: never. ``unresolved_reminder``: so often its owner
    hears that it is still open; None: never. ``severities``: what it is for; others are not escalated by it.
    ``line`` is where it stands in ``bongsu.yaml``, from 1; None: nowhere.
    """

    name: str
    steps: tuple[Step, ...] = ()
    repeat: timedelta | None = None
    acknowledge_timeout: timedelta | None = None
    unresolved_reminder: timedelta | None = None
    severities: frozenset[Severity] = frozenset(Severity)
    line: int | None = field(default=None, compare=False)


class Timer(StrEnum):
    """What a planned step does when it is due."""

    PAGE = "page"
    ASK_OWNER = "ask_owner"
    STILL_OPEN = "still_open"


class StepState(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One row of ``escalation_steps``. ``step`` counts all of an episode from 1; times are aware UTC.

    ``position`` is the step of its policy, from 1, in the ``round``, from 1, that began at ``began_at``; both are 0 for
    what is no page. ``due_at`` stays what it was planned for. ``done_at`` is when it was done or cancelled, ``reason``
    why, where that is not the clock. ``event_id`` is what tells it on the timeline; None: nothing does.
    """

    incident_id: int
    episode: int
    step: int
    timer: Timer
    policy: str
    position: int
    round: int
    began_at: datetime
    due_at: datetime
    state: StepState = StepState.PLANNED
    done_at: datetime | None = None
    reason: str | None = None
    event_id: int | None = None
    id: int | None = None


class Template(StrEnum):
    """How the body of an outgoing webhook is shaped."""

    GENERIC = "generic"
    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"
    TWILIO = "twilio"
    APPRISE = "apprise"


PAGES_ALONE = frozenset({Template.TWILIO, Template.APPRISE})
"""Receivers that keep no incidents: people hear what they are told, and that is all."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a page goes out of Slack. Secrets are read with ``bongsu.yaml``, from the environment or a file.

    ``url`` is http(s), or what Apprise understands. ``key`` is the receiver's (PagerDuty's routing key, Opsgenie's API
    key, Twilio's "sid:token"), ``secret`` signs the body by HMAC-SHA256; None: there is none. ``fields`` are what else
    a template wants (``to``, ``from``). ``allow_private``: it may lead to a private or loopback address.
    """

    name: str
    url: str
    template: Template = Template.GENERIC
    key: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    fields: Mapping[str, str] = field(default_factory=dict)
    allow_private: bool = False
