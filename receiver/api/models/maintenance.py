"""Windows of maintenance."""

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from incidents.maintenance.model import Repeat, Scope, Window
from incidents.maintenance.occurrences import next_occurrence
from incidents.maintenance.plan import LONGEST_REASON, LONGEST_VALUE, MOST_VALUES, PREVIEWED, Preview
from incidents.model import Severity
from receiver.api.models.acting import ChannelId
from receiver.api.shapes import Asked, Paging, RowId, Text, Told
from receiver.api.times import Span, Zone

Values = Annotated[
    list[Annotated[Text, Field(min_length=1, max_length=LONGEST_VALUE)]],
    Field(max_length=MOST_VALUES, description="Whole values, large and small letters are the same; none: any"),
]


class WindowState(StrEnum):
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    OVER = "over"


class WindowPath(Asked):
    window: RowId = Field(description="Its id", examples=["1"])

    @property
    def id(self) -> int:
        return int(self.window)


class WindowQuery(Paging):
    state: WindowState | None = Field(default=None, description="Without it all that are not over")


class ScopeAsked(Asked):
    """What it is of: all that is named must fit, by one of its values."""

    service: Values = Field(default=[])
    cluster: Values = Field(default=[])
    namespace: Values = Field(default=[])
    phase: Values = Field(default=[])
    rule: Values = Field(default=[], description="Rules' uids, or alerts' names")
    severity: list[Severity] = Field(default=[], max_length=MOST_VALUES)

    def scope(self) -> Scope:
        return Scope(**{name: tuple(str(one) for one in values) for name, values in self.model_dump().items()})


class ScopeShape(Told):
    """Of each field the values that count, in lower case; none: any does."""

    service: list[str]
    cluster: list[str]
    namespace: list[str]
    phase: list[str]
    rule: list[str]
    severity: list[str]


class Previewing(Asked):
    scope: ScopeAsked


class Planning(Span):
    """Either ``end`` or ``duration``."""

    scope: ScopeAsked = Field(default=ScopeAsked(), examples=[{"service": ["payments"]}])
    everything: bool = Field(default=False, description="It is meant of everything: the scope names nothing")
    zone: Zone = Field(default="UTC", max_length=64, description="In whose local time it repeats")
    repeats: Repeat = Repeat.NONE
    reason: Text = Field(default="", max_length=LONGEST_REASON, examples=["database upgrade"])
    channel: ChannelId | None = Field(default=None, description="Which hears of it; null: the default channel")


class OccurrenceShape(Told):
    start: datetime
    end: datetime


class WindowShape(Told):
    id: int
    name: str = Field(description="Its scope in short", examples=["payments"])
    state: WindowState
    scope: ScopeShape
    start: datetime = Field(description="Of its first occurrence")
    end: datetime = Field(description="Of its first occurrence")
    zone: str
    repeats: Repeat
    next: OccurrenceShape | None = Field(description="The occurrence that is under way, else the next; null: none")
    reason: str
    channel: str
    created_by: str
    created_at: datetime
    ended_at: datetime | None = Field(description="null: it is not over for good")
    ended_by: str | None = Field(description="null: it lasted as planned")

    @classmethod
    def of(cls, window: Window, *, now: datetime) -> "WindowShape":
        coming = next_occurrence(window, now)
        return cls(
            id=window.id,
            name=window.name,
            state=state_of(window, now=now),
            scope=ScopeShape(**{name: list(values) for name, values in asdict(window.scope).items()}),
            start=window.starts_at,
            end=window.ends_at,
            zone=window.zone.key,
            repeats=window.repeats,
            next=None if coming is None else OccurrenceShape(start=coming.start, end=coming.end),
            reason=window.reason,
            channel=window.channel,
            created_by=window.by,
            created_at=window.created_at,
            ended_at=window.ended_at,
            ended_by=window.ended_by,
        )


class RuleCount(Told):
    rule: str = Field(description="The alert's name, or the rule's uid")
    incidents: int


class Meant(Told):
    written: str
    perhaps: str = Field(description="The nearest that was seen")


class PreviewShape(Told):
    """What it would have matched, had it stood for the last days."""

    days: int = PREVIEWED.days
    incidents: int
    alerts: int
    rules: list[RuleCount] = Field(description="The most frequent")
    is_more: bool = Field(description="So much happened that only the newest was looked at")
    nearest: Meant | None = Field(description="What may have been meant where nothing was found")

    @classmethod
    def of(cls, seen: Preview) -> "PreviewShape":
        return cls(
            incidents=seen.incidents,
            alerts=seen.alerts,
            rules=[RuleCount(rule=rule, incidents=count) for rule, count in seen.rules],
            is_more=seen.is_more,
            nearest=None if seen.nearest is None else Meant(written=seen.nearest[0], perhaps=seen.nearest[1]),
        )


def state_of(window: Window, *, now: datetime) -> WindowState:
    coming = next_occurrence(window, now)
    if coming is None:
        return WindowState.OVER
    return WindowState.UNDER_WAY if coming.holds(now) else WindowState.PLANNED
