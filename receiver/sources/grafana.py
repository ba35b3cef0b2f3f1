"""Grafana's unified alerting webhook, of every version since 8, also as Grafana OnCall passes it on.

Shape: https://github.com/grafana/alerting/blob/main/receivers/webhook/v1/webhook.go and
templates/template_data.go there. What it decides, and why:

- Each alert's own ``status`` counts, never the group's: ``max_alerts`` cuts alerts off before Grafana computes that.
- ``title`` and ``message`` come from templates, so nothing is read from them. Unknown keys are ignored.
- What identifies (status, labels, startsAt, fingerprint) is checked strictly, and the refusal names the field.
  What only illustrates (values, links, endsAt) is dropped where it can't be used: no page is lost over a broken link.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from base import codec
from incidents.model import AlertStatus, SourceAlert
from receiver.errors import WrongShape
from receiver.sources import fingerprint, foreign, times
from receiver.sources.links import links
from receiver.sources.normalised import Normalised
from receiver.sources.rule_uid import rule_uid
from receiver.sources.summary import summary
from receiver.sources.text import as_text, clean, one_line, text_map

MOST_ALERTS = 10_000
"""Alerts in one request: what one transaction can take in a few seconds."""

UNNAMED = "(unnamed alert)"
"""Stands in for the name, and the rule, of an alert that has neither."""


def normalise(body: bytes, headers: Mapping[str, str]) -> Normalised:  # noqa: ARG001 - every normaliser gets them
    """Raises CodecError (not JSON), TooDeep, and WrongShape, which names the field."""
    told = codec.loads(body)
    alerts = _alert_list(told)
    return Normalised(
        envelope={key: value for key, value in told.items() if key != "alerts"},
        alerts=tuple(_alert(alert, f"alerts[{index}]") for index, alert in enumerate(alerts)),
    )


def _alert_list(told: Any) -> list[Any]:
    if not isinstance(told, dict):
        raise WrongShape("body", f"a JSON object is needed, this is {_kind(told)}")
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
    if "evalMatches" in told:
        return WrongShape(
            "evalMatches",
            "this is Grafana's legacy dashboard alerting, which is not supported: "
            "use unified alerting (Grafana 9 and later)",
        )
    if "alerts" in told:
        return WrongShape("alerts", f"a list is needed, this is {_kind(told['alerts'])}")
    sender = foreign.looks_like(told)
    guess = f"; it looks like one from {foreign.in_words(sender)}" if sender else ""
    problem = f"it is missing, so this is not a Grafana alerting webhook (a custom payload can't be read){guess}"
    return WrongShape("alerts", problem, looks_like=sender)


def _alert(told: Any, field: str) -> SourceAlert:
    if not isinstance(told, dict):
        raise WrongShape(field, f"an object is needed, this is {_kind(told)}")
    status = _status(told.get("status"), field)
    labels = _texts(told, "labels", field)
    annotations = _texts(told, "annotations", field)
    uid = rule_uid(told, labels)
    given = _fingerprint(told.get("fingerprint"), field)
    if not (labels or uid or given):
        raise WrongShape(field, "it has no labels, no rule and no fingerprint: nothing says what it is about")
    name = one_line(labels.get("alertname", "")) or uid or UNNAMED
    starts_at = _starts_at(told.get("startsAt"), field)
    return SourceAlert(
        status=status,
        fingerprint=given or fingerprint.derived(labels, uid or name),
        rule_uid=uid or name,
        alert_name=name,
        starts_at=starts_at,
        ends_at=_ends_at(told.get("endsAt"), status, starts_at),
        labels=labels,
        annotations=annotations,
        metric_values=_metric_values(told.get("values")),
        summary=summary(annotations, name),
        links=links(told, annotations),
        raw=told,
    )


def _status(value: Any, field: str) -> AlertStatus:
    if value == "firing":
        return AlertStatus.FIRING
    if value == "resolved":
        return AlertStatus.RESOLVED
    problem = "it is missing" if value is None else f"this is {_kind(value)}"
    raise WrongShape(f"{field}.status", f'"firing" or "resolved" is needed, {problem}')


def _texts(told: Mapping[str, Any], name: str, field: str) -> dict[str, str]:
    value = told.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WrongShape(f"{field}.{name}", f"an object is needed, this is {_kind(value)}")
    return text_map(value)


def _fingerprint(value: Any, field: str) -> str:
    """``""`` where the sender gave none. A number is taken for its digits."""
    if value is None:
        return ""
    if isinstance(value, dict | list | bool):
        raise WrongShape(f"{field}.fingerprint", f"a string is needed, this is {_kind(value)}")
    return clean(as_text(value))


def _starts_at(value: Any, field: str) -> datetime:
    try:
        return times.parse(value)
    except times.BadTime as error:
        raise WrongShape(f"{field}.startsAt", str(error)) from error


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
    return {clean(name): _number(number) for name, number in value.items()}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return None


def _kind(value: Any) -> str:
    """What it is instead, in words: short and safe to show."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'the string "{one_line(value)[:40]}"'
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
