"""What tests of the domain and the database are made of: alerts, deliveries, series and incidents."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents.model import (
    Actor,
    AlertKind,
    AlertStatus,
    Delivery,
    Episode,
    Incident,
    Links,
    Place,
    Resolution,
    Series,
    Severity,
    SourceAlert,
    Status,
)

T0 = datetime(2026, 1, 1, tzinfo=UTC)
ALICE = Actor.slack("U0ALICE")
BOB = Actor.slack("U0BOB")


def minutes(count: float) -> datetime:
    """So many minutes after T0."""
    return T0 + timedelta(minutes=count)


def firing(fingerprint: str = "pod-a", *, since: float = 0, value: float | None = 5.0, **labels: str) -> SourceAlert:
    """A series of the rule r1 fires since so many minutes after T0. Labels make its place and severity."""
    return an_alert(AlertStatus.FIRING, fingerprint, since=since, value=value, labels=labels)


def resolved(
    fingerprint: str = "pod-a", *, since: float = 0, until: float | None = 5, value: float | None = 1.0, **labels: str
) -> SourceAlert:
    """A series that fired since then has ended; ``until`` None: the sender told no usable end."""
    return an_alert(AlertStatus.RESOLVED, fingerprint, since=since, until=until, value=value, labels=labels)


def an_alert(
    status: AlertStatus,
    fingerprint: str = "pod-a",
    *,
    since: float = 0,
    until: float | None = None,
    value: float | None = 5.0,
    labels: Mapping[str, str] | None = None,
    raw: Mapping[str, Any] | None = None,
    rule_uid: str = "r1",
    summary: str = "Checkout 5xx above 5 %",
) -> SourceAlert:
    starts_at, ends_at = minutes(since), None if until is None else minutes(until)
    told = {"service": "checkout", "severity": "warning", "pod": fingerprint, **(labels or {})}
    element = {"status": status.value, "fingerprint": fingerprint, "startsAt": starts_at.isoformat()}
    return SourceAlert(
        status=status,
        fingerprint=fingerprint,
        rule_uid=rule_uid,
        alert_name="Checkout5xx",
        starts_at=starts_at,
        ends_at=ends_at,
        labels=told,
        annotations={"summary": summary},
        metric_values={"A": value},
        summary=summary,
        links=Links(),
        raw=element if raw is None else raw,
    )


def cannot_see(
    fingerprint: str = "blind",
    *,
    kind: AlertKind = AlertKind.NO_DATA,
    rule_uid: str = "r1",
    datasource_uid: str = "ds-1",
    since: float = 0,
    **labels: str,
) -> SourceAlert:
    """A rule says that it can't see, since so many minutes after T0."""
    told = an_alert(AlertStatus.FIRING, fingerprint, since=since, value=None, labels=labels, rule_uid=rule_uid)
    return replace(told, kind=kind, datasource_uid=datasource_uid)


def sees(fingerprint: str = "blind", *, until: float = 5, **given: Any) -> SourceAlert:
    """The end of what ``cannot_see`` tells."""
    return replace(cannot_see(fingerprint, **given), status=AlertStatus.RESOLVED, ends_at=minutes(until))


def because(reason: Resolution | None, told: SourceAlert) -> SourceAlert:
    """The same, with the state's reason that the sender tells."""
    return replace(told, state_reason=reason)


def undated(told: SourceAlert) -> SourceAlert:
    """The same from a sender that never tells when it began."""
    return replace(told, starts_at=None)


def a_delivery(*alerts: SourceAlert, body: str | None = None, source: str = "grafana") -> Delivery:
    """A request of its own; the same alerts make the same body, unless ``body`` says what stands for it."""
    told = repr(alerts) if body is None else body
    return Delivery(
        source=source,
        request_id=uuid.uuid4().hex,
        body_sha256=hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest(),
        headers={"User-Agent": "Grafana"},
        envelope={"receiver": "bongsu"},
        alerts=alerts,
    )


def an_incident(**given: Any) -> Incident:
    """Active since T0, unless told otherwise."""
    values: dict[str, Any] = {
        "id": 7,
        "number": 12,
        "incident_key": "k" * 64,
        "title": "Checkout 5xx above 5 %",
        "status": Status.ACTIVE,
        "severity": Severity.WARNING,
        "source": "grafana",
        "rule_uid": "r1",
        "alert_name": "Checkout5xx",
        "place": Place(service="checkout"),
        "start_time": T0,
        "last_alert_time": T0,
        "episode": 1,
        "version": 1,
    }
    return Incident(**{**values, **given})


def an_acknowledged(**given: Any) -> Incident:
    """Alice has it since the third minute."""
    has_it = {"status": Status.ACKNOWLEDGED, "acknowledged_by": str(ALICE), "acknowledged_time": minutes(3)}
    return an_incident(**{**has_it, **given})


def an_episode(**given: Any) -> Episode:
    """The first of ``an_incident``."""
    values: dict[str, Any] = {
        "incident_id": 7,
        "number": 1,
        "opened_at": T0,
        "started_at": T0,
        "severity": Severity.WARNING,
        "opened_reason": "opened",
    }
    return Episode(**{**values, **given})


def a_series(**given: Any) -> Series:
    """Fires since T0 in ``an_incident``, last told of by delivery 1."""
    values: dict[str, Any] = {
        "key": "s" * 64,
        "incident_id": 7,
        "source": "grafana",
        "rule_uid": "r1",
        "fingerprint": "pod-a",
        "name": "pod-a",
        "status": AlertStatus.FIRING,
        "starts_at": T0,
        "ends_at": None,
        "value_fired": 5.0,
        "value_peak": 5.0,
        "value_now": 5.0,
        "summary": "Checkout 5xx above 5 %",
        "links": Links(),
        "last_delivery_id": 1,
        "last_alert_at": T0,
    }
    return Series(**{**values, **given})
