"""A row of their table of alerts, as our alert."""

import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from bongsu.takeover.incidents import UNNAMED, Reading, id_of, place_of, severity_of
from bongsu.takeover.undecoded import Undecoded
from bongsu.takeover.values import Row, Unreadable, id_text
from incidents.keys import incident_key, series_key
from incidents.model import Alert, AlertStatus, Links, SourceAlert
from incidents.rules.place import place
from incidents.takeover.model import PastAlert
from receiver.sources import fingerprint, rule_uid
from receiver.sources.number import finite
from receiver.sources.summary import summary
from receiver.sources.text import clean, one_line, text_map

_FIRING = frozenset({"firing", "alerting", "active", "open", "triggered", "problem", "pending", "nodata", "error"})
_RESOLVED = frozenset({"resolved", "ok", "normal", "closed", "recovered", "inactive"})
_SOURCES = frozenset({"grafana", "alertmanager", "datadog", "newrelic"})


def past_alert(row: Row, reading: Reading) -> PastAlert:
    """Raises Unreadable, InvalidInput."""
    raw = _element(row)
    labels, annotations = _texts(row, "labels", raw), _texts(row, "annotations", raw)
    name, uid = _rule(row, raw, labels, reading)
    where, by_labels = place_of(row, labels, reading.labels), place(labels, reading.labels)
    grave, told_severity = severity_of(row, labels, reading.labels)
    status = _status(row, raw)
    starts_at, ends_at, received_at = _times(row, status)
    source = row.text("source").lower()
    source = source if source in _SOURCES else "grafana"
    given = row.text("fingerprint") or clean(str(raw.get("fingerprint") or ""))
    given = given or fingerprint.derived(labels or vars_of(where), uid)
    told = SourceAlert(
        status=status,
        fingerprint=given,
        rule_uid=uid,
        alert_name=name,
        starts_at=starts_at,
        ends_at=ends_at,
        labels=labels,
        annotations=annotations,
        metric_values=_numbers(row, raw),
        summary=row.text("summary") or summary(annotations, name),
        links=Links(),
        raw=raw or {"imported": {key: plain(value) for key, value in row.values.items()}},
    )
    alert = Alert(
        source=source,
        told=told,
        starts_at=starts_at,
        place=where,
        severity=grave,
        severity_raw=told_severity,
        incident_key=incident_key(uid, where),
        series_key=series_key(source, uid, given, "" if by_labels.cluster else where.cluster),
    )
    return PastAlert(id_of(row), row.id("incident") or None, alert, received_at)


def rule_of(row: Row) -> tuple[str, str | None]:
    """Its name, and its rule's uid where anything in the row tells that; None: nothing does. Raises Unreadable."""
    raw = _element(row)
    return _named(row, raw, _texts(row, "labels", raw))


def vars_of(where: Any) -> dict[str, str]:
    """A place as labels, which tell series apart where they have no others."""
    return {name: getattr(where, name) for name in type(where).__slots__}


def _named(row: Row, raw: Mapping[str, Any], labels: Mapping[str, str]) -> tuple[str, str | None]:
    name = one_line(row.text("name")) or labels.get("alertname", "") or UNNAMED
    told = {"generatorURL": row.get("generator_url"), **raw}
    return name, row.text("rule_uid") or rule_uid.rule_uid(told, labels)


def _rule(row: Row, raw: Mapping[str, Any], labels: Mapping[str, str], reading: Reading) -> tuple[str, str]:
    name, uid = _named(row, raw, labels)
    return name, uid or reading.rules.get(name, name)


def _element(row: Row) -> dict[str, Any]:
    """The alert as Grafana sent it, found in a whole request where that is what was kept; {}: it was not."""
    raw = row.object("raw", otherwise="kept as the text that it is")
    alerts = raw.get("alerts")
    if not isinstance(alerts, list):
        return raw
    those = [one for one in alerts if isinstance(one, dict)]
    same = [one for one in those if one.get("fingerprint") == row.text("fingerprint")]
    found = same or (those if len(those) == 1 else [])
    return found[0] if found else raw


def _texts(row: Row, name: str, raw: Mapping[str, Any]) -> dict[str, str]:
    told = raw.get(name)
    return row.texts(name) or (text_map(told) if isinstance(told, dict) else {})


def _status(row: Row, raw: Mapping[str, Any]) -> AlertStatus:
    told = (row.text("status") or str(raw.get("status") or "")).lower()
    if told in _FIRING:
        return AlertStatus.FIRING
    if told in _RESOLVED:
        return AlertStatus.RESOLVED
    raise Unreadable(f"status: {told[:60]!r} is none of {', '.join(sorted(_FIRING | _RESOLVED))}")


def _times(row: Row, status: AlertStatus) -> tuple[datetime, datetime | None, datetime]:
    starts_at, received_at = row.time("starts_at"), row.time("received_at")
    ends_at = row.time("ends_at") if status is AlertStatus.RESOLVED else None
    begun = starts_at or received_at
    if begun is None:
        raise Unreadable("starts_at: it is missing, and so is received_at")
    ends_at = ends_at if ends_at is not None and ends_at >= begun else None
    return begun, ends_at, received_at or ends_at or begun


def _numbers(row: Row, raw: Mapping[str, Any]) -> dict[str, float | None]:
    """No alert is refused for its numbers."""
    value = _number(row.get("values"))
    if value is not None:
        return {"value": value}
    told = row.object("values", otherwise="left out") or raw.get("values")
    return {clean(name): _number(one) for name, one in told.items()} if isinstance(told, dict) else {}


def _number(value: Any) -> float | None:
    """Databases have decimals, too, and tools write numbers as text. None: it is none, or none that is finite."""
    if isinstance(value, str | Decimal):
        try:
            value = float(value)
        except ValueError:
            return None
    number = finite(value)
    return number if number is not None and math.isfinite(number) else None


def plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Undecoded):
        return value.decode("utf-8", "replace")
    return id_text(value) if isinstance(value, bytes | bytearray) else str(value)
