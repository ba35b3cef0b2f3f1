"""Bad input over real HTTP: told what is wrong, kept to be replayed, and never in the way of the next alert."""

import gzip
import socket
from collections.abc import Mapping

import requests

from tests.smoke.grafana import alert, body
from tests.smoke.harness import House

GOOD = alert("bad-input", "pod-a")
DEEP = b'{"alerts": ' + b"[" * 40 + b"]" * 40 + b"}"
REJECTED: dict[str, tuple[int, bytes, Mapping[str, str]]] = {
    "empty": (400, b"", {}),
    "no JSON": (400, b"{alerts: [}", {}),
    "not UTF-8": (400, b'{"alerts": "\xff\xfe"}', {}),
    "cut off": (400, body(GOOD)[:-20], {}),
    "NaN": (400, b'{"alerts": [NaN]}', {}),
    "a list": (422, b"[]", {}),
    "null": (422, b"null", {}),
    "no alerts": (422, b'{"status": "firing"}', {}),
    "alerts is an object": (422, b'{"alerts": {}}', {}),
    "no alert in alerts": (422, body(), {}),
    "an alert is a number": (422, b'{"alerts": [7]}', {}),
    "unknown status": (422, body(alert("bad-input", "pod-a", more={"status": "pending"})), {}),
    "labels are a list": (422, body(alert("bad-input", "pod-a", more={"labels": []})), {}),
    "startsAt is no time": (422, body(alert("bad-input", "pod-a", more={"startsAt": "yesterday"})), {}),
    "legacy alerting, pending": (422, b'{"evalMatches": [], "state": "pending", "ruleId": 1}', {}),
    "too deep": (422, DEEP, {}),
    "unknown encoding": (415, body(GOOD), {"Content_Encoding": "br"}),
    "broken gzip": (400, b"\x1f\x8b\x08broken", {"Content_Encoding": "gzip"}),
    "cut off gzip": (400, gzip.compress(body(GOOD))[:-9], {"Content_Encoding": "gzip"}),
    "gzip bomb": (413, gzip.compress(b" " * 6_000_000), {"Content_Encoding": "gzip"}),
    "too large": (413, b" " * (5 * 1024 * 1024 + 1), {}),
}


def test_what_is_rejected_is_kept_and_the_next_alert_lands(house: House) -> None:
    for name, (status, told, headers) in REJECTED.items():
        answer = house.grafana.sends(told, **headers)
        assert answer.status_code == status, (name, answer.status_code, answer.text)
        found = house.rows(f"SELECT status, raw_body, error FROM deliveries WHERE id = {answer.json()['delivery']}")
        [(kept_as, raw, error)] = found
        assert kept_as == "rejected"
        assert error == answer.json()["error"] or answer.json()["error"].startswith(error), name
        assert told.startswith(raw), name
        assert len(raw) >= min(len(told), 64 * 1024), name
    house.workspace.channel("#incidents").expects_notice(f"{len(REJECTED)} bodies were refused", within=30)
    house.workspace.channel("#incidents").expects_no_card()
    assert house.grafana.fires("checkout-5xx", series=["pod-a"])["incidents"] == ["INC-1"]
    house.workspace.channel("#incidents").expects_card(state="active")


def test_strangers_are_turned_away_and_nothing_of_theirs_is_kept(house: House) -> None:
    grafana, told = house.grafana, body(GOOD)
    assert grafana.sends_without_credential(told).status_code == 401
    assert grafana.sends_without_credential(told, Authorization="Bearer wrong").status_code == 401
    assert grafana.sends_without_credential(told, X_Grafana_Alerting_Signature="0" * 64).status_code == 401
    assert grafana.sends_without_credential(told, X_Grafana_Alerting_Signature="é").status_code == 401
    assert grafana.sends_without_credential(b"", Authorization="Basic !!").status_code == 401
    assert house.rows("SELECT count(*) FROM deliveries") == [(0,)]


def test_other_methods_and_addresses_are_answered_in_json(house: House) -> None:
    table = [
        ("GET", "/webhooks/grafana", 405),
        ("DELETE", "/webhooks/grafana", 405),
        ("POST", "/webhooks/nagios", 404),
        ("POST", "/webhooks", 404),
        ("GET", "/", 404),
        ("GET", "/%00", 404),
        ("GET", "/slack/events", 405),
        ("POST", "/slack/events", 401),
    ]
    for method, path, status in table:
        answer = requests.request(method, house.url + path, data=b"x", timeout=5, allow_redirects=False)
        assert (answer.status_code, "error" in answer.json()) == (status, True), (method, path, answer.text)


def test_half_a_request_and_no_http_at_all_leave_the_process_well(house: House) -> None:
    for told in (
        b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 100\r\n\r\n{",
        b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x00\xa5 no HTTP\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", house.port), timeout=5) as connection:
            connection.sendall(told)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(4096)
            assert b" 500 " not in answer, answer
    assert requests.get(f"{house.url}/healthz", timeout=5).json() == {"status": "alive"}


def test_a_body_that_comes_twice_is_stored_once(house: House) -> None:
    told = body(alert("checkout-5xx", "pod-a", since="2026-03-02T01:10:20Z"))
    first, second = house.grafana.sends(told).json(), house.grafana.sends(told).json()
    assert second["duplicate_of"] == first["delivery"]
    house.workspace.channel("#incidents").expects_card(state="active")
    assert house.rows("SELECT status FROM deliveries ORDER BY id") == [("processed",), ("duplicate",)]
    assert house.rows("SELECT alert_count FROM incidents") == [(1,)]
