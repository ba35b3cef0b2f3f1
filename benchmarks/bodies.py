"""Webhook bodies of real width, as Grafana writes them: each tells of all series of one incident.

What never changes of a body is encoded once, so that thousands are ready in a second.
"""

import hashlib
import json
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, cycle, islice
from typing import Any

SERVICES = ("checkout", "payments", "cart", "search", "catalog", "login", "orders", "mail", "images", "ads")
RULES = 100
INCIDENTS = RULES * len(SERVICES)
STORM_ROUNDS = 10
_UNDER_WAY = 100
"""Incidents at a time: far more than connections, so that an incident's bodies don't overtake each other."""
_RESENDS = 3
_FIRINGS = 2
"""How often an incident fires before the next one's turn: it is opened, then reopened."""
_WITH_NEW_SERIES = 200
_GRAFANA = "https://grafana.example.com"
_RULE_LABEL = "__alert_rule_uid__"
_NOT_ENDED = "0001-01-01T00:00:00Z"
_HOLE, _NUMBER, _ALERTS = "@hole@", "@number@", "@alerts@"
_SEVERITIES = ("critical", "error", "warning", "warning")
Times = Iterator[datetime]


def steady(series: int, wave: int) -> Iterator[bytes]:
    """Everyday: a fifth of the bodies fires anew, three fifths are re-sent with other values, a fifth resolves."""
    chance, times = random.Random(wave), _times()
    order = [_Incident(number, range(series), wave) for number in range(INCIDENTS)]
    chance.shuffle(order)
    turn = (_life(incident, times, chance) for incident in cycle(order))
    lives = deque(islice(turn, _UNDER_WAY))
    for number, life in enumerate(lives):
        # Each is at another point, as if all this had been going on for long.
        next(islice(life, number % _LENGTH, number % _LENGTH), None)
    while True:
        life = lives.popleft()
        body = next(life, None)
        if body is None:
            life = next(turn)
            body = next(life)
        lives.append(life)
        yield body


def new(series: int, wave: int) -> Iterator[bytes]:
    """The worst case: each series was never seen before, and joins one of a few incidents that fire."""
    chance, times = random.Random(wave), _times()
    for number in count():
        fresh = range(number * series, (number + 1) * series)
        yield _Incident(number % _WITH_NEW_SERIES, fresh, wave).body(next(times), None, chance.random())


def once(series: int, wave: int) -> Iterator[bytes]:
    """Each incident opens, and that is all: it ends after ``INCIDENTS`` bodies."""
    times = _times()
    for number in range(INCIDENTS):
        yield _Incident(number, range(series), wave).body(next(times), None, 1.0)


def storm(series: int, wave: int) -> Iterator[bytes]:
    """Everything fires at once and is told again and again: it ends after ``STORM_ROUNDS`` × ``INCIDENTS`` bodies.

    Of one rule in fifty it is critical.
    """
    chance, times = random.Random(wave), _times()
    severities = ["warning" if number // len(SERVICES) % 50 else "critical" for number in range(INCIDENTS)]
    incidents = [_Incident(number, range(series), wave, severity) for number, severity in enumerate(severities)]
    firing = [(incident, next(times)) for incident in incidents]
    for _ in range(STORM_ROUNDS):
        for incident, started_at in firing:
            yield incident.body(started_at, None, chance.random())


MIXES: dict[str, Callable[[int, int], Iterator[bytes]]] = {"steady": steady, "new": new, "once": once, "storm": storm}
"""By name: from the series of an incident and the wave, bodies. Waves share no incident and no series."""


class _Incident:
    """The parts of its bodies that stay."""

    def __init__(self, number: int, series: range, wave: int, severity: str | None = None) -> None:
        rule, service = f"w{wave}rule{number // len(SERVICES):03d}", SERVICES[number % len(SERVICES)]
        severity = severity or _SEVERITIES[number % len(_SEVERITIES)]
        alerts = [_alert(rule, service, severity, one) for one in series]
        self._alerts = [_parts(alert) for alert in alerts]
        self._envelope = _parts(_envelope(alerts))

    def body(self, started_at: datetime, ended_at: datetime | None, value: float) -> bytes:
        status = "firing" if ended_at is None else "resolved"
        number = f"{value:.6f}"
        told = (status, _time(started_at), _NOT_ENDED if ended_at is None else _time(ended_at), number, number)
        holes = [hole.encode() for hole in told]
        alerts = b",".join(_filled(parts, holes) for parts in self._alerts)
        return _filled(self._envelope, [holes[0], alerts, holes[0].upper()])


_LENGTH = _FIRINGS * (_RESENDS + 2)
"""The bodies of one incident's turn."""


def _life(incident: _Incident, times: Times, chance: random.Random) -> Iterator[bytes]:
    for _ in range(_FIRINGS):
        started_at = next(times)
        for _ in range(1 + _RESENDS):
            yield incident.body(started_at, None, chance.random())
        yield incident.body(started_at, next(times), chance.random())


def _times() -> Times:
    """Each later than the one before; all of the last hour."""
    began = datetime.now(UTC) - timedelta(hours=1)
    return (began + timedelta(milliseconds=number) for number in count())


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _parts(told: Any) -> list[bytes]:
    """The JSON of it, cut where the holes are."""
    text = json.dumps(told)
    for unquoted in (_NUMBER, _ALERTS):
        text = text.replace(f'"{unquoted}"', _HOLE)
    return text.encode().split(_HOLE.encode())


def _filled(parts: Sequence[bytes], holes: Sequence[bytes]) -> bytes:
    told = [parts[0]]
    for hole, part in zip(holes, parts[1:], strict=True):
        told += hole, part
    return b"".join(told)


def _alert(rule: str, service: str, severity: str, series: int) -> dict[str, Any]:
    """Its holes in their order: status, startsAt, endsAt, and the value twice."""
    pod, name = f"{service}-7d9c5b6f48-{series:06d}", f"Latency of {service} too high ({rule})"
    link = f"{_GRAFANA}/d/{rule}-overview?from=1758039580000&orgId=1&to=1758043210357"
    return {
        "status": _HOLE,
        "labels": {
            "alertname": name,
            "cluster": "prod-eu-1",
            "grafana_folder": "Service level",
            "instance": f"10.42.{series // 250 % 250}.{series % 250}:8080",
            "namespace": f"team-{service}",
            "pod": pod,
            "region": "eu-central-1",
            "service": service,
            "severity": severity,
            "team": f"{service}-owners",
        },
        "annotations": {
            "description": f"The 99th percentile of {service} in prod-eu-1 was above its objective for five minutes.",
            "runbook_url": f"https://runbooks.example.com/{service}/latency-too-high",
            "summary": f"{pod} answers slowly",
        },
        "startsAt": _HOLE,
        "endsAt": _HOLE,
        "generatorURL": f"{_GRAFANA}/alerting/grafana/{rule}/view?orgId=1",
        "fingerprint": hashlib.sha256(f"{rule} {pod}".encode()).hexdigest()[:16],
        "silenceURL": f"{_GRAFANA}/alerting/silence/new?alertmanager=grafana&matcher={_RULE_LABEL}%3D{rule}&orgId=1",
        "dashboardURL": link,
        "panelURL": f"{link}&viewPanel=4",
        "values": {"B": _NUMBER, "C": 1},
        "valueString": f"[ var='B' labels={{pod={pod}}} value={_HOLE} ], [ var='C' labels={{pod={pod}}} value=1 ]",
        "orgId": 1,
    }


def _envelope(alerts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Its holes in their order: status, alerts, and the status in upper case."""
    first = alerts[0]
    group = {name: first["labels"][name] for name in ("alertname", "grafana_folder")}
    common = {name: value for name, value in first["labels"].items() if name not in {"instance", "pod"}}
    return {
        "receiver": "bongsu",
        "status": _HOLE,
        "alerts": [_ALERTS],
        "groupLabels": group,
        "commonLabels": common,
        "commonAnnotations": {"runbook_url": first["annotations"]["runbook_url"]},
        "externalURL": f"{_GRAFANA}/",
        "version": "1",
        "groupKey": f'{{}}/{{team="{common["team"]}"}}:{{alertname="{group["alertname"]}"}}',
        "truncatedAlerts": 0,
        "orgId": 1,
        "title": f"[{_HOLE}:{len(alerts)}] {group['alertname']} {group['grafana_folder']}",
        "state": "alerting",
        "message": "\n".join(f"{alert['annotations']['summary']}: {alert['generatorURL']}" for alert in alerts),
    }
