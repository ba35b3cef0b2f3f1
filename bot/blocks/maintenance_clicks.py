"""What the buttons and forms of maintenance carry."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from incidents.maintenance.model import Repeat, Scope, Window
from incidents.maintenance.plan import Plan

LONGEST_METADATA = 3000


class MaintenanceAction(StrEnum):
    """The ``action_id`` of what can be pressed. These names never change."""

    END = "maintenance_end"
    HOME_END = "home_maintenance_end"


def window_value(window: Window) -> str:
    return json.dumps({"window": window.id, "birth": window.birth}, separators=(",", ":"))


def read_window(value: str) -> int | None:
    """None: no button of ours, or of a version that we don't know."""
    try:
        return int(json.loads(value)["window"])
    except (KeyError, TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form was asked for: the channel that hears of it, "" where it was in none."""

    channel: str = ""


def origin_value(origin: Origin) -> str:
    return json.dumps(asdict(origin), separators=(",", ":"))


def read_origin(value: str) -> Origin:
    try:
        return Origin(str(json.loads(value)["channel"]))
    except (KeyError, TypeError, ValueError):
        return Origin()


def plan_value(plan: Plan) -> str:
    """JSON for the private_metadata of the step that asks once more. A long reason is cut, so that it fits."""
    told = {
        **{name: value for name, value in asdict(plan).items() if name not in {"scope", "zone", "start", "end"}},
        "scope": dict(plan.scope.limits()),
        "zone": plan.zone.key,
        "start": None if plan.start is None else plan.start.isoformat(),
        "end": plan.end.isoformat(),
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def read_plan(value: str, *, now: datetime) -> Plan | None:
    """What began "now" as it was asked begins now. None: of a version that we don't know."""
    try:
        told: Any = json.loads(value)
        scope = Scope(**{field: tuple(map(str, values)) for field, values in told["scope"].items()})
        start = None if told["start"] is None else datetime.fromisoformat(told["start"]).astimezone(UTC)
        read = Plan(
            token=str(told["token"]),
            scope=scope,
            start=start,
            end=datetime.fromisoformat(told["end"]).astimezone(UTC),
            zone=ZoneInfo(told["zone"]),
            channel=str(told["channel"]),
            repeats=Repeat(told["repeats"]),
            reason=str(told["reason"]),
            everything=bool(told["everything"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return replace(read, start=None) if start is not None and start < now else read
