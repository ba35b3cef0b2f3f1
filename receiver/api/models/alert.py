"""Stored alerts, as the API tells them."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field

from incidents.listing import AlertsWanted, ListedAlert, WholeAlert
from incidents.model import AlertStatus, Severity
from receiver.api.models.incident import IncidentRef, PlaceShape
from receiver.api.models.parameters import LATER, MOST_VALUES, Moment, Name, behind
from receiver.api.shapes import Asked, Paging, RowId, Told

AlertRef = Annotated[RowId, Field(description="The alert's `id`", examples=["1"])]


class AlertPath(Asked):
    alert: AlertRef


class AlertsQuery(Paging):
    """Filters narrow each other down; of several values of one filter any will do."""

    source: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="The monitoring system")
    status: list[AlertStatus] | None = Field(default=None, max_length=MOST_VALUES)
    cluster: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="Exactly as written")
    namespace: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="Exactly as written")
    service: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="Exactly as written")
    phase: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="Exactly as written")
    rule_uid: list[Name] | None = Field(default=None, max_length=MOST_VALUES)
    incident: IncidentRef | None = Field(default=None, description="Those that arrived in this incident")
    since: Moment | None = Field(default=None, description="Received from then on")
    until: Annotated[Moment | None, behind("since")] = Field(
        default=None, description="Received before then", examples=[LATER]
    )

    def wanted(self, incident_id: int | None) -> AlertsWanted:
        return AlertsWanted(
            sources=frozenset(self.source or ()),
            statuses=frozenset(self.status or ()),
            clusters=frozenset(self.cluster or ()),
            namespaces=frozenset(self.namespace or ()),
            services=frozenset(self.service or ()),
            phases=frozenset(self.phase or ()),
            rule_uids=frozenset(self.rule_uid or ()),
            incident_id=incident_id,
            since=self.since,
            until=self.until,
        )


class AlertShape(Told):
    """One notification about one series, as it arrived. It never changes."""

    id: int
    delivery_id: int
    incident_id: int | None = Field(description="The incident that it arrived in; null: it belongs to none")
    received_at: datetime
    source: str
    status: AlertStatus
    reason: str = Field(description="What became of it", examples=["opened"])
    fingerprint: str
    rule_uid: str
    alert_name: str
    place: PlaceShape
    severity: Severity
    severity_raw: str = Field(description="As the source wrote it")
    starts_at: datetime
    ends_at: datetime | None
    summary: str

    @classmethod
    def of(cls, alert: ListedAlert) -> "AlertShape":
        return cls(**_told(alert))


class AlertDetail(AlertShape):
    """With all that it brought."""

    labels: dict[str, Any]
    annotations: dict[str, Any]
    metric_values: dict[str, Any] = Field(description="By query; null: the sender had no number")

    @classmethod
    def whole(cls, found: WholeAlert) -> Self:
        return cls(
            **_told(found.alert),
            labels=dict(found.labels),
            annotations=dict(found.annotations),
            metric_values=dict(found.metric_values),
        )


class RawAlert(Told):
    """Whatever the monitoring system sent of it."""


def _told(alert: ListedAlert) -> dict[str, Any]:
    told = {name: getattr(alert, name) for name in AlertShape.model_fields}
    place = alert.place
    told["place"] = PlaceShape(
        cluster=place.cluster, namespace=place.namespace, service=place.service, phase=place.phase
    )
    return told
