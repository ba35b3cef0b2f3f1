"""Between rows and the domain's nouns. Nothing else knows both."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeVar

from base.records import made
from db import tables
from incidents.arrivals import StoredAlert
from incidents.model import (
    AlertKind,
    AlertStatus,
    Episode,
    Event,
    EventKind,
    Incident,
    Links,
    Place,
    Resolution,
    Series,
    Severity,
    Status,
)

_WIDTHS = {
    column.name: length
    for table in (tables.alerts, tables.incidents, tables.incident_series)
    for column in table.c
    if (length := getattr(column.type, "length", None)) is not None
}


def fit(values: Mapping[str, Any]) -> dict[str, Any]:
    """Names of enums as text, and texts cut to their column's width.

    What identifies is hashed in full, so nothing is confused by a cut.
    """
    return {name: _cut(name, value) for name, value in values.items()}


def _cut(name: str, value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    width = _WIDTHS.get(name)
    if width is None or not isinstance(value, str) or len(value) <= width:
        return value
    return value[: width - 1] + "…"


Member = TypeVar("Member", bound=StrEnum)


class _Members(dict[str, Member]):
    """Those of an enum by their texts: a look-up takes a fifth of a call's time. Raises ValueError as the call does."""

    def __init__(self, kind: type[Member]) -> None:
        super().__init__((one.value, one) for one in kind)
        self._kind = kind

    def __missing__(self, text: str) -> Member:
        return self._kind(text)


_STATUSES = _Members(Status)
_SEVERITIES = _Members(Severity)
_RESOLUTIONS = _Members(Resolution)
_ALERT_STATUSES = _Members(AlertStatus)
_ALERT_KINDS = _Members(AlertKind)


def incident(row: Mapping[str, Any]) -> Incident:
    values = {
        "id": row["id"],
        "number": row["number"] or 0,
        "incident_key": row["incident_key"],
        "title": row["title"],
        "status": _STATUSES[row["status"]],
        "severity": _SEVERITIES[row["severity"]],
        "source": row["source"],
        "rule_uid": row["rule_uid"],
        "alert_name": row["alert_name"],
        "place": Place(row["cluster"], row["namespace"], row["service"], row["phase"]),
        "start_time": row["start_time"],
        "last_alert_time": row["last_alert_time"],
        "episode": row["episode"],
        "version": row["version"],
        "acknowledged_time": row["acknowledged_time"],
        "acknowledged_by": row["acknowledged_by"],
        "resolved_time": row["resolved_time"],
        "resolved_by": row["resolved_by"],
        "resolution": _resolution(row["resolution"]),
        "assignee": row["assignee"],
        "alert_count": row["alert_count"],
        "is_noise": row["is_noise"],
        "noise_reason": row["noise_reason"],
        "snoozed_until": row["snoozed_until"],
        "merged_into_id": row["merged_into_id"],
        "flapping": row["flapping"],
        "blind_since": row["blind_since"],
        "kind": _ALERT_KINDS[row["kind"]],
        "firing": row["firing"],
        "doubts": {_RESOLUTIONS[name]: count for name, count in (row["doubts"] or {}).items()},
        "acknowledged_severity": _severity(row["acknowledged_severity"]),
        "acknowledged_firing": row["acknowledged_firing"],
        "confirm_by": row["confirm_by"],
        "confirm_reason": row["confirm_reason"],
        "check_at": row["check_at"],
        "asked_at": row["asked_at"],
        "reminded_episode": row["reminded_episode"],
        "unfollowed": row["unfollowed"],
        "event_count": row["event_count"],
        "series_count": row["series_count"],
        "untold": row["untold"],
        "is_overflow": row["is_overflow"],
        "snoozed_by": row["snoozed_by"],
        "snoozed_severity": _severity(row["snoozed_severity"]),
        "told_severity": _severity(row["told_severity"]),
        "split_from_id": row["split_from_id"],
        "maintenance_id": row["maintenance_id"],
        "approval_until": row["approval_until"],
        "approved_by": row["approved_by"],
        "created_at": row["created_at"],
    }
    return made(Incident, values)


def _severity(text: str | None) -> Severity | None:
    return _SEVERITIES[text] if text else None


def _resolution(text: str | None) -> Resolution | None:
    return _RESOLUTIONS[text] if text else None


CHANGING = (
    "title", "status", "severity", "start_time", "last_alert_time", "episode", "version", "acknowledged_time",
    "acknowledged_by", "resolved_time", "resolved_by", "resolution", "assignee", "alert_count", "is_noise",
    "noise_reason", "snoozed_until", "merged_into_id", "flapping", "blind_since", "firing", "doubts",
    "acknowledged_severity", "acknowledged_firing", "confirm_by", "confirm_reason", "check_at", "asked_at",
    "reminded_episode", "unfollowed", "event_count", "series_count", "untold", "snoozed_by", "snoozed_severity",
    "told_severity", "maintenance_id", "approval_until", "approved_by",
)  # fmt: skip
"""What may change of an incident after it has opened."""


def incident_values(incident: Incident) -> dict[str, Any]:
    return fit(bulk_values(incident))


def bulk_values(incident: Incident) -> dict[str, Any]:
    """The same for ``db.bulk``, which cuts texts by itself, and takes names of enums for the texts that they are."""
    values = dict(zip(CHANGING, _changing(incident), strict=True))
    values["doubts"] = {resolution.value: count for resolution, count in incident.doubts.items() if count} or None
    return values


_changing = attrgetter(*CHANGING)


def series(row: Mapping[str, Any]) -> Series:
    values = {
        "id": row["id"],
        "key": row["series_key"],
        "incident_id": row["incident_id"],
        "source": row["source"],
        "rule_uid": row["rule_uid"],
        "fingerprint": row["fingerprint"],
        "name": row["name"],
        "status": _ALERT_STATUSES[row["status"]],
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
        "value_fired": row["value_fired"],
        "value_peak": row["value_peak"],
        "value_now": row["value_now"],
        "summary": row["summary"],
        "links": made(Links, row["links"]),
        "last_delivery_id": row["last_delivery_id"],
        "last_alert_at": row["last_alert_at"],
        "is_blind": row["is_blind"],
        "doubt": _resolution(row["doubt"]),
        "ended_episode": row["ended_episode"],
        "merged_from_id": row["merged_from_id"],
    }
    return made(Series, values)


def series_values(series: Series, deliveries: Mapping[int, int]) -> dict[str, Any]:
    """For ``db.bulk``."""
    return {
        "incident_id": series.incident_id,
        "series_key": series.key,
        "source": series.source,
        "rule_uid": series.rule_uid,
        "fingerprint": series.fingerprint,
        "name": series.name,
        "status": series.status,
        "starts_at": series.starts_at,
        "ends_at": series.ends_at,
        "value_fired": series.value_fired,
        "value_peak": series.value_peak,
        "value_now": series.value_now,
        "summary": series.summary,
        "links": dict(zip(Links.__match_args__, _links(series.links), strict=True)),
        "last_delivery_id": deliveries.get(series.last_delivery_id, series.last_delivery_id),
        "last_alert_at": series.last_alert_at,
        "is_blind": series.is_blind,
        "doubt": series.doubt.value if series.doubt else None,
        "ended_episode": series.ended_episode,
        "merged_from_id": series.merged_from_id,
    }


_links = attrgetter(*Links.__match_args__)
TOLD_AGAIN = ("value_peak", "value_now", "last_delivery_id", "last_alert_at")
"""What may change of a series by an alert that tells what is known."""


def told_again_values(series: Series, deliveries: Mapping[int, int]) -> dict[str, Any]:
    """``TOLD_AGAIN`` of ``series_values``."""
    return {
        "value_peak": series.value_peak,
        "value_now": series.value_now,
        "last_delivery_id": deliveries.get(series.last_delivery_id, series.last_delivery_id),
        "last_alert_at": series.last_alert_at,
    }


def event(row: Mapping[str, Any]) -> Event:
    values = {
        "id": row["id"],
        "at": row["at"],
        "actor": row["actor"],
        "kind": _event_kind(row["kind"]),
        "data": row["data"],
        "episode": row["episode"],
    }
    return made(Event, values)


def _event_kind(text: str) -> EventKind:
    """While versions change two of them may share the database: what the newer one writes must not stop the older."""
    return EventKind(text) if text in _EVENT_KINDS else EventKind.UNKNOWN


_EVENT_KINDS = frozenset(kind.value for kind in EventKind)


def episode(row: Mapping[str, Any]) -> Episode:
    values: dict[str, Any] = {name: row[name] for name in Episode.__match_args__}
    values["severity"], values["resolution"] = _SEVERITIES[row["severity"]], _resolution(row["resolution"])
    return made(Episode, values)


def alert_values(stored: StoredAlert, deliveries: Mapping[int, int], *, received_at: datetime) -> dict[str, Any]:
    """For ``db.bulk``."""
    alert, told, place = stored.alert, stored.alert.told, stored.alert.place
    return {
        "delivery_id": deliveries.get(stored.delivery_id, stored.delivery_id),
        "incident_id": stored.incident_id,
        "source": alert.source,
        "status": told.status,
        "reason": stored.reason,
        "series_key": alert.series_key,
        "fingerprint": told.fingerprint,
        "rule_uid": told.rule_uid,
        "alert_name": told.alert_name,
        "cluster": place.cluster,
        "namespace": place.namespace,
        "service": place.service,
        "phase": place.phase,
        "severity": alert.severity,
        "severity_raw": alert.severity_raw,
        "starts_at": alert.starts_at,
        "ends_at": told.ends_at,
        "received_at": received_at,
        "summary": told.summary,
        "labels": told.labels,
        "annotations": told.annotations,
        "metric_values": told.metric_values,
        "raw_payload": told.raw,
    }


def event_values(incident_id: int, event: Event) -> dict[str, Any]:
    return {
        "incident_id": incident_id,
        "episode": event.episode,
        "at": event.at,
        "actor": event.actor,
        "kind": event.kind.value,
        "data": event.data,
    }


def episode_values(episode: Episode) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(episode, name) for name in Episode.__match_args__}
    resolution = episode.resolution.value if episode.resolution else None
    return {**values, "severity": episode.severity.value, "resolution": resolution}
