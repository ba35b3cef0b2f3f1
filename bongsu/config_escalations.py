"""The section ``escalations`` of ``bongsu.yaml``: who is paged when nobody takes an incident."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, field_validator

from base.durations import parse_duration, written
from bongsu.config_calendars import person_id
from bongsu.config_mistakes import each, nearest, refuse
from bongsu.config_parts import SEVERITIES, Part, channel
from bongsu.config_routes import Mentions, RoutePart, as_list, few
from bongsu.config_schedules import unknown_schedules
from bongsu.config_text import Text, Way
from bongsu.config_webhooks import webhook_named_or_at
from incidents.escalation.model import DEFAULT, NONE, EscalationPolicy, Step, Webhook
from incidents.model import Severity
from incidents.policy import SCHEDULE

MOST_STEPS = 20

_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(days=7)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_GROUP = re.compile(r"<!subteam\^.*>|@.*")
_NO_WEBHOOK = "write it below 'webhooks', or write a URL such as https://example.com/hook"


def _named(told: object) -> str:
    if told == NONE:
        raise ValueError("'none' is what a route calls no escalation at all: write another name")
    if not isinstance(told, str) or not _NAME.fullmatch(told):
        raise ValueError(f"'{told}' can't be a name here: write lower-case letters, digits, - and _, such as page")
    return told


def _after(told: object) -> timedelta:
    if isinstance(told, str) and told.strip().startswith("-"):
        raise ValueError(f"'{told}' would be before the incident opens: write 0s to page at once, or later")
    return _at_most_a_week(told)


def _at_most_a_week(told: object) -> timedelta:
    duration = parse_duration(told)
    if duration > _LONGEST:
        raise ValueError(f"'{told}' is too long: {_LONGEST.days}d are the most")
    return duration


def _interval(told: object) -> timedelta | None:
    """None where it says ``none``. YAML reads ``off`` as false."""
    if told is None or told is False or told in (NONE, "off"):
        return None
    duration = _at_most_a_week(told)
    if duration < _SHORTEST:
        raise ValueError(f"'{told}' is too short: write {written(_SHORTEST)} or more, or none")
    return duration


def _yes_or_no(told: object) -> bool:
    if not isinstance(told, bool):
        raise ValueError(f"'{told}' is neither: write true or false")  # noqa: TRY004 - pydantic wants it so
    return told


def _addressee(told: str) -> str:
    """Who can get a message of their own: a person's id, or whoever is on call."""
    if told.startswith(SCHEDULE) and told != SCHEDULE:
        return told
    if _GROUP.fullmatch(told):
        mend = f'write its people as "<@U0123456789>", or "{SCHEDULE}name", or name the group in \'mention\''
        raise ValueError(f"'{told}' is no person, who alone can get a direct message: {mend}")
    return person_id(told)


def _addressees(told: list[str]) -> list[str]:
    return few(list(dict.fromkeys(each(told, _addressee))))


def severities(told: object) -> frozenset[Severity]:
    """One or a list. Raises ValueError."""
    names = as_list(told)
    if not isinstance(names, list) or not names:
        raise ValueError(f"severities are needed: write some of [{SEVERITIES}], or leave it out")
    return frozenset(each(names, _severity))


def _severity(told: Any) -> Any:
    if str(told).casefold() not in set(Severity):
        raise ValueError(f"'{told}' is no severity: {nearest(str(told), Severity)}")
    return Severity(told.casefold())


PolicyName = Annotated[str, PlainValidator(_named)]
Severities = Annotated[frozenset[Severity], PlainValidator(severities)]
_Interval = Annotated[timedelta | None, BeforeValidator(_interval)]


class StepPart(Part):
    after: Annotated[timedelta, BeforeValidator(_after)]
    mention: Mentions = Field(default_factory=list)
    broadcast: Annotated[bool, BeforeValidator(_yes_or_no)] = False
    channel: str | None = None
    direct: Annotated[list[str], BeforeValidator(as_list), AfterValidator(_addressees)] = Field(default_factory=list)
    webhook: str | None = None

    @field_validator("channel", mode="before")
    @classmethod
    def _is_channel(cls, told: object) -> str:
        """What is left of ``channel: #leads`` is nothing: YAML takes # for a comment."""
        return channel(told if isinstance(told, str) else "")

    @field_validator("webhook", mode="before")
    @classmethod
    def _is_told(cls, told: object) -> str:
        if not isinstance(told, str) or not told:
            raise ValueError(f"a webhook is needed: {_NO_WEBHOOK}")
        return told

    def step(self, known: Mapping[str, Webhook]) -> Step:
        webhook = None if self.webhook is None else webhook_named_or_at(self.webhook, known).name
        return Step(self.after, tuple(self.mention), self.broadcast, self.channel, tuple(self.direct), webhook)


class EscalationPart(Part):
    steps: list[StepPart]
    repeat: _Interval = None
    acknowledge_timeout: _Interval = None
    unresolved_reminder: _Interval = None
    severity: Severities = frozenset(Severity)

    @field_validator("steps")
    @classmethod
    def _are_in_order(cls, told: list[StepPart]) -> list[StepPart]:
        if not told:
            raise ValueError("the list is empty, so nobody would be paged: write a step such as {after: 5m}")
        if len(told) > MOST_STEPS:
            raise ValueError(f"there are {len(told)} steps: {MOST_STEPS} are the most, and 'repeat' begins again")
        too_early = [place for place in range(1, len(told)) if told[place].after < told[place - 1].after]
        if too_early:
            refuse([((place, "after"), _too_early(told, place)) for place in too_early])
        return told

    def policy(self, name: str, known: Mapping[str, Webhook], *, line: int) -> EscalationPolicy:
        steps = tuple(one.step(known) for one in self.steps)
        timers = (self.repeat, self.acknowledge_timeout, self.unresolved_reminder)
        return EscalationPolicy(name, steps, *timers, severities=self.severity, line=line)


def _too_early(steps: Sequence[StepPart], place: int) -> str:
    this, before = written(steps[place].after), written(steps[place - 1].after)
    return f"{this} is before the step above it ({before}): times count from the beginning, so write {before} or more"


Parts = Mapping[str, EscalationPart]


def escalations(parts: Parts, known: Mapping[str, Webhook], told: Text) -> dict[str, EscalationPolicy]:
    """By name. ``known`` are the webhooks that have names."""
    lines = {name: told.key_spot(("escalations", name)).line for name in parts}
    return {name: part.policy(name, known, line=lines[name]) for name, part in parts.items()}


def webhooks(parts: Parts, known: Mapping[str, Webhook]) -> dict[str, Webhook]:
    """Those that have names, and those that steps tell by their URL."""
    told = [webhook_named_or_at(one, known) for _, one in _told_webhooks(parts)]
    return {**known, **{one.name: one for one in told}}


def faults(parts: Parts, *, schedules: Collection[str], known: Mapping[str, Webhook]) -> list[tuple[Way, str]]:
    """What can't be seen in one policy alone."""
    return [*unknown_schedules(_mentions(parts), schedules), *_wrong_webhooks(parts, known)]


def _mentions(parts: Parts) -> Iterator[tuple[Way, str]]:
    for way, step in _steps(parts):
        yield from (((*way, "mention", number), one) for number, one in enumerate(step.mention))
        yield from (((*way, "direct", number), one) for number, one in enumerate(step.direct))


def _wrong_webhooks(parts: Parts, known: Mapping[str, Webhook]) -> Iterator[tuple[Way, str]]:
    for way, told in _told_webhooks(parts):
        try:
            webhook_named_or_at(told, known)
        except ValueError as error:
            yield way, str(error)


def _told_webhooks(parts: Parts) -> Iterator[tuple[Way, str]]:
    for way, step in _steps(parts):
        if step.webhook is not None:
            yield (*way, "webhook"), step.webhook


def _steps(parts: Parts) -> Iterator[tuple[Way, StepPart]]:
    for name, part in parts.items():
        yield from ((("escalations", name, "steps", place), step) for place, step in enumerate(part.steps))


def route_faults(routes: Sequence[RoutePart], parts: Parts) -> list[tuple[Way, str]]:
    """Routes that name a policy that is not there, or for a severity that it is not for."""
    names = [*parts, DEFAULT, NONE]
    problems: list[tuple[Way, str]] = []
    for way, severity, name in _named_in(routes):
        if name not in names:
            mend = nearest(name, dict.fromkeys(names)) if parts else "write it below 'escalations'"
            problems.append((way, f"there is no escalation policy '{name}': {mend}"))
        elif severity is not None and name in parts and severity not in parts[name].severity:
            mend = f"add it to its 'severity', or write {severity}: none"
            problems.append((way, f"'{name}' is not for {severity}, so nobody would be paged: {mend}"))
    return problems


def _named_in(routes: Sequence[RoutePart]) -> Iterator[tuple[Way, Severity | None, str]]:
    """With the way to each; None: for all severities."""
    for place, route in enumerate(routes):
        way = ("routes", place, "escalation")
        if isinstance(route.escalation, str):
            yield way, None, route.escalation
        else:
            yield from (((*way, severity.value), severity, name) for severity, name in route.escalation.items())
