"""The same as JSON: one object a line."""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from base import codec
from bongsu.why.story import Story
from incidents.deliveries import AlertFate, PastDelivery


def listed(deliveries: Sequence[PastDelivery]) -> str:
    return "".join(f"{_written({**asdict(one), 'incidents': _names(one.incidents)})}\n" for one in deliveries)


def told(story: Story) -> str:
    """``raw_body_base64`` is the whole body as kept; ``would_be_refused`` why it would be refused today, else null."""
    values = asdict(story.kept)
    raw: bytes | None = values.pop("raw_body")
    values["raw_body_base64"] = None if raw is None else base64.b64encode(raw).decode()
    values["would_be_refused"] = story.still_wrong
    values["alerts"] = [_fate(fate) for fate in story.fates]
    return f"{_written(values)}\n"


def _fate(fate: AlertFate) -> dict[str, Any]:
    return {**asdict(fate), "incident": None if fate.incident is None else f"INC-{fate.incident}"}


def _names(numbers: Sequence[int]) -> list[str]:
    return [f"INC-{number}" for number in numbers]


def _written(values: dict[str, Any]) -> str:
    return codec.dumps({name: _plain(value) for name, value in values.items()})


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case StrEnum():
            return value.value
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value
