"""Webhook bodies as Grafana's unified alerting writes them, for the demo and for test alerts of one's own."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_NOT_ENDED = "0001-01-01T00:00:00Z"
_GRAFANA = "https://grafana.example.com"


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule: its labels are the same for each of its series."""

    uid: str
    name: str
    summary: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Firing:
    """One series of a rule. ``ended_at`` None: it still fires. Times are aware."""

    rule: Rule
    labels: Mapping[str, str]
    started_at: datetime
    value: float
    ended_at: datetime | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)


def body(firings: Sequence[Firing]) -> dict[str, Any]:
    """One notification about these series."""
    alerts = [_alert(firing) for firing in firings]
    status = "firing" if any(alert["status"] == "firing" for alert in alerts) else "resolved"
    return {
        "receiver": "bongsu",
        "status": status,
        "orgId": 1,
        "alerts": alerts,
        "groupLabels": {"alertname": firings[0].rule.name},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": f"{_GRAFANA}/",
        "version": "1",
        "groupKey": f'{{}}:{{alertname="{firings[0].rule.name}"}}',
        "truncatedAlerts": 0,
        "title": f"[{status.upper()}:{len(alerts)}] {firings[0].rule.name}",
        "state": "alerting" if status == "firing" else "ok",
        "message": "",
    }


def _alert(firing: Firing) -> dict[str, Any]:
    rule = firing.rule
    labels = {"alertname": rule.name, **rule.labels, **firing.labels}
    told = "\n".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return {
        "status": "firing" if firing.ended_at is None else "resolved",
        "labels": labels,
        "annotations": {
            "summary": rule.summary,
            "runbook_url": f"https://runbooks.example.com/{rule.uid}",
            **firing.annotations,
        },
        "startsAt": _time(firing.started_at),
        "endsAt": _NOT_ENDED if firing.ended_at is None else _time(firing.ended_at),
        "generatorURL": f"{_GRAFANA}/alerting/grafana/{rule.uid}/view?orgId=1",
        "fingerprint": hashlib.sha256(told.encode()).hexdigest()[:16],
        "silenceURL": f"{_GRAFANA}/alerting/silence/new?alertmanager=grafana&matcher=__alert_rule_uid__%3D{rule.uid}",
        "dashboardURL": f"{_GRAFANA}/d/{rule.uid}?orgId=1",
        "panelURL": f"{_GRAFANA}/d/{rule.uid}?orgId=1&viewPanel=1",
        "values": {"A": firing.value},
        "valueString": "",
        "orgId": 1,
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
