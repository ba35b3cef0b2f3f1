"""``bongsu.yaml``: what a team decides. Every part is optional; an unknown key is a mistake that is named."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from bongsu.durations import parse_duration
from bot.language import DEFAULT, LANGUAGES
from incidents.errors import InvalidInput
from incidents.model import Severity
from incidents.policy import (
    DEFAULTABLE,
    ROUTE_FIELDS,
    LabelMap,
    Limits,
    Policy,
    Retention,
    Route,
    SourcePolicy,
    StormPolicy,
)
from incidents.roles import Role, Roles
from incidents.rules.severity import names_severity
from receiver.sources import SOURCES

Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


MOST = 1_000_000
"""Of any limit: more would be none."""


def _whole_number(told: object) -> int:
    if type(told) is not int or not 1 <= told <= MOST:
        raise ValueError(f"'{told}' is no limit: write a whole number from 1 to {MOST}")
    return told


Count = Annotated[int, BeforeValidator(_whole_number)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Slack(_Part):
    default_channel: str = "#incidents"
    admin_channel: str | None = None
    language: str = DEFAULT

    @field_validator("default_channel", "admin_channel")
    @classmethod
    def _is_channel(cls, told: str | None) -> str | None:
        return told if told is None else _channel(told)

    @field_validator("language")
    @classmethod
    def _is_spoken(cls, told: str) -> str:
        if told not in LANGUAGES:
            raise ValueError(f"'{told}' is no language that Bongsu speaks: use {' or '.join(LANGUAGES)}")
        return told


class _Labels(_Part):
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


class _Source(_Part):
    default_labels: dict[str, str] = Field(default_factory=dict)
    repeat_interval: Duration = SourcePolicy().repeat_interval

    @field_validator("default_labels")
    @classmethod
    def _is_known(cls, told: dict[str, str]) -> dict[str, str]:
        for name, value in told.items():
            if name not in DEFAULTABLE:
                raise ValueError(f"'{name}' can't have a default: use {', '.join(DEFAULTABLE)}")
            if not value.strip():
                raise ValueError(f"'{name}' is empty: write what it is, or leave it out")
            if name == "severity" and not names_severity(value):
                raise ValueError(f"'{value}' is no severity: use {_SEVERITIES}")
        return {name: value.strip() for name, value in told.items()}

    @field_validator("repeat_interval")
    @classmethod
    def _is_longer_than_nothing(cls, told: timedelta) -> timedelta:
        if not told:
            raise ValueError("it can't be zero: write how often the source repeats what still fires, such as 4h")
        return told


class _Limits(_Part):
    series_per_incident: Count = Limits().series_per_incident
    timeline: Count = Limits().timeline
    incidents_per_rule: Count = Limits().incidents_per_rule
    open_incidents: Count = Limits().open_incidents
    labels: Count = Limits().labels


def _rate(told: object) -> int:
    if type(told) is not int or not 0 <= told <= MOST:
        raise ValueError(f"'{told}' is no rate: write how many new incidents a minute, such as 10, or 0 to turn it off")
    return told


class _Storm(_Part):
    above: Annotated[int, BeforeValidator(_rate)] = StormPolicy().above
    calm: Duration = StormPolicy().calm

    @field_validator("calm")
    @classmethod
    def _is_no_day(cls, told: timedelta) -> timedelta:
        if not timedelta(seconds=1) <= told <= _LONGEST_CALM:
            raise ValueError("it is out of range: write how long it must be calm, from 1s to 1h, such as 2m")
        return told


_LONGEST_CALM = timedelta(hours=1)

_ROLES = {role.name.lower(): role for role in Role}
_MENTION = re.compile(r"<(?:@|!subteam\^)([A-Z0-9]+)(?:\|[^>]*)?>")
_SOMEBODY = re.compile(r"[UWS][A-Z0-9]{2,}|@[^\s@<>]+")


class _RoutePart(_Part):
    channel: str
    match: dict[str, str | list[str]] = Field(default_factory=dict)

    @field_validator("channel")
    @classmethod
    def _is_channel(cls, told: str) -> str:
        return _channel(told)

    @field_validator("match")
    @classmethod
    def _is_known(cls, told: dict[str, Any]) -> dict[str, Any]:
        for name in told:
            if name not in ROUTE_FIELDS:
                raise ValueError(f"'{name}' can't be matched: use {', '.join(sorted(ROUTE_FIELDS))}")
        return told

    @field_validator("match")
    @classmethod
    def _is_severity(cls, told: dict[str, Any]) -> dict[str, Any]:
        for value in _values(told.get("severity", [])):
            if value not in set(Severity):
                raise ValueError(f"'{value}' is no severity: use {_SEVERITIES}")
        return told


_SEVERITIES = ", ".join(Severity)

_SHORTEST = {"alerts": timedelta(hours=1), "deliveries": timedelta(hours=1), "incidents": timedelta(days=1)}
"""Younger ones are still worked with: duplicates, ends that overtook their beginnings, reopening, flapping."""
_LONGEST = timedelta(days=36_500)


class _RetentionPart(_Part):
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


class _Roles(_Part):
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
        return [_somebody(one) for one in told]

    def policy(self) -> Roles:
        """Of those who are named under several roles the highest counts, so it comes last."""
        given = {one: role for name, role in _ROLES.items() for one in getattr(self, name)}
        groups = {one: role for one, role in given.items() if one.startswith(("@", "S"))}
        people = {one: role for one, role in given.items() if one not in groups}
        return Roles(_ROLES[self.default], people, groups)


class _File(_Part):
    slack: _Slack = _Slack()
    labels: _Labels = _Labels()
    routes: list[_RoutePart] = Field(default_factory=list)
    retention: _RetentionPart = _RetentionPart()
    sources: dict[str, _Source] = Field(default_factory=dict)
    limits: _Limits = _Limits()
    storm: _Storm = _Storm()
    roles: _Roles = _Roles()

    @field_validator("storm", mode="before")
    @classmethod
    def _may_be_off(cls, told: object) -> object:
        """YAML reads ``off`` as false."""
        return {"above": 0} if told is False or told == "off" else told

    @field_validator("sources")
    @classmethod
    def _is_known(cls, told: dict[str, _Source]) -> dict[str, _Source]:
        for name in told:
            if name not in SOURCES:
                raise ValueError(f"there is no source '{name}': use {', '.join(SOURCES)}")
        return told


def read_policy(path: Path, *, required: bool) -> Policy:
    """The policy in this file; the defaults where there is none, unless it is ``required``. Raises InvalidInput."""
    if not path.exists() and not required:
        return Policy()
    try:
        told = yaml.safe_load(path.read_text("utf-8")) or {}
        if not isinstance(told, dict):
            raise InvalidInput(str(path), "it is not a mapping: write keys such as 'slack:' and 'routes:'")
        # A section without content is what is left when all its keys are commented out.
        return _policy(_File.model_validate({name: part for name, part in told.items() if part is not None}))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InvalidInput(
            "BONGSU_CONFIG", f"{path} can't be read ({why}): write the path of your bongsu.yaml"
        ) from error
    except yaml.YAMLError as error:
        raise InvalidInput(str(path), f"it is no YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or str(path)
        raise InvalidInput(f"{path.name}: {where}", _in_words(first["type"], first["msg"])) from error


def _in_words(kind: str, message: str) -> str:
    """Ours as they are; of the library's, those that name its own types."""
    match kind:
        case "extra_forbidden":
            return "there is no such key: docs/reference/configuration.md has those that there are"
        case "model_type" | "dict_type":
            return "a mapping is needed: write keys below it, or leave it out"
        case "string_type":
            return "text is needed: write it in quotes"
        case _:
            return message.removeprefix("Value error, ")


def _policy(file: _File) -> Policy:
    return Policy(
        default_channel=file.slack.default_channel,
        admin_channel=file.slack.admin_channel,
        labels=_label_map(file.labels),
        routes=tuple(Route(route.channel, _match(route.match)) for route in file.routes),
        sources={name: SourcePolicy(one.default_labels, one.repeat_interval) for name, one in file.sources.items()},
        retention=file.retention.policy(),
        limits=Limits(**file.limits.model_dump()),
        storm=StormPolicy(file.storm.above, file.storm.calm),
        roles=file.roles.policy(),
        language=file.slack.language,
    )


def _label_map(told: _Labels) -> LabelMap:
    """Lists of label names replace the default ones; ``phases`` and ``exporters`` add to what is known."""
    lists = told.model_dump(exclude={"phases", "exporters"}, exclude_none=True)
    named: dict[str, Any] = {part: tuple(names) for part, names in lists.items()}
    return LabelMap(**named, phases=frozenset(told.phases), exporters=tuple(told.exporters))


def _match(told: dict[str, str | list[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(value.casefold() for value in _values(allowed)) for name, allowed in told.items()}


def _values(told: str | list[str]) -> list[str]:
    return [told] if isinstance(told, str) else told


def _channel(told: str) -> str:
    if not (told.startswith(("#", "C", "G")) and len(told) > 1 and " " not in told):
        raise ValueError(f"'{told}' is no channel: write \"#name\" (in quotes) or an id such as C0123456789")
    return told


def _somebody(told: str) -> str:
    """A person's or a group's id, or a group's ``@handle``."""
    mention = _MENTION.fullmatch(told.strip())
    name = mention[1] if mention else told.strip()
    if not _SOMEBODY.fullmatch(name):
        raise ValueError(f'\'{told}\' is nobody: write "<@U…>" for a person, "@handle" for a user group, or an id')
    return name.lower() if name.startswith("@") else name
