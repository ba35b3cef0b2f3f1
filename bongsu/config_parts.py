"""What several sections of ``bongsu.yaml`` are made of."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

from base.durations import parse_duration
from incidents.model import Severity
from incidents.policy import StormPolicy

MOST = 1_000_000
"""Of any limit: more would be none."""

SEVERITIES = ", ".join(Severity)

Duration = Annotated[timedelta, BeforeValidator(parse_duration)]

_LONGEST_CALM = timedelta(hours=1)


class Part(BaseModel):
    """A mapping in which a key that is unknown is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _rate(told: object) -> int:
    if type(told) is not int or not 0 <= told <= MOST:
        raise ValueError(f"'{told}' is no rate: write how many new incidents a minute, such as 10, or 0 to turn it off")
    return told


class Storm(Part):
    above: Annotated[int, BeforeValidator(_rate)] = StormPolicy().above
    calm: Duration = StormPolicy().calm

    @field_validator("calm")
    @classmethod
    def _is_no_day(cls, told: timedelta) -> timedelta:
        if not timedelta(seconds=1) <= told <= _LONGEST_CALM:
            raise ValueError("it is out of range: write how long it must be calm, from 1s to 1h, such as 2m")
        return told


def perhaps_off(told: object) -> object:
    """YAML reads ``off`` as false."""
    return {"above": 0} if told is False or told == "off" else told


def channel(told: str) -> str:
    """``#name`` or an id. Raises ValueError."""
    if not (told.startswith(("#", "C", "G")) and len(told) > 1 and " " not in told):
        raise ValueError(f"'{told}' is no channel: write \"#name\" (in quotes) or an id such as C0123456789")
    return told
