"""Grafana's unified alerting webhook, of every version since 8, also as Grafana OnCall passes it on.

Shape: https://github.com/grafana/alerting/blob/main/receivers/webhook/v1/webhook.go and
templates/template_data.go there. What it decides, and why:

- Each alert's own ``status`` counts, never the group's: ``max_alerts`` cuts alerts off before Grafana computes that.
- ``title`` and ``message`` come from templates, so nothing is read from them. Unknown keys are ignored.
- What identifies (status, labels, startsAt, fingerprint) is checked strictly, and the refusal names the field.
  What only illustrates (values, links, endsAt) is dropped where it can't be used: no page is lost over a broken link.
- Legacy dashboard alerting comes to the same address and is told by its shape. Another system's body is refused.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from base import codec
from base.records import made
from incidents.model import AlertStatus, SourceAlert
from receiver.errors import WrongShape
from receiver.sources import fingerprint, foreign, grafana_legacy, kind, times
from receiver.sources.links import links
from receiver.sources.normalised import Normalised
from receiver.sources.number import finite
from receiver.sources.rule_uid import rule_uid
from receiver.sources.sender import sender
from receiver.sources.shape import in_words
from receiver.sources.state_reason import state_reason
from receiver.sources.summary import summary
from receiver.sources.text import are_texts, as_text, clean, has_clean_texts, text_map

MOST_ALERTS = 10_000
"""Alerts in one request: what one transaction can take in a few seconds."""

UNNAMED = "(unnamed alert)"
"""Stands in for the name, and the rule, of an alert that has neither."""

_MOST_HIDDEN = 2**31 - 1


def normalise(body: bytes, headers: Mapping[str, str]) -> Normalised:  # noqa: ARG001 - every normaliser gets them
    """Raises CodecError (not JSON), TooDeep, and WrongShape, which names the field."""
    told = codec.loads(body)
    if not isinstance(told, dict):
        raise WrongShape("body", f"a JSON object is needed, this is {in_words(told)}")
    if grafana_legacy.is_legacy(told):
        return grafana_legacy.normalise(told)
    alerts, is_clean = _alert_list(told), has_clean_texts(body)
    return Normalised(
        envelope={key: value for key, value in told.items() if key != "alerts"},
        alerts=tuple([_alert(alert, index, is_clean=is_clean) for index, alert in enumerate(alerts)]),
        sender=sender(told.get("orgId"), told.get("externalURL")),
        hidden=_hidden(told.get("truncatedAlerts")),
    )


def _alert_list(told: Mapping[str, Any]) -> list[Any]:
    if foreign.is_alertmanagers(told):
        problem = f"it is one from {foreign.NAMES['alertmanager']}, not from Grafana"
        raise WrongShape("body", problem, looks_like="alertmanager")
    alerts = told.get("alerts")
    if not isinstance(alerts, list):
        raise _not_unified_alerting(told)
    if not alerts:
        raise WrongShape("alerts", "the list is empty: there is nothing to take")
    if len(alerts) > MOST_ALERTS:
        problem = f"{len(alerts)} alerts in one request, {MOST_ALERTS} are the most: set max alerts in Grafana"
        raise WrongShape("alerts", problem)
    return alerts


def _not_unified_alerting(told: Mapping[str, Any]) -> WrongShape:
    if "alerts" in told:
        return WrongShape("alerts", f"a list is needed, this is {in_words(told['alerts'])}")
    system = foreign.looks_like(told)
    guess = f"; it looks like one from {foreign.NAMES[system]}" if system else ""
    problem = f"it is missing, so this is not a Grafana alerting webhook (a custom payload can't be read){guess}"
    return WrongShape("alerts", problem, looks_like=system)


def _hidden(value: Any) -> int:
    """How many alerts max_alerts has cut off; 0 for whatever is no positive whole number."""
    return min(value, _MOST_HIDDEN) if type(value) is int and value > 0 else 0


def _alert(told: Any, index: int, *, is_clean: bool = False) -> SourceAlert:
    """``is_clean``: no text in it needs to be looked at."""
    if not isinstance(told, dict):
        raise _wrong(index, "", f"an object is needed, this is {in_words(told)}")
    status = _status(told.get("status"), index)
    labels = _texts(told, "labels", index, is_clean=is_clean)
    annotations = _texts(told, "annotations", index, is_clean=is_clean)
    uid = rule_uid(told, labels)
    given = _fingerprint(told.get("fingerprint"), index)
    if not (labels or uid or given):
        raise _wrong(index, "", "it has no labels, no rule and no fingerprint: nothing says what it is about")
    about = kind.kind(labels)
    name = kind.name(labels, about) or uid or UNNAMED
    starts_at = _starts_at(told.get("startsAt"), index)
    return made(
        SourceAlert,
        {
            "status": status,
            "fingerprint": given or fingerprint.derived(labels, uid or name),
            "rule_uid": uid or name,
            "alert_name": name,
            "starts_at": starts_at,
            "ends_at": _ends_at(told.get("endsAt"), status, starts_at),
            "labels": labels,
            "annotations": annotations,
            "metric_values": _metric_values(told.get("values")),
            "summary": summary(annotations, kind.in_words(about, name, annotations)),
            "links": links(told, annotations),
            "raw": told,
            "kind": about,
            "state_reason": state_reason(annotations),
            "datasource_uid": labels.get("datasource_uid", ""),
        },
    )


def _wrong(index: int, field: str, problem: str) -> WrongShape:
    return WrongShape(f"alerts[{index}]{field}", problem)


def _status(value: Any, index: int) -> AlertStatus:
    if value == "firing":
        return AlertStatus.FIRING
    if value == "resolved":
        return AlertStatus.RESOLVED
    problem = "it is missing" if value is None else f"this is {in_words(value)}"
    raise _wrong(index, ".status", f'"firing" or "resolved" is needed, {problem}')


def _texts(told: Mapping[str, Any], name: str, index: int, *, is_clean: bool) -> Mapping[str, str]:
    value = told.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(index, f".{name}", f"an object is needed, this is {in_words(value)}")
    return value if is_clean and are_texts(value.values()) else text_map(value)


def _fingerprint(value: Any, index: int) -> str:
    """``""`` where the sender gave none. A number is taken for its digits."""
    if type(value) is str:
        return clean(value)
    if value is None:
        return ""
    if isinstance(value, dict | list | bool):
        raise _wrong(index, ".fingerprint", f"a string is needed, this is {in_words(value)}")
    return clean(as_text(value))


def _starts_at(value: Any, index: int) -> datetime:
    try:
        return times.parse(value)
    except times.BadTime as error:
        raise _wrong(index, ".startsAt", str(error)) from error


def _ends_at(value: Any, status: AlertStatus, starts_at: datetime) -> datetime | None:
    """None while firing (Alertmanager writes a time to come), and where the end can't be meant: before the start."""
    if status is AlertStatus.FIRING:
        return None
    ends_at = times.parse_or_none(value)
    return ends_at if ends_at is not None and ends_at >= starts_at else None


def _metric_values(value: Any) -> dict[str, float | None]:
    """By query name (``"B"``). Grafana writes null for what has no number; -1 for NoData is passed on as told."""
    if not isinstance(value, dict):
        return {}
    return {clean(name): number if type(number) is float else finite(number) for name, number in value.items()}
