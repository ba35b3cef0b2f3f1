"""Incidents as tests need them: INC-142, a checkout that fails since 10:00 UTC on 2 January 2026."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents.approvals.model import Approval, Wanted
from incidents.model import (
    AlertStatus,
    Episode,
    Event,
    EventKind,
    Incident,
    IncidentView,
    Links,
    Place,
    Resolution,
    Series,
    Severity,
    Status,
)

AT_TEN = datetime(2026, 1, 2, 10, 0, tzinfo=UTC)
WINDOW = timedelta(minutes=10)
ALICE, BOB = "U0ALICE", "U0BOB"
LINKS = Links(
    dashboard="https://grafana.example.com/d/checkout?orgId=1&from=now-1h",
    panel="https://grafana.example.com/d/checkout?viewPanel=4",
    runbook="https://wiki.example.com/checkout 5xx",
    silence="https://grafana.example.com/alerting/silence/new?matcher=a|b",
    source="https://grafana.example.com/alerting/grafana/abc/view",
)


def minutes(count: float) -> datetime:
    """So many minutes after ten."""
    return AT_TEN + timedelta(minutes=count)


def an_incident(**changes: Any) -> Incident:
    return replace(
        Incident(
            id=12,
            number=142,
            incident_key="key",
            title="Checkout 5xx above 5 %",
            status=Status.ACTIVE,
            severity=Severity.CRITICAL,
            source="grafana",
            rule_uid="rule",
            alert_name="CheckoutErrors",
            place=Place("prod-a", "pay", "checkout", "production"),
            start_time=AT_TEN,
            last_alert_time=AT_TEN,
            episode=1,
            version=5,
            created_at=AT_TEN,
        ),
        **changes,
    )


def acknowledged(**changes: Any) -> Incident:
    status = {"status": Status.ACKNOWLEDGED, "acknowledged_time": minutes(3), "acknowledged_by": ALICE}
    return an_incident(**status | changes)


def resolved(resolution: Resolution, **changes: Any) -> Incident:
    by_hand = resolution in {Resolution.MANUAL, Resolution.NOISE}
    ended = {
        "status": Status.RESOLVED,
        "resolved_time": minutes(21),
        "resolved_by": ALICE if by_hand else "system",
        "resolution": resolution,
        "is_noise": resolution is Resolution.NOISE,
    }
    return acknowledged(**ended | changes)


def an_episode(**changes: Any) -> Episode:
    return replace(
        Episode(
            incident_id=12,
            number=1,
            opened_at=AT_TEN,
            started_at=AT_TEN,
            severity=Severity.CRITICAL,
            opened_reason="opened",
            acknowledged_at=minutes(3),
            acknowledged_by=ALICE,
        ),
        **changes,
    )


def a_series(name: str = "pod-a", **changes: Any) -> Series:
    return replace(
        Series(
            key=name,
            incident_id=12,
            source="grafana",
            rule_uid="rule",
            fingerprint=name,
            name=name,
            status=AlertStatus.FIRING,
            starts_at=AT_TEN,
            ends_at=None,
            value_fired=5.2,
            value_peak=14.0,
            value_now=12.0,
            summary="",
            links=LINKS,
            last_delivery_id=1,
            last_alert_at=AT_TEN,
        ),
        **changes,
    )


def an_approval(**changes: Any) -> Approval:
    """Alice wants to resolve it, and a second person has until 10:20."""
    asked = Approval(3, 12, 142, 1, Wanted.RESOLVE, "rolled back", ALICE, "", minutes(5), minutes(20), event_id=7)
    return replace(asked, **changes)


CONFIRM_BY = minutes(15)
SEVERITY_ROSE = {
    "reason": "severity", "from": "warning", "to": "critical", "mention": ALICE, "confirm_by": CONFIRM_BY.isoformat()
}  # fmt: skip
GRAVER = {
    "reason": "graver_than_snoozed", "from": "warning", "to": "critical", "snoozed_by": ALICE, "mention": ALICE
}  # fmt: skip
MORE_SERIES = {"reason": "series", "from": 2, "to": 7, "mention": ALICE, "confirm_by": None}
PAGED = {
    "policy": "default", "step": 2, "of": 3, "round": 1, "mention": ["@oncall", f"<@{BOB}>", "schedule:night"],
    "broadcast": True, "channels": ["#war-room"], "direct": ["U0CAROL"], "webhooks": ["pager"],
}  # fmt: skip
ONLY_HERE = PAGED | {"mention": [], "broadcast": False, "channels": [], "direct": [], "webhooks": []}
LONG_OWNED = {
    "owner": ALICE, "mention": ALICE, "confirm_by": CONFIRM_BY.isoformat(), "since": minutes(-45).isoformat()
}  # fmt: skip

THREE_FIRE = (
    a_series("pod-a"),
    a_series("pod-b", value_peak=7.0),
    a_series("pod-c", value_peak=6.0),
    a_series("pod-d", status=AlertStatus.RESOLVED, value_peak=99.0),
)


def a_view(incident: Incident | None = None, **changes: Any) -> IncidentView:
    """Three series fire, one has resolved; nothing fires once the incident is resolved."""
    incident = incident or an_incident()
    counts = {"firing": 3, "resolved": 1} if incident.is_open else {"firing": 0, "resolved": 4}
    view = IncidentView(incident=incident, episode=an_episode(), series=THREE_FIRE, **counts)
    return replace(view, **changes)


def an_event(kind: EventKind, *, actor: str = ALICE, **data: Any) -> Event:
    return Event(at=minutes(5), actor=actor, kind=kind, data=data, id=7)
