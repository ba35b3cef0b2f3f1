"""Alerts that a person makes up, to see which way they would go: read and mapped as those that arrive."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import yaml

from base import codec
from base.codec import CodecError
from incidents.errors import InvalidInput
from incidents.ingest.mapping import mapped
from incidents.model import Alert, AlertStatus, Links, SourceAlert
from incidents.policy import Policy
from receiver.arrival import Arrival
from receiver.errors import WrongShape
from receiver.sources import SOURCES, Normalised

_SOURCE = "grafana"


def from_labels(told: str, policy: Policy) -> list[Alert]:
    """``service=payments,severity=critical``. Raises InvalidInput."""
    labels = {}
    for pair in filter(None, (part.strip() for part in told.split(","))):
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise InvalidInput("--labels", f"'{pair}' is no label: write such as service=payments,severity=critical")
        labels[name.strip()] = value.strip()
    return with_labels(labels, policy)


def with_labels(labels: Mapping[str, str], policy: Policy) -> list[Alert]:
    """One alert that has these."""
    return _mapped(_made_up(labels), policy)


def from_file(path: Path, policy: Policy) -> list[Alert]:
    """What Grafana sends, or a mapping of labels. Raises InvalidInput."""
    try:
        raw = path.read_bytes()
        told = _parsed(raw)
    except OSError as error:
        raise InvalidInput("--alert", f"{path} can't be read ({error.strerror}): write the path of a file") from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput("--alert", f"{path} is neither JSON nor YAML: {' '.join(str(error).split())}") from error
    if not isinstance(told, dict):
        raise InvalidInput("--alert", f"{path} has no alert: write what Grafana sends, or labels such as service: pay")
    if any(isinstance(value, list | dict) for value in told.values()):
        return _mapped(_normalised(path, raw), policy)
    return _mapped(_made_up({str(name): _text(value) for name, value in told.items()}), policy)


def _parsed(raw: bytes) -> object:
    try:
        return codec.loads(raw)
    except CodecError:
        return yaml.safe_load(raw)


def _normalised(path: Path, raw: bytes) -> Normalised:
    try:
        return SOURCES[_SOURCE](raw, {})
    except (CodecError, WrongShape) as error:
        raise InvalidInput("--alert", f"{path} is not what Grafana sends: {error}") from error


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _made_up(labels: Mapping[str, str]) -> Normalised:
    name = labels.get("alertname", "")
    alert = SourceAlert(
        status=AlertStatus.FIRING,
        fingerprint="example",
        rule_uid=labels.get("__alert_rule_uid__", name),
        alert_name=name,
        starts_at=None,
        ends_at=None,
        labels=labels,
        annotations={},
        metric_values={},
        summary=name,
        links=Links(),
        raw={},
    )
    return Normalised(envelope={}, alerts=(alert,))


def _mapped(normalised: Normalised, policy: Policy) -> list[Alert]:
    delivery = Arrival(_SOURCE, {}).delivery(normalised)
    return mapped(delivery, policy.labels, now=datetime.fromtimestamp(0, UTC))
