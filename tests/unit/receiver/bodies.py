"""Grafana bodies for tests: whole ones from files, and small ones built around one change."""

import json
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[2] / "fixtures" / "grafana"


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def alert(**changes: Any) -> dict[str, Any]:
    """A firing alert; an argument of ``...`` leaves the key out."""
    told = {
        "status": "firing",
        "labels": {"alertname": "Checkout 5xx", "pod": "a"},
        "annotations": {"summary": "Checkout answers 5xx"},
        "startsAt": "2026-03-02T01:10:20Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://grafana.hanbit.example/alerting/grafana/rule-1/view?orgId=1",
        "fingerprint": "9b1f0c2ad4e37756",
    }
    return {key: value for key, value in {**told, **changes}.items() if value is not ...}


def body(*alerts: Any, **envelope: Any) -> bytes:
    return json.dumps({"receiver": "bongsu", "status": "firing", "alerts": list(alerts), **envelope}).encode()


def one(**changes: Any) -> bytes:
    """A body of a single alert."""
    return body(alert(**changes))
