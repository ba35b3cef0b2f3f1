"""``bongsu send-test-alert``: one alert of one's own through the real webhook."""

import argparse
import hashlib
import hmac
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

import requests

from bongsu.samples import Firing, Rule, body
from bongsu.settings import read_settings
from incidents.errors import BongsuError
from incidents.model import Severity
from receiver.settings import ReceiverSettings

_SECONDS = 30
_MOST_NAMED = 10
_SERVICES = ("payments", "checkout", "search", "mail", "inventory")


class NotTaken(BongsuError):
    """The webhook refused the alert, or could not be reached."""


def add_to(commands: Any) -> None:
    parser = commands.add_parser("send-test-alert", help="send one alert through the webhook, as Grafana would")
    parser.add_argument("--url", help="where Bongsu listens (default: http://127.0.0.1 and BONGSU_PORT)")
    parser.add_argument("--token", help="the bearer token (default: the credential in the environment)")
    parser.add_argument("--service", default="checkout")
    parser.add_argument(
        "--severity", choices=[severity.value for severity in Severity], help="default: critical, of a storm warning"
    )
    parser.add_argument("--summary", default="A test alert that you sent yourself")
    parser.add_argument("--series", default="pod-a", help="which series of the rule; others join the same incident")
    parser.add_argument("--value", type=float, default=7.5)
    parser.add_argument(
        "--storm", type=int, default=0, metavar="N", help="N incidents at once, of N rules: see what a storm looks like"
    )
    parser.add_argument("--resolve", action="store_true", help="end what was sent before")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Raises NotTaken, which says why."""
    settings = read_settings()
    url = (given.url or f"http://127.0.0.1:{settings.port}").rstrip("/") + "/webhooks/grafana"
    told = json.dumps(body(_storm(given) if given.storm else [_firing(given)])).encode()
    answer = _post(url, told, _credential(given.token, settings.receiver, told))
    if answer.status_code != requests.codes.ok:
        raise NotTaken(f"{url} answered {answer.status_code}: {answer.text.strip()}")
    sys.stdout.write(f"taken as {_named(answer.json()['incidents'])}\n")
    return 0


def _named(incidents: list[str]) -> str:
    if len(incidents) > _MOST_NAMED:
        return f"{len(incidents)} incidents, {incidents[0]} among them"
    return ", ".join(incidents) or "no incident (nothing of it was firing)"


def _post(url: str, told: bytes, headers: dict[str, str]) -> requests.Response:
    try:
        return requests.post(
            url,
            data=told,
            headers={"Content-Type": "application/json", **headers},
            timeout=_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise NotTaken(f"{url} can't be reached ({type(error).__name__}): is `bongsu serve` running there?") from error


def _firing(given: argparse.Namespace) -> Firing:
    labels = {"severity": given.severity or Severity.CRITICAL.value, "service": given.service}
    return _of(Rule("bongsu-test", "Bongsu test alert", given.summary, labels), given)


def _storm(given: argparse.Namespace) -> list[Firing]:
    """Rules of several services, some hit harder than others."""
    severity = given.severity or Severity.WARNING.value
    rules = []
    for number in range(1, given.storm + 1):
        service = _SERVICES[min(number % 2, number % 3) + number % 4]
        labels = {"severity": severity, "service": service}
        rules.append(Rule(f"bongsu-storm-{number}", f"Bongsu storm {number}", f"{given.summary} ({number})", labels))
    return [_of(rule, given) for rule in rules]


def _of(rule: Rule, given: argparse.Namespace) -> Firing:
    """A resolve ends whatever began before now; so it need not know when that was."""
    now = datetime.now(UTC)
    return Firing(rule, {"pod": given.series}, now, given.value, now if given.resolve else None)


def _credential(token: str | None, receiver: ReceiverSettings, told: bytes) -> dict[str, str]:
    """The strongest that is configured, as Grafana would send it."""
    if token or (receiver.webhook_token and not receiver.grafana_hmac_secret):
        return {"Authorization": f"Bearer {token or receiver.webhook_token}"}
    if receiver.grafana_hmac_secret:
        return _signature(receiver.grafana_hmac_secret, receiver.grafana_hmac_timestamp_header, told)
    if receiver.webhook_basic:
        basic = requests.Request("POST", "http://localhost", auth=receiver.webhook_basic).prepare()
        return {"Authorization": str(basic.headers["Authorization"])}
    return {}


def _signature(secret: str, timestamp_header: str | None, told: bytes) -> dict[str, str]:
    at = str(int(time.time()))
    signed = f"{at}:".encode() + told if timestamp_header else told
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    clock = {timestamp_header: at} if timestamp_header else {}
    return {"X-Grafana-Alerting-Signature": digest, **clock}
