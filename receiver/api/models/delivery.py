"""Deliveries, as the API tells them: what came in, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from incidents.deliveries import AlertFate, DeliveryStatus, KeptDelivery, PastDelivery
from incidents.ingest import Ingested
from receiver.api.models.stats import Moment
from receiver.api.shapes import Asked, Paging, RowId, Told

DeliveryRef = Annotated[RowId, Field(description="The delivery's `id`", examples=["1"])]
Source = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$"),
    Field(description="A source's name, as in the URL of the webhook", examples=["grafana"]),
]


class DeliveryPath(Asked):
    delivery: DeliveryRef


class DeliveriesQuery(Paging):
    status: list[DeliveryStatus] | None = Field(
        default=None, max_length=10, description="`rejected` are those that were refused and not replayed since"
    )
    source: list[Source] | None = Field(default=None, max_length=10, description="As in the URL of the webhook")
    since: Moment | None = Field(default=None, description="Received since then. A date or a time")


class DeliveryShape(Told):
    """One row of what came in."""

    id: int
    received_time: datetime
    source: str
    status: DeliveryStatus
    error: str | None = Field(description="Why it was refused; null: it was not")
    duplicate_of: int | None = Field(description="The delivery that it repeats")
    replayed_as: int | None = Field(description="The delivery that it was taken as after all")
    alerts: int = Field(description="How many were stored of it")
    incidents: list[str] = Field(description="Those that they arrived in", examples=[["INC-12"]])

    @classmethod
    def of(cls, past: PastDelivery) -> "DeliveryShape":
        return cls(
            id=past.id,
            received_time=past.received_at,
            source=past.source,
            status=past.status,
            error=past.error,
            **_others(past.status, past.other_id),
            alerts=past.alerts,
            incidents=[f"INC-{number}" for number in past.incidents],
        )


class FateShape(Told):
    """What became of one alert of a delivery."""

    name: str
    status: str
    reason: str = Field(description="The decision, by its name")
    severity: str
    place: list[str] = Field(description="Cluster, namespace, service and phase, as far as they are known")
    starts_time: datetime
    ends_time: datetime | None
    incident: str | None = Field(description="null: it arrived in none", examples=["INC-12"])

    @classmethod
    def of(cls, fate: AlertFate) -> "FateShape":
        return cls(
            name=fate.name,
            status=fate.status,
            reason=fate.reason,
            severity=fate.severity,
            place=list(fate.place),
            starts_time=fate.starts_at,
            ends_time=fate.ends_at,
            incident=None if fate.incident is None else f"INC-{fate.incident}",
        )


class DeliveryDetail(Told):
    """All that is kept of one but its body."""

    id: int
    received_time: datetime
    source: str
    request_id: str
    status: DeliveryStatus
    error: str | None = Field(description="Why it was refused; null: it was not")
    wrong_today: str | None = Field(description="Why it would be refused today, too; null: it would be taken, or was")
    duplicate_of: int | None = Field(description="The delivery that it repeats")
    replayed_as: int | None = Field(description="The delivery that it was taken as after all")
    headers: dict[str, str] = Field(description="Those that are kept")
    default_labels: dict[str, str] = Field(description="That its URL or key gave to all its alerts")
    envelope: dict[str, Any] | None = Field(description="What it said of all its alerts; null: it was refused")
    body_sha256: str
    body_bytes: int | None = Field(description="How much is kept of the body; null: nothing, for it was taken")
    body_is_cut: bool = Field(description="Whether that is only its start")
    alerts: list[FateShape]
    more_alerts: bool = Field(description="Whether it had more than are told")

    @classmethod
    def of(
        cls, kept: KeptDelivery, fates: Sequence[AlertFate], *, most: int, wrong_today: str | None, is_cut: bool
    ) -> "DeliveryDetail":
        return cls(
            id=kept.id,
            received_time=kept.received_at,
            source=kept.source,
            request_id=kept.request_id,
            status=kept.status,
            error=kept.error,
            wrong_today=wrong_today,
            **_others(kept.status, kept.other_id),
            headers=dict(kept.headers),
            default_labels=dict(kept.default_labels),
            envelope=None if kept.envelope is None else dict(kept.envelope),
            body_sha256=kept.body_sha256,
            body_bytes=None if kept.raw_body is None else len(kept.raw_body),
            body_is_cut=is_cut,
            alerts=[FateShape.of(fate) for fate in fates[:most]],
            more_alerts=len(fates) > most,
        )


def _others(status: DeliveryStatus, other_id: int | None) -> Mapping[str, int | None]:
    return {
        "duplicate_of": other_id if status is DeliveryStatus.DUPLICATE else None,
        "replayed_as": other_id if status is DeliveryStatus.REPLAYED else None,
    }


class ReplayShape(Told):
    """What became of a refused delivery now."""

    delivery: int = Field(description="It was taken as this delivery")
    alerts: int = Field(description="How many were stored of it")
    incidents: list[str] = Field(description="Those that they arrived in", examples=[["INC-12"]])
    duplicate_of: int | None = Field(description="The delivery that said the same; null: it said something new")

    @classmethod
    def of(cls, taken: Ingested) -> "ReplayShape":
        return cls(
            delivery=taken.delivery_id,
            alerts=taken.alerts,
            incidents=list(taken.incidents),
            duplicate_of=taken.duplicate_of,
        )
