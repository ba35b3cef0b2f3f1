"""Killed or stopped, Bongsu loses nothing that it has answered for, and shows nothing twice."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from bot.signature import sign
from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import alert, body
from tests.smoke.harness import SIGNING_SECRET, TOKEN, House, status_of
from tests.smoke.slow_road import Road, road
from tests.smoke.waiting import until
from tests.smoke.workspace import Card


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(None, id="at once"),
        pytest.param("reset_after", id="while only Slack knows that it has the card"),
        pytest.param("timeout", id="while nobody knows whether Slack will have it"),
    ],
)
def test_an_alert_that_was_answered_becomes_one_card_though_bongsu_is_killed(house: House, fault: str | None) -> None:
    if fault is not None:
        house.workspace.breaks("chat.postMessage", fault)
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    if fault is not None:
        until(lambda: house.workspace.calls("chat.postMessage"), "slack was called")
    house.bongsu.kill()
    # The lease passes: what a publisher that died had claimed is free again.
    house.rows("UPDATE outbox SET lease_until = '2000-01-01 00:00:00.000000' WHERE lease_until IS NOT NULL")
    house.start_bongsu()
    house.workspace.channel("#incidents").expects_card().shows("1 firing: pod-a")


@dataclass
class UnderWay:
    """A request of which the head and the beginning of the body were sent: ``rest`` is what is left."""

    connection: socket.socket
    rest: bytes

    def finish(self) -> None:
        self.connection.sendall(self.rest)

    @property
    def is_taken(self) -> bool:
        return self.connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def begun(port: int, path: str, body: bytes, **headers: str) -> UnderWay:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body[:100])
    return UnderWay(connection, body[100:])


def an_alert(port: int, number: int) -> UnderWay:
    told = body(alert("checkout-5xx", f"pod-{number}"))
    return begun(port, "/webhooks/grafana", told, Authorization=f"Bearer {TOKEN}")


def a_click(port: int, card: Card, label: str) -> UnderWay:
    """As Slack sends it: alice presses this button."""
    button = card.button(label)
    message = card.message
    payload = {
        "type": "block_actions",
        "user": {"id": "U0ALICE"},
        "team": {"id": "T1"},
        "channel": {"id": message["channel"]},
        "container": {"type": "message", "message_ts": card.ts, "channel_id": message["channel"]},
        "message": {"ts": card.ts, "text": message["text"], "blocks": message["blocks"]},
        "actions": [{"type": "button", "block_id": "actions", **{key: button[key] for key in ("action_id", "value")}}],
    }
    told = urlencode({"payload": json.dumps(payload)}).encode()
    at = str(int(time.time()))
    return begun(
        port,
        "/slack/events",
        told,
        Content_Type="application/x-www-form-urlencoded",
        X_Slack_Request_Timestamp=at,
        X_Slack_Signature=sign(at, told, secret=SIGNING_SECRET),
    )


@pytest.fixture
def kept_road(make_house: MakeHouse) -> Iterator[tuple[House, Road]]:
    """What Bongsu says to Slack takes a road on which it can be kept."""
    house = make_house()
    house.start_sandbox()
    with road(house.sandbox_port) as told:
        house.start_bongsu(BONGSU_SLACK_API_URL=f"http://127.0.0.1:{told.port}/api/")
        yield house, told


def test_what_was_under_way_when_told_to_stop_is_finished(kept_road: tuple[House, Road]) -> None:
    """A hundred webhooks, a click, and a message to Slack."""
    house, slack = kept_road
    house.grafana.fires("search-p99", series=["pod-a"])
    card = house.workspace.channel("#incidents").expects_card()
    house.settled()
    under_way = [an_alert(house.port, number) for number in range(100)]
    click = a_click(house.port, card, "Acknowledge")
    slack.keeps = b"/chat.postMessage"
    house.grafana.fires("disk-full", series=["pod-a"])
    until(lambda: slack.kept == 1, "a message is on its way")

    house.bongsu.tell(signal.SIGTERM)
    until(lambda: status_of(f"{house.url}/readyz") == 503, "a load balancer is told first")
    for one in under_way[:50]:
        one.finish()
    until(lambda: status_of(f"{house.url}/readyz") == 0, "no connection is taken any more")
    assert house.bongsu.exit_code is None
    for one in [*under_way[50:], click]:
        one.finish()
    assert [one for one in [*under_way, click] if not one.is_taken] == []
    slack.open()
    assert house.bongsu.wait(within=40) == 0
    for one in [*under_way, click]:
        one.connection.close()

    assert house.rows("SELECT count(*) FROM alerts") == [(102,)]
    assert house.rows("SELECT status FROM incidents WHERE number = 1") == [("acknowledged",)]
    house.start_bongsu()
    channel = house.workspace.channel("#incidents")
    channel.expects_card(containing="checkout-5xx").shows("100 firing")
    channel.expects_card(containing="disk-full")
    card.shows(state="acknowledged")
    card.expects_thread_reply(containing="acknowledged it")


def test_an_idle_process_stops_at_once(house: House) -> None:
    house.wait_until_told("started")
    assert house.stop_bongsu(within=10) == 0
    house.wait_until_told("stopped")
