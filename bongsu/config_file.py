"""``bongsu.yaml``: what a team decides. Every part is optional; an unknown key is a mistake that is named."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator, model_validator

from base.durations import parse_duration
from bongsu.config_digests import DigestPart, digests, doubled
from bongsu.config_escalations import EscalationPart, PolicyName, escalations, route_faults, webhooks
from bongsu.config_escalations import faults as escalation_faults
from bongsu.config_heartbeats import HeartbeatName, HeartbeatPart, SwitchPart, heartbeats, too_many
from bongsu.config_mistakes import InvalidConfig, at, each, nearest, of_flaws, of_model, refuse
from bongsu.config_paging import PagingPart
from bongsu.config_parts import MOST, SEVERITIES, Duration, Part, Storm, channel, perhaps_off
from bongsu.config_routes import RoutePart, disagreements, storms, without_channel
from bongsu.config_schedules import Name, SchedulePart, faults, schedules, unknown_mentions
from bongsu.config_text import KEY, Text, Way, read_text
from bongsu.config_webhooks import Name as WebhookName
from bongsu.config_webhooks import WebhookPart, read_webhooks
from bot.language import DEFAULT, LANGUAGES
from incidents.errors import InvalidInput
from incidents.escalation.model import Webhook
from incidents.policy import (
    DEFAULTABLE,
    LabelMap,
    Limits,
    Policy,
    Retention,
    SourcePolicy,
    StormPolicy,
)
from incidents.roles import Role, Roles
from incidents.rules.severity import names_severity
from incidents.tenants.model import DEFAULT_SLUG
from receiver.sources import SOURCES


def _whole_number(told: object) -> int:
    if type(told) is not int or not 1 <= told <= MOST:
        raise ValueError(f"'{told}' is no limit: write a whole number from 1 to {MOST}")
    return told


Count = Annotated[int, BeforeValidator(_whole_number)]


class _Slack(Part):
    default_channel: str = "#incidents"
    admin_channel: str | None = None
    language: str = DEFAULT

    @field_validator("default_channel", "admin_channel")
    @classmethod
    def _is_channel(cls, told: str | None) -> str | None:
        return told if told is None else channel(told)

    @field_validator("language")
    @classmethod
    def _is_spoken(cls, told: str) -> str:
        if told not in LANGUAGES:
            raise ValueError(f"'{told}' is no language that Bongsu speaks: use {' or '.join(LANGUAGES)}")
        return told


class _Labels(Part):
    cluster: list[str] | None = None
    namespace: list[str] | None = None
    service: list[str] | None = None
    phase: list[str] | None = None
    severity: list[str] | None = None
    series: list[str] | None = None
    phases: list[str] = Field(default_factory=list)
    exporters: list[str] = Field(default_factory=list)

    @field_validator("phases", "exporters")
    @classmethod
    def _says_something(cls, told: list[str]) -> list[str]:
        names = [name.strip().casefold() for name in told]
        if "" in names:
            raise ValueError("an empty name is in the list: leave it out")
        return names


class _Source(Part):
    default_labels: dict[str, str] = Field(default_factory=dict)
    repeat_interval: Duration = SourcePolicy().repeat_interval

    @field_validator("default_labels")
    @classmethod
    def _is_known(cls, told: dict[str, str]) -> dict[str, str]:
        problems: list[tuple[Way, str]] = []
        for name, value in told.items():
            if name not in DEFAULTABLE:
                problems.append(((name, KEY), f"'{name}' can't have a default: {nearest(name, DEFAULTABLE)}"))
            elif not value.strip():
                problems.append(((name,), f"'{name}' is empty: write what it is, or leave it out"))
            elif name == "severity" and not names_severity(value):
                problems.append(((name,), f"'{value}' is no severity: use {SEVERITIES}"))
        if problems:
            refuse(problems)
        return {name: value.strip() for name, value in told.items()}

    @field_validator("repeat_interval")
    @classmethod
    def _is_longer_than_nothing(cls, told: timedelta) -> timedelta:
        if not told:
            raise ValueError("it can't be zero: write how often the source repeats what still fires, such as 4h")
        return told


class _Limits(Part):
    series_per_incident: Count = Limits().series_per_incident
    timeline: Count = Limits().timeline
    incidents_per_rule: Count = Limits().incidents_per_rule
    open_incidents: Count = Limits().open_incidents
    labels: Count = Limits().labels


_ROLES = {role.name.lower(): role for role in Role}
_MENTION = re.compile(r"<(?:@|!subteam\^)([A-Z0-9]+)(?:\|[^>]*)?>")
_SOMEBODY = re.compile(r"[UWS][A-Z0-9]{2,}|@[^\s@<>]+")

_SHORTEST = {"alerts": timedelta(hours=1), "deliveries": timedelta(hours=1), "incidents": timedelta(days=1)}
"""Younger ones are still worked with: duplicates, ends that overtook their beginnings, reopening, flapping."""
_LONGEST = timedelta(days=36_500)


class _RetentionPart(Part):
    alerts: str | None = None
    deliveries: str | None = None
    incidents: str | None = None
    archive: Path | None = None

    @field_validator("alerts", "deliveries", "incidents")
    @classmethod
    def _is_sound(cls, told: str | None, field: Any) -> str | None:
        if told is not None and not _SHORTEST[field.field_name] <= parse_duration(told) <= _LONGEST:
            shortest = _SHORTEST[field.field_name] // timedelta(hours=1)
            raise ValueError(f"'{told}' is out of range: write {shortest}h or more, or leave it out to keep everything")
        return told

    @field_validator("archive")
    @classmethod
    def _is_one_folder(cls, told: Path | None) -> Path | None:
        if told is not None and not told.is_absolute():
            raise ValueError(f"'{told}' depends on where Bongsu is started: write the whole path, such as /archive")
        return told

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        """An alert names its incident, so the incident has to stay for as long."""
        policy = self.policy()
        if policy.incidents is not None and policy.alerts is None:
            raise ValueError("incidents can't go while their alerts stay: set alerts, too, no longer than incidents")
        if policy.incidents is not None and policy.alerts is not None and policy.alerts > policy.incidents:
            raise ValueError(
                f"alerts ({self.alerts}) can't be kept longer than their incidents ({self.incidents}): "
                "write a shorter alerts or a longer incidents"
            )
        if policy.archive is not None and not policy.deletes:
            raise ValueError("archive is set, but nothing is ever deleted: set alerts, deliveries or incidents, too")
        return self

    def policy(self) -> Retention:
        ages = {name: getattr(self, name) for name in _SHORTEST}
        parsed = {name: None if told is None else parse_duration(told) for name, told in ages.items()}
        return Retention(**parsed, archive=self.archive)


class _Roles(Part):
    default: str = Roles().default.name.lower()
    viewer: list[str] = Field(default_factory=list)
    responder: list[str] = Field(default_factory=list)
    admin: list[str] = Field(default_factory=list)

    @field_validator("default")
    @classmethod
    def _is_role(cls, told: str) -> str:
        if told not in _ROLES:
            raise ValueError(f"'{told}' is no role: use {', '.join(_ROLES)}")
        return told

    @field_validator(*_ROLES)
    @classmethod
    def _is_somebody(cls, told: list[str]) -> list[str]:
        return each(told, _somebody)

    def policy(self) -> Roles:
        """Of those who are named under several roles the highest counts, so it comes last."""
        given = {one: role for name, role in _ROLES.items() for one in getattr(self, name)}
        groups = {one: role for one, role in given.items() if one.startswith(("@", "S"))}
        people = {one: role for one, role in given.items() if one not in groups}
        return Roles(_ROLES[self.default], people, groups)


def _is_source(name: str) -> str:
    if name not in SOURCES:
        raise ValueError(f"there is no source '{name}': {nearest(name, SOURCES)}")
    return name


class _File(Part):
    slack: _Slack = _Slack()
    labels: _Labels = _Labels()
    routes: list[RoutePart] = Field(default_factory=list)
    retention: _RetentionPart = _RetentionPart()
    sources: dict[Annotated[str, AfterValidator(_is_source)], _Source] = Field(default_factory=dict)
    limits: _Limits = _Limits()
    storm: Storm = Storm()
    roles: _Roles = _Roles()
    schedules: dict[Name, SchedulePart] = Field(default_factory=dict)
    escalations: dict[PolicyName, EscalationPart] = Field(default_factory=dict)
    paging: PagingPart = PagingPart()
    webhooks: dict[WebhookName, WebhookPart] = Field(default_factory=dict)
    heartbeats: dict[HeartbeatName, HeartbeatPart] = Field(default_factory=dict)
    heartbeat: SwitchPart | None = None
    digests: list[DigestPart] = Field(default_factory=list)

    @field_validator("storm", mode="before")
    @classmethod
    def _may_be_off(cls, told: object) -> object:
        return perhaps_off(told)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """``required``: it is a mistake where there is none."""

    path: Path
    required: bool = False

    def of(self, slug: str) -> "ConfigFile":
        """The file of this tenant. Another's stands beside the default one's, as ``bongsu.acme.yaml``, or nowhere."""
        if slug == DEFAULT_SLUG:
            return self
        return ConfigFile(self.path.with_name(f"{self.path.stem}.{slug}{self.path.suffix}"))

    def policy(self) -> Policy:
        """As it stands there now. Raises InvalidConfig and InvalidInput."""
        return read_policy(self.path, required=self.required)


def read_policy(path: Path, *, required: bool) -> Policy:
    """The policy in this file; the defaults where there is none, unless it is ``required``.

    Raises InvalidConfig for mistakes in it, InvalidInput where it can't be read.
    """
    if not path.exists() and not required:
        return Policy()
    return parse_policy(read_file(path), name=path.name)


def read_file(path: Path) -> str:
    """Raises InvalidInput."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("BONGSU_CONFIG", f"{path} is not UTF-8: save it as that in your editor") from error
    except OSError as error:
        problem = f"{path} can't be read ({error.strerror}): write the path of your bongsu.yaml"
        raise InvalidInput("BONGSU_CONFIG", problem) from error


def parse_policy(text: str, *, name: str) -> Policy:
    """``name`` is the file's. Raises InvalidConfig, which has every mistake."""
    told = read_text(text)
    mistakes = of_flaws(told.flaws)
    said = {} if told.said is None else told.said
    if not isinstance(said, dict):
        mistakes.append(at(told, (), "it is not a mapping: write keys such as 'slack:' and 'routes:'"))
        raise InvalidConfig(name, mistakes, text)
    mistakes += [at(told, way, problem) for way, problem in without_channel(said.get("routes"))]
    try:
        # A section without content is what is left when all its keys are commented out.
        file = _File.model_validate({key: part for key, part in said.items() if part is not None})
    except ValidationError as error:
        mistakes += of_model(error, told, _File)
    else:
        known, of_webhooks = read_webhooks(file.webhooks)
        found = [*of_webhooks, *_disagreements(file), *too_many(file.heartbeats)]
        mistakes += [at(told, way, problem) for way, problem in found]
        if not mistakes:
            return _policy(file, told, known)
    raise InvalidConfig(name, sorted(mistakes), text)


def _disagreements(file: _File) -> list[tuple[Way, str]]:
    """What can't be seen in one section alone. A webhook that is wrong is there all the same."""
    known = {name: Webhook(name, "") for name in file.webhooks}
    return [
        *disagreements(file.routes),
        *faults(file.schedules),
        *doubled(file.digests),
        *unknown_mentions(file.routes, file.schedules),
        *escalation_faults(file.escalations, schedules=file.schedules, known=known),
        *route_faults(file.routes, file.escalations),
    ]


def _policy(file: _File, told: Text, known: Mapping[str, Webhook]) -> Policy:
    return Policy(
        default_channel=file.slack.default_channel,
        admin_channel=file.slack.admin_channel,
        labels=_label_map(file.labels),
        routes=tuple(one.route(line=told.spot(("routes", place)).line) for place, one in enumerate(file.routes)),
        sources={name: SourcePolicy(one.default_labels, one.repeat_interval) for name, one in file.sources.items()},
        retention=file.retention.policy(),
        limits=Limits(**file.limits.model_dump()),
        storm=StormPolicy(file.storm.above, file.storm.calm),
        storms=storms(file.routes),
        roles=file.roles.policy(),
        language=file.slack.language,
        schedules=schedules(file.schedules, told),
        escalations=escalations(file.escalations, known, told),
        webhooks=webhooks(file.escalations, known),
        paging=file.paging.paging(),
        heartbeats=heartbeats(file.heartbeats),
        heartbeat=file.heartbeat.switch() if file.heartbeat is not None else None,
        digests=digests(file.digests),
    )


def _label_map(told: _Labels) -> LabelMap:
    """Lists of label names replace the default ones; ``phases`` and ``exporters`` add to what is known."""
    lists = told.model_dump(exclude={"phases", "exporters"}, exclude_none=True)
    named: dict[str, Any] = {part: tuple(names) for part, names in lists.items()}
    return LabelMap(**named, phases=frozenset(told.phases), exporters=tuple(told.exporters))


def _somebody(told: str) -> str:
    """A person's or a group's id, or a group's ``@handle``."""
    mention = _MENTION.fullmatch(told.strip())
    name = mention[1] if mention else told.strip()
    if not _SOMEBODY.fullmatch(name):
        raise ValueError(f'\'{told}\' is nobody: write "<@U…>" for a person, "@handle" for a user group, or an id')
    return name.lower() if name.startswith("@") else name
