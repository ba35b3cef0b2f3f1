"""What has happened to one incident, as the API tells it: its timeline, its series and its episodes."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import Field

from incidents.model import AlertStatus, Episode, Event, EventKind, Resolution, Series, Severity
from receiver.api.shapes import Paging, Told


class TimelineOrder(StrEnum):
    OLDEST = "at"
    NEWEST = "-at"


class TimelineQuery(Paging):
    sort: TimelineOrder = Field(default=TimelineOrder.OLDEST, description="`at`: oldest first; `-at`: newest first")


class EventShape(Told):
    """One entry of a timeline. Entries never change; words of Slack threads read as they stand there now."""

    id: int
    at: datetime
    actor: str = Field(description="`U0ALICE` (a Slack user), `key:ci` (an API key), `system`", examples=["key:ci"])
    kind: EventKind
    episode: int
    data: dict[str, Any] = Field(description="What belongs to this kind")

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(
            id=event.id or 0,
            at=event.at,
            actor=event.actor,
            kind=event.kind,
            episode=event.episode,
            data=dict(event.data),
        )


class LinksShape(Told):
    """Where to look, as the source told it."""

    dashboard: str | None
    panel: str | None
    runbook: str | None
    silence: str | None
    source: str | None


class SeriesShape(Told):
    """One series of the incident, and its values: when it fired, the largest since, and the last one told."""

    id: int
    name: str
    source: str
    rule_uid: str
    fingerprint: str
    status: AlertStatus
    starts_at: datetime
    ends_at: datetime | None
    value_fired: float | None
    value_peak: float | None
    value_now: float | None
    summary: str
    links: LinksShape
    last_alert_at: datetime
    is_blind: bool = Field(description="It only tells that its rule can't see")
    doubt: Resolution | None = Field(description="Why its end was no recovery; null where the metric says so")

    @classmethod
    def of(cls, series: Series) -> Self:
        own = {name: getattr(series, name) for name in cls.model_fields if name not in {"id", "links"}}
        links = LinksShape(**{name: getattr(series.links, name) for name in LinksShape.model_fields})
        return cls(**own, id=series.id or 0, links=links)


class EpisodeShape(Told):
    """From opening or reopening to resolving."""

    number: int
    opened_at: datetime = Field(description="When what opened it was received")
    opened_reason: str
    started_at: datetime = Field(description="Earliest start of its series, as the source told it")
    severity: Severity
    inherited: bool = Field(description="It was acknowledged in the episode before, and stayed so")
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    responded_at: datetime | None = Field(description="The first that a person did: acknowledge, assign or resolve")
    responded_by: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: Resolution | None
    recovered_at: datetime | None = Field(description="Latest end that the source told; null unless it recovered")

    @classmethod
    def of(cls, episode: Episode) -> Self:
        return cls(**{name: getattr(episode, name) for name in cls.model_fields})
