"""The section ``digests`` of ``bongsu.yaml``: what has happened in a day or a week, told to a channel."""

import hashlib
from collections.abc import Sequence
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, PlainValidator, field_validator, model_validator

from bongsu.config_mistakes import each, refuse
from bongsu.config_parts import Part, channel
from bongsu.config_schedules import Zone, handover_time
from bongsu.config_text import KEY, Way
from incidents.digests.model import Digest
from jobs.fire_times import checked

MOST_DIGESTS = 50
MOST_SERVICES = 50

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AT = {"daily": '"09:00"', "weekly": '"Mon 09:00"'}


def _cron(told: object) -> str:
    """As one blank separates its fields."""
    if not isinstance(told, str):
        raise ValueError(f'{told} is no crontab line: write it in quotes, such as "0 9 * * mon"')  # noqa: TRY004 - pydantic
    return checked(" ".join(told.split()))


def _at(told: object) -> tuple[int | None, time]:
    """``Mon 09:00`` or ``09:00``: the weekday, Monday is 0, None where none is named."""
    try:
        return handover_time(told)
    except ValueError as error:
        raise ValueError(f"'{told}' is no time: write {_AT['weekly']}, or {_AT['daily']} for each day") from error


def _service(told: str) -> str:
    if not told.strip():
        raise ValueError("an empty name is in the list: leave it out")
    return told.strip().lower()


class DigestPart(Part):
    """``at`` goes with ``every``; ``cron`` stands for both."""

    channel: Annotated[str, AfterValidator(channel)]
    timezone: Zone
    every: Literal["daily", "weekly"] | None = None
    at: Annotated[tuple[int | None, time] | None, PlainValidator(_at)] = None
    cron: Annotated[str | None, PlainValidator(_cron)] = None
    services: list[str] = Field(default_factory=list)
    chart: bool = True

    @field_validator("services")
    @classmethod
    def _are_named(cls, told: list[str]) -> list[str]:
        if len(told) > MOST_SERVICES:
            raise ValueError(f"there are {len(told)} services: {MOST_SERVICES} are the most; leave them out for all")
        return each(told, _service)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        problems = [*self._of_cron()] if self.cron is not None else [*self._of_every()]
        if problems:
            refuse(problems)
        return self

    def _of_cron(self) -> list[tuple[Way, str]]:
        beside = [name for name in ("every", "at") if getattr(self, name) is not None]
        return [((name, KEY), f"beside 'cron' it is one too many: leave '{name}' out") for name in beside]

    def _of_every(self) -> list[tuple[Way, str]]:
        if self.every is None:
            return [((), f"when? Write every: daily with at: {_AT['daily']}, or a crontab line as 'cron'")]
        if self.at is None:
            return [((), f"'at' is missing: write at: {_AT[self.every]}")]
        weekday, _ = self.at
        if (weekday is None) is (self.every == "weekly"):
            why = "on which day?" if weekday is None else "a daily digest comes on every weekday."
            return [(("at",), f"{why} Write {_AT[self.every]}")]
        return []

    def digest(self) -> Digest:
        cron, services = self._line(), tuple(dict.fromkeys(self.services))
        told = "\n".join([cron, self.timezone.key, *services])
        name = f"{self.every or 'cron'} {hashlib.sha256(told.encode()).hexdigest()[:16]} {self.channel}"
        return Digest(name[:128], self.channel, cron, self.timezone, services, self.chart)

    def _line(self) -> str:
        if self.cron is not None or self.at is None:
            return self.cron or ""
        weekday, at = self.at
        return f"{at.minute} {at.hour} * * {'*' if weekday is None else _DAYS[weekday]}"


def digests(parts: Sequence[DigestPart]) -> tuple[Digest, ...]:
    return tuple(part.digest() for part in parts)


def doubled(parts: Sequence[DigestPart]) -> list[tuple[Way, str]]:
    """What can't be seen in one of them alone."""
    problems: list[tuple[Way, str]] = []
    if len(parts) > MOST_DIGESTS:
        problems.append((("digests",), f"there are {len(parts)} digests: {MOST_DIGESTS} are the most"))
    seen: set[str] = set()
    for place, part in enumerate(parts):
        name = part.digest().name
        if name in seen:
            problems.append((("digests", place), "the same digest stands above: leave one of them out"))
        seen.add(name)
    return problems
