"""An incident, as the API tells it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from incidents.model import AlertKind, Incident, Resolution, Severity, Status
from receiver.api.shapes import Asked, Told

IncidentRef = Annotated[
    str,
    StringConstraints(pattern=r"^([Ii][Nn][Cc]-)?[1-9][0-9]{0,17}$"),
    Field(description="`INC-12`, as people say it, or the incident's `id`", examples=["INC-1"]),
]


class IncidentPath(Asked):
    incident: IncidentRef


class PlaceShape(Told):
    """Where it is. A part that no label tells is ``""``."""

    cluster: str
    namespace: str
    service: str
    phase: str


class IncidentShape(Told):
    """What people handle: one at a time for each rule and place."""

    id: int
    number: int
    name: str = Field(description="What people call it", examples=["INC-12"])
    title: str
    status: Status
    severity: Severity
    kind: AlertKind = Field(description="What its alerts are about: `no_data` and `error` mean that a rule can't see")
    source: str
    rule_uid: str
    alert_name: str
    place: PlaceShape
    owner: str | None = Field(description="Who has it: the assignee, else who acknowledged it")
    assignee: str | None
    start_time: datetime = Field(description="Earliest start of its present episode, as the source told it")
    last_alert_time: datetime
    acknowledged_time: datetime | None
    acknowledged_by: str | None
    resolved_time: datetime | None
    resolved_by: str | None
    resolution: Resolution | None
    is_noise: bool
    noise_reason: str | None
    snoozed_until: datetime | None
    snoozed_by: str | None
    merged_into_id: int | None
    approval_until: datetime | None = Field(description="Until then a second person is asked to confirm its closing")
    approved_by: str | None = Field(description="Who confirmed its present end")
    flapping: bool
    blind_since: datetime | None
    in_maintenance: bool
    firing: int = Field(description="Series that fire")
    series_count: int
    alert_count: int
    episode: int
    version: int = Field(description="Grows with every change that people can see; the ETag")

    @classmethod
    def of(cls, incident: Incident) -> "IncidentShape":
        place = incident.place
        own = {name: getattr(incident, name) for name in cls.model_fields if name not in _DERIVED}
        return cls(
            **own,
            place=PlaceShape(
                cluster=place.cluster, namespace=place.namespace, service=place.service, phase=place.phase
            ),
            in_maintenance=incident.maintenance_id is not None,
        )


_DERIVED = frozenset({"place", "in_maintenance"})
