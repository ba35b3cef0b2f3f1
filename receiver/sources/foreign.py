"""Whose body is it, if not Grafana's? Told by what only that system writes; a body that nothing speaks for is nobody's.

Alertmanager's envelope is Grafana's with less in it, and the version tells nothing alone: Grafana OnCall passes
Grafana's alerts on as version 4, Google Managed Prometheus sends Alertmanager's as version 1. So Alertmanager's needs
two things: no mark of Grafana's, and one of its own.
Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from collections.abc import Iterable, Mapping
from typing import Any

from receiver.sources import rule_uid

NAMES: Mapping[str, str] = {
    "alertmanager": "Prometheus Alertmanager",
    "datadog": "Datadog",
    "newrelic": "New Relic",
}
"""The systems whose bodies are told apart, by the name that they have in the URL."""

_MARKS: Mapping[str, tuple[frozenset[str], ...]] = {
    "datadog": (
        frozenset({"alert_transition"}),
        frozenset({"event_type", "alert_type"}),
        frozenset({"alert_cycle_key"}),
    ),
    "newrelic": (
        frozenset({"issueUrl"}),
        frozenset({"impactedEntities", "state"}),
        frozenset({"current_state", "incident_id"}),
        frozenset({"current_state", "condition_name"}),
    ),
}
"""Keys that are there together."""

_GRAFANAS_ENVELOPE = frozenset({"orgId", "title", "state", "message", "appVersion", "numFiring", "numResolved"})
"""The last two are Grafana OnCall's."""
_GRAFANAS_ALERT = frozenset(
    {"silenceURL", "dashboardURL", "panelURL", "values", "valueString", "ruleUID", "imageURL", "orgId"}
)
_GRAFANAS_LABELS = frozenset({"grafana_folder", rule_uid.LABEL})
_ALERTMANAGERS_VERSIONS = frozenset({"0", "2", "3", "4"})
_BARE_ALERT = frozenset({"labels", "startsAt"})


def looks_like(body: Mapping[str, Any]) -> str | None:
    """The name that the sender's source has in the URL, None if nothing speaks for any."""
    if is_alertmanagers(body):
        return "alertmanager"
    if "alerts" in body:
        return None
    return next((name for name, marks in _MARKS.items() if any(mark <= body.keys() for mark in marks)), None)


def is_alertmanagers(body: Mapping[str, Any]) -> bool:
    """Whether it is a notification of Alertmanager's, or one bare alert of its."""
    if not _GRAFANAS_ENVELOPE.isdisjoint(body):
        return False
    if "alerts" not in body:
        return body.keys() >= _BARE_ALERT and not _is_grafanas(body)
    alerts = _objects(body["alerts"])
    if any(_is_grafanas(alert) for alert in alerts):
        return False
    return _has_its_version(body) or any(_is_from_prometheus(alert) for alert in alerts)


def _objects(alerts: Any) -> list[Mapping[str, Any]]:
    return [one for one in alerts if isinstance(one, dict)] if isinstance(alerts, list) else []


def _is_grafanas(alert: Mapping[str, Any]) -> bool:
    if not _GRAFANAS_ALERT.isdisjoint(alert):
        return True
    labels = alert.get("labels")
    if isinstance(labels, dict) and not _GRAFANAS_LABELS.isdisjoint(labels):
        return True
    return rule_uid.of_source_link(alert.get("generatorURL")) is not None


def _has_its_version(body: Mapping[str, Any]) -> bool:
    """Old ones write the version, or the group's key, as a number."""
    return any(_is_number(body.get(key)) for key in ("version", "groupKey")) or _among(
        body.get("version"), _ALERTMANAGERS_VERSIONS
    )


def _is_from_prometheus(alert: Mapping[str, Any]) -> bool:
    link = alert.get("generatorURL")
    told = link if isinstance(link, str) else ""
    return "/graph?g0." in told or "/graph#" in told or alert.get("source") == "GMP"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _among(value: Any, names: Iterable[str]) -> bool:
    return isinstance(value, str) and value in names
