"""Killed or stopped, Bongsu loses nothing that it has answered for, and shows nothing twice."""

import signal
import socket
from collections.abc import Iterator

import pytest

from tests.smoke.grafana import alert, body
from tests.smoke.harness import TOKEN, House, status_of
from tests.smoke.waiting import until


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


def half_a_request(port: int, number: int) -> tuple[socket.socket, bytes]:
    """A connection on which a good alert has begun to arrive, and the rest of it."""
    told = body(alert("checkout-5xx", f"pod-{number}"))
    head = f"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(told)}"
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(head.encode() + b"\r\n\r\n" + told[:100])
    return connection, told[100:]


@pytest.fixture
def twenty_under_way(house: House) -> Iterator[list[tuple[socket.socket, bytes]]]:
    begun = [half_a_request(house.port, number) for number in range(20)]
    yield begun
    for connection, _ in begun:
        connection.close()


def test_what_was_under_way_when_told_to_stop_is_answered(
    house: House, twenty_under_way: list[tuple[socket.socket, bytes]]
) -> None:
    house.bongsu.tell(signal.SIGTERM)
    until(lambda: status_of(f"{house.url}/readyz") == 503, "a load balancer is told first")
    for connection, rest in twenty_under_way[:10]:
        connection.sendall(rest)
    until(lambda: status_of(f"{house.url}/readyz") == 0, "no connection is taken any more")
    assert house.bongsu.exit_code is None
    for connection, rest in twenty_under_way[10:]:
        connection.sendall(rest)
    for connection, _ in twenty_under_way:
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert house.bongsu.wait(within=30) == 0
    assert house.rows("SELECT count(*) FROM alerts") == [(20,)]
    house.start_bongsu()
    house.workspace.channel("#incidents").expects_card().shows("20 firing")


def test_an_idle_process_stops_at_once(house: House) -> None:
    house.wait_until_told("started")
    assert house.stop_bongsu(within=10) == 0
    house.wait_until_told("stopped")
