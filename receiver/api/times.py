"""Moments and durations, as clients write them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict

from base.durations import parse_duration
from receiver.api.shapes import Asked, left_out

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _in_range(at: datetime) -> datetime:
    """In UTC. Raises ValueError: at the ends of what can be written there are moments that no other zone has."""
    if not _FIRST <= at <= _LAST:
        raise ValueError(f"it is out of range: write a time between {_FIRST.year} and {_LAST.year}")
    return at.astimezone(UTC)


def _some(duration: timedelta) -> timedelta:
    """Raises ValueError."""
    if not duration:
        raise ValueError("it must be longer than nothing: write a duration such as 2h")
    return duration


def _zone(told: str) -> str:
    """Raises ValueError."""
    try:
        ZoneInfo(told)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("there is no such time zone: write one such as Asia/Seoul or UTC") from error
    return told


def require_one(asked: BaseModel, of: Mapping[str, str]) -> None:
    """``of``: fields, and what they are called. Raises ValueError unless one of them is told, and no other."""
    if sum(field in asked.model_fields_set for field in of) != 1:
        time, duration = of.values()
        raise ValueError(f"write either {time}, a time, or {duration}, a duration such as 2h")


def end_of(start: datetime, end: datetime | None, duration: timedelta | None) -> datetime:
    """Of what has one of them."""
    if end is not None:
        return end
    return start if duration is None else start + duration


END = MappingProxyType({"end": "end", "duration": "duration"})
"""When something ends, told as a time or by its length."""

ONE_END: JsonDict = {"oneOf": [{"required": ["end"]}, {"required": ["duration"]}]}
"""The same in a JSON schema."""

Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]
"""RFC 3339, with its offset from UTC: ``2026-12-01T09:00:00Z``."""

Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    AfterValidator(_some),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 2,
            "pattern": f"^{''.join(f'([0-9]{{1,7}}{unit})?' for unit in 'wdhms')}$",
            "description": "A number and its unit: `30s`, `90m`, `4h`, `2d`, `1h30m`",
            "examples": ["2h"],
        }
    ),
]

Zone = Annotated[str, AfterValidator(_zone)]
"""A name of the IANA time zone database."""


class Span(Asked):
    """From ``start`` on, and either until ``end`` or for ``duration``."""

    model_config = ConfigDict(json_schema_extra=ONE_END)

    start: Moment | None = Field(default=None, description="null: now")
    end: Moment = Field(default_factory=left_out)
    duration: Duration = Field(default_factory=left_out)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        require_one(self, END)
        return self

    def ends(self, now: datetime) -> datetime:
        return end_of(self.start or now, self.end, self.duration)

    @property
    def length_field(self) -> str:
        return "body.end" if "end" in self.model_fields_set else "body.duration"
