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


class NotTaken(BongsuError):
    """The webhook refused the alert, or could not be reached."""


def add_to(commands: Any) -> None:
    parser = commands.add_parser("send-test-alert", help="send one alert through the webhook, as Grafana would")
    parser.add_argument("--url", help="where Bongsu listens (default: http://127.0.0.1 and BONGSU_PORT)")
    parser.add_argument("--token", help="the bearer token (default: the credential in the environment)")
    parser.add_argument("--service", default="checkout")
    parser.add_argument("--severity", default="critical", choices=[severity.value for severity in Severity])
    parser.add_argument("--summary", default="A test alert that you sent yourself")
    parser.add_argument("--series", default="pod-a", help="which series of the rule; others join the same incident")
    parser.add_argument("--value", type=float, default=7.5)
    parser.add_argument("--resolve", action="store_true", help="end what was sent before")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Raises NotTaken, which says why."""
    settings = read_settings()
    url = (given.url or f"http://127.0.0.1:{settings.port}").rstrip("/") + "/webhooks/grafana"
    told = json.dumps(body([_firing(given)])).encode()
    answer = _post(url, told, _credential(given.token, settings.receiver, told))
    if answer.status_code != requests.codes.ok:
        raise NotTaken(f"{url} answered {answer.status_code}: {answer.text.strip()}")
    incidents = ", ".join(answer.json()["incidents"]) or "no incident (nothing of it was firing)"
    sys.stdout.write(f"taken as {incidents}\n")
    return 0


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
    """A resolve ends whatever began before now; so it need not know when that was."""
    now = datetime.now(UTC)
    rule = Rule(
        "bongsu-test", "Bongsu test alert", given.summary, {"severity": given.severity, "service": given.service}
    )
    ended = now if given.resolve else None
    return Firing(rule, {"pod": given.series}, now, given.value, ended)


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
