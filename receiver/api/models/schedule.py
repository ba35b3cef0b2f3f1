"""Schedules, who is on call, and who has taken one over for a while."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from incidents.schedules import Override, Schedule
from incidents.schedules.model import Standing
from receiver.api.models.acting import PersonId
from receiver.api.shapes import Asked, Paging, RowId, Text, Told
from receiver.api.times import Moment, Span


class SchedulePath(Asked):
    schedule: Annotated[Text, Field(min_length=1, max_length=64)] = Field(
        description="Its name in bongsu.yaml", examples=["payments"]
    )


class OverridePath(Asked):
    override: RowId = Field(description="Its id", examples=["1"])

    @property
    def id(self) -> int:
        return int(self.override)


class OnCallQuery(Paging):
    at: Moment | None = Field(default=None, description="When; without it now")


class TakingOver(Span):
    """Either ``end`` or ``duration``."""

    person: PersonId


class OverrideShape(Told):
    """``person`` has the schedule from ``start`` until before ``end``."""

    id: int
    schedule: str
    person: str
    start: datetime
    end: datetime
    created_by: str

    @classmethod
    def of(cls, override: Override) -> "OverrideShape":
        return cls(
            id=override.id,
            schedule=override.schedule,
            person=override.person,
            start=override.start,
            end=override.end,
            created_by=override.by,
        )


class OnCallShape(Told):
    schedule: str
    person: str | None = Field(description="Who is on call; null: nobody")
    until: datetime | None = Field(description="When somebody else, or nobody, has it; null: not within a year")
    next: str | None = Field(description="Who has it then; null: nobody")

    @classmethod
    def of(cls, standing: Standing) -> "OnCallShape":
        return cls(schedule=standing.schedule, person=standing.person, until=standing.until, next=standing.then)


class CalendarShape(Told):
    """What is known of the calendar that a schedule is read from."""

    source: str = Field(description="Its host, or its file's name")
    read_at: datetime | None = Field(description="When it could be read last; null: never")
    error: str | None = Field(description="Why it can't be read now; null: it can")
    failing_since: datetime | None
    unmapped: list[str] = Field(description="Whom its events name, and bongsu.yaml does not know")

    @classmethod
    def of(cls, standing: Standing) -> "CalendarShape | None":
        known = standing.calendar
        if not standing.source:
            return None
        return cls(
            source=standing.source,
            read_at=None if known is None else known.read_at,
            error=None if known is None else known.error,
            failing_since=None if known is None else known.failing_since,
            unmapped=[] if known is None else list(known.unmapped),
        )


class ScheduleShape(OnCallShape):
    """One schedule of bongsu.yaml, and how it stands now."""

    zone: str
    overrides: list[OverrideShape] = Field(description="Those that are not over, soonest first")
    calendar: CalendarShape | None = Field(description="null: its turns stand in bongsu.yaml")

    @classmethod
    def made(cls, standing: Standing, schedule: Schedule) -> "ScheduleShape":
        return cls(
            **OnCallShape.of(standing).model_dump(),
            zone=schedule.zone.key,
            overrides=[OverrideShape.of(one) for one in standing.overrides],
            calendar=CalendarShape.of(standing),
        )
