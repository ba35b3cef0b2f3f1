"""The sections ``heartbeats`` and ``heartbeat`` of ``bongsu.yaml``: what must be heard of, and who must hear of us."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, PlainValidator, field_validator, model_validator

from bongsu.config_mistakes import nearest, refuse
from bongsu.config_parts import SEVERITIES, Duration, Part
from bongsu.config_routes import Asked, asked
from bongsu.config_text import KEY, Way
from incidents.heartbeats.model import DeadMansSwitch, Heartbeat
from incidents.model import Place, Severity
from incidents.pattern import Pattern
from jobs.outgoing.addresses import refuse_url
from jobs.outgoing.errors import Refused
from receiver.sources import SOURCES

MOST_HEARTBEATS = 200

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_SHORTEST, _LONGEST = timedelta(seconds=2), timedelta(days=366)
_FASTEST, _SLOWEST = timedelta(seconds=10), timedelta(days=1)
_PLACE = ("cluster", "namespace", "service", "phase")
_NARROW = ("alert", "rule")
_LONGEST_URL = 2000


@dataclass(frozen=True, slots=True)
class _Match:
    """What is asked of an alert, and the place that this says: by its words as they were written."""

    asked: Asked
    place: Place


def _match(told: object) -> _Match:
    wanted = asked(told)
    if not any(name in wanted for name in _NARROW):
        refuse([((), "every alert that matches would be a sign of life, and open no incident: name its 'alert', too")])
    said = told if isinstance(told, Mapping) else {}
    plain = {part: said[part] for part in _PLACE if isinstance(said.get(part), str)}
    exact = {part: value for part, value in plain.items() if not isinstance(wanted[part][0], Pattern)}
    return _Match(wanted, Place(**exact))


def _named(told: object) -> str:
    if not isinstance(told, str) or not _NAME.fullmatch(told):
        raise ValueError(f"'{told}' can't be a name here: write lower-case letters, digits, - and _, such as prod-a")
    return told


def _grave(told: object) -> Severity:
    if not isinstance(told, str) or told not in set(Severity):
        raise ValueError(f"'{told}' is no severity: use {SEVERITIES}")
    return Severity(told)


HeartbeatName = Annotated[str, PlainValidator(_named)]


class HeartbeatPart(Part):
    within: Duration
    source: str | None = None
    match: Annotated[_Match | None, PlainValidator(_match)] = None
    severity: Annotated[Severity, PlainValidator(_grave)] = Severity.CRITICAL
    labels: dict[str, str] = Field(default_factory=dict)

    @field_validator("within")
    @classmethod
    def _is_sound(cls, told: timedelta) -> timedelta:
        if not _SHORTEST <= told <= _LONGEST:
            raise ValueError("it is out of range: write how long silence may last, from 2s to 366d, such as 10m")
        return told

    @field_validator("source")
    @classmethod
    def _is_known(cls, told: str | None) -> str | None:
        if told is not None and told not in SOURCES:
            raise ValueError(f"there is no source '{told}': {nearest(told, SOURCES)}")
        return told

    @model_validator(mode="after")
    def _holds_together(self) -> "HeartbeatPart":
        way: Way = ("source", KEY)
        if self.source is not None and self.match is None:
            refuse([(way, "'source' alone says nothing: write match, such as {alert: Watchdog}, or leave it out")])
        if self.source is not None and self.match is not None and "source" in self.match.asked:
            refuse([(way, "beside the source in 'match' it is one too many: write one of them")])
        return self

    def heartbeat(self, name: str) -> Heartbeat:
        wanted = dict(self.match.asked) if self.match is not None else {}
        if self.source is not None:
            wanted["source"] = [self.source]
        exact = {field: frozenset(one for one in told if isinstance(one, str)) for field, told in wanted.items()}
        patterns = {field: tuple(one for one in told if isinstance(one, Pattern)) for field, told in wanted.items()}
        return Heartbeat(
            name,
            self.within,
            self.severity,
            {field: told for field, told in exact.items() if told},
            {field: told for field, told in patterns.items() if told},
            self.match.place if self.match is not None else Place(),
            dict(self.labels),
        )


def _url(told: object) -> str:
    """Its words are a secret of whom it belongs to, so no mistake repeats them."""
    if not isinstance(told, str) or len(told) > _LONGEST_URL or not told.isascii() or not told.isprintable():
        raise ValueError('it is no URL: write the address that is to be called, "https://…"')
    try:
        parts = urlsplit(told)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise ValueError('it is no URL: write the address that is to be called, "https://…"') from error
    if not is_whole or " " in told:
        raise ValueError('it is no http(s) URL: write the address that is to be called, "https://…"')
    return told


class SwitchPart(Part):
    url: Annotated[str, BeforeValidator(_url)]
    every: Duration = DeadMansSwitch("").every
    allow_private: bool = False

    @field_validator("every")
    @classmethod
    def _is_sound(cls, told: timedelta) -> timedelta:
        if not _FASTEST <= told <= _SLOWEST:
            raise ValueError("it is out of range: write how often it is called, from 10s to 1d, such as 1m")
        return told

    @model_validator(mode="after")
    def _may_be_called(self) -> "SwitchPart":
        try:
            refuse_url(self.url, allow_private=self.allow_private)
        except Refused as error:
            mend = error.mend or "write one such as https://example.com/ping"
            refuse([(("url",), f"this URL can't be called, {error.why}: {mend}")])
        return self

    def switch(self) -> DeadMansSwitch:
        return DeadMansSwitch(self.url, self.every, self.allow_private)


def heartbeats(parts: Mapping[str, HeartbeatPart]) -> dict[str, Heartbeat]:
    return {name: part.heartbeat(name) for name, part in parts.items()}


def too_many(parts: Mapping[str, HeartbeatPart]) -> list[tuple[Way, str]]:
    """What can't be seen in one alone."""
    if len(parts) <= MOST_HEARTBEATS:
        return []
    return [(("heartbeats",), f"there are {len(parts)} heartbeats: {MOST_HEARTBEATS} are the most")]
