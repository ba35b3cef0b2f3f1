"""Grafana as Bongsu meets it: an HTTP client that sends notifications, signed or with a token."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import requests

Json = dict[str, Any]


class Grafana:
    """Remembers since when each series fires, as Grafana does."""

    def __init__(self, url: str, *, token: str, hmac_secret: str) -> None:
        self.url = f"{url}/webhooks/grafana"
        self._token, self._hmac_secret = token, hmac_secret
        self._since: dict[tuple[str, str], str] = {}

    def fires(self, rule: str, *, series: Sequence[str], signed: bool = False, **labels: str) -> Json:
        """Answers what the webhook answered. A series that fires already keeps its startsAt."""
        for one in series:
            self._since.setdefault((rule, one), _now())
        return self._notify("firing", rule, series, labels, signed)

    def resolves(self, rule: str, *, series: Sequence[str], signed: bool = False, **labels: str) -> Json:
        answer = self._notify("resolved", rule, series, labels, signed)
        for one in series:
            del self._since[rule, one]
        return answer

    def _notify(self, status: str, rule: str, series: Sequence[str], labels: Json, signed: bool) -> Json:
        alerts = [alert(rule, one, status=status, since=self._since[rule, one], **labels) for one in series]
        answer = self.sends(body(*alerts), signed=signed)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    def sends(self, told: bytes, *, signed: bool = False, within: float = 29.0, **headers: str) -> requests.Response:
        """Any body, with a valid credential."""
        digest = hmac.new(self._hmac_secret.encode(), told, hashlib.sha256).hexdigest()
        proof = {"X-Grafana-Alerting-Signature": digest} if signed else {"Authorization": f"Bearer {self._token}"}
        return self.sends_without_credential(told, within=within, **proof, **headers)

    def sends_without_credential(self, told: bytes, *, within: float = 29.0, **headers: str) -> requests.Response:
        given = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return requests.post(self.url, data=told, headers=given, timeout=within, allow_redirects=False)


def body(*alerts: Json, **envelope: Any) -> bytes:
    """As Grafana writes a notification about these alerts."""
    firing = any(one.get("status") == "firing" for one in alerts)
    told = {
        "receiver": "bongsu",
        "status": "firing" if firing else "resolved",
        "orgId": 1,
        "alerts": list(alerts),
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "https://grafana.example.com/",
        "version": "1",
        "groupKey": "{}:{}",
        "truncatedAlerts": 0,
        "title": "[FIRING:1] not to be read",
        "state": "alerting",
        "message": "not to be read",
        **envelope,
    }
    return json.dumps(told).encode()


def alert(
    rule: str,
    series: str,
    *,
    status: str = "firing",
    since: str = "",
    value: float = 5.2,
    summary: str = "",
    more: Json | None = None,
    **labels: str,
) -> Json:
    """One alert of ``rule`` about the pod ``series``. ``more`` replaces whole fields."""
    told = {"alertname": rule, "severity": "critical", "service": "checkout", "cluster": "prod-a", "namespace": "pay"}
    told |= {"pod": series, **labels}
    return {
        "status": status,
        "labels": told,
        "annotations": {"summary": summary or f"{rule} is above its limit"},
        "startsAt": since or _now(),
        "endsAt": _now() if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": f"https://grafana.example.com/alerting/grafana/{rule}/view?orgId=1",
        "fingerprint": hashlib.sha256(json.dumps(sorted(told.items())).encode()).hexdigest()[:16],
        "dashboardURL": "https://grafana.example.com/d/pay?orgId=1",
        "values": {"A": value},
        **(more or {}),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
