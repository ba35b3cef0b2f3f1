"""Many clients at once, bad ones among them: everybody is answered as they deserve, and each alert is there once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

import requests
import sqlalchemy as sa

from db.engine import connect
from tests.corpus import FIXTURES, OURS, Refused
from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import alert, body
from tests.smoke.harness import House
from tests.smoke.test_webhook_input import REJECTED

CLIENTS = 64
SINCE = "2026-03-02T01:10:20Z"
Sends = Callable[[], requests.Response]


def rows(house: House, sql: str) -> list[tuple[Any, ...]]:
    """Of any house, past the program."""

    async def read() -> list[tuple[Any, ...]]:
        engines = connect(house.database_url)
        try:
            async with engines.read.connect() as connection:
                return [tuple(row) for row in await connection.execute(sa.text(sql))]
        finally:
            await engines.dispose()

    return asyncio.run(read())


def at_once(sends: list[Sends]) -> list[requests.Response]:
    """All of them begin in the same moment, each in a thread of its own; the answers in their order."""
    ready = Barrier(len(sends))

    def one(send: Sends) -> requests.Response:
        ready.wait(30)
        return send()

    with ThreadPoolExecutor(len(sends)) as threads:
        return list(threads.map(one, sends))


def expect_cards(house: House, count: int) -> None:
    house.settled(within=40)
    roots = house.workspace.channel("#incidents").roots()
    assert len(roots) == count
    for root in roots:
        house.workspace.expect(root)


def test_many_clients_with_series_of_one_key_open_one_incident(house_anywhere: House) -> None:
    house = house_anywhere
    told = [body(alert("checkout-5xx", f"pod-{number}", since=SINCE)) for number in range(CLIENTS)]
    answers = at_once([lambda one=one: house.grafana.sends(one) for one in told])
    assert Counter(answer.status_code for answer in answers) == {200: CLIENTS}
    assert {tuple(answer.json()["incidents"]) for answer in answers} == {("INC-1",)}
    assert rows(house, "SELECT alert_count, firing FROM incidents") == [(CLIENTS, CLIENTS)]
    assert rows(house, "SELECT COUNT(DISTINCT fingerprint), COUNT(*), MIN(incident_id) FROM alerts") == [
        (CLIENTS, CLIENTS, 1)
    ]
    assert dict(rows(house, "SELECT reason, COUNT(*) FROM alerts GROUP BY reason")) == {
        "opened": 1,
        "joined": CLIENTS - 1,
    }
    expect_cards(house, 1)


def test_many_clients_with_the_same_series_open_one_incident(house_anywhere: House) -> None:
    house = house_anywhere
    told = [body(alert("checkout-5xx", "pod-a", since=SINCE, value=float(number))) for number in range(CLIENTS)]
    answers = at_once([lambda one=one: house.grafana.sends(one) for one in told])
    assert Counter(answer.status_code for answer in answers) == {200: CLIENTS}
    assert rows(house, "SELECT alert_count, firing FROM incidents") == [(CLIENTS, 1)]
    assert dict(rows(house, "SELECT reason, COUNT(*) FROM alerts GROUP BY reason")) == {
        "opened": 1,
        "resent": CLIENTS - 1,
    }
    expect_cards(house, 1)


def test_the_same_body_to_two_processes_at_once_is_stored_once_each_time(
    mariadb_url: str, make_house: MakeHouse
) -> None:
    house = make_house(database_url=mariadb_url).open()
    other_port = house.port + 1
    house.start_bongsu(BONGSU_PORT=str(other_port))
    other = house.grafana_at(other_port)
    for first in range(0, 100, 20):
        told = [body(alert("checkout-5xx", f"pod-{number}", since=SINCE)) for number in range(first, first + 20)]
        pairs = [lambda one=one, to=to: to.sends(one) for one in told for to in (house.grafana, other)]
        answers = [answer.json() for answer in at_once(pairs)]
        for pair in zip(answers[::2], answers[1::2], strict=True):
            stored, repeated = sorted(pair, key=lambda one: "duplicate_of" in one)
            assert (stored["alerts"], repeated["alerts"]) == (1, 0)
            assert repeated["duplicate_of"] == stored["delivery"]
    assert dict(rows(house, "SELECT status, COUNT(*) FROM deliveries GROUP BY status")) == {
        "processed": 100,
        "duplicate": 100,
    }
    assert rows(house, "SELECT alert_count, firing FROM incidents") == [(100, 100)]
    assert rows(house, "SELECT COUNT(*) FROM outbox WHERE kind = 'card'") == [(1,)]
    expect_cards(house, 1)


def bad_bodies(house: House) -> list[tuple[int, Sends]]:
    """Everything that is refused, and how."""
    refused = [(FIXTURES / name).read_bytes() for name, answer in OURS.items() if isinstance(answer, Refused)]
    corpus: list[tuple[int, Sends]] = [(422, lambda told=told: house.grafana.sends(told)) for told in refused]
    return corpus + [
        (status, lambda told=told, headers=headers: house.grafana.sends(told, **headers))
        for status, told, headers in REJECTED.values()
    ]


def test_bad_bodies_under_load_are_refused_alone(house_anywhere: House) -> None:
    """Good ones and bad ones in turn, from many clients."""
    house = house_anywhere
    bad = bad_bodies(house)
    good: list[tuple[int, Sends]] = [
        (200, lambda number=number: house.grafana.sends(body(alert("checkout-5xx", f"pod-{number}", since=SINCE))))
        for number in range(2 * len(bad))
    ]
    mixed = [one for place, refused in enumerate(bad) for one in (good[2 * place], refused, good[2 * place + 1])]
    with ThreadPoolExecutor(24) as clients:
        answers = list(clients.map(lambda one: one[1](), mixed))
    assert [answer.status_code for answer in answers] == [status for status, _ in mixed]
    assert all(answer.json()["delivery"] for answer in answers)
    assert dict(rows(house, "SELECT status, COUNT(*) FROM deliveries GROUP BY status")) == {
        "processed": len(good),
        "rejected": len(bad),
    }
    assert rows(house, "SELECT alert_count, firing FROM incidents") == [(len(good), len(good))]
    assert house.grafana.fires("after-that", series=["pod-a"])["incidents"] == ["INC-2"]
    house.workspace.channel("#incidents").expects_notice(f"{len(bad)} bodies were refused", within=30)
    expect_cards(house, 2)


def test_five_thousand_alerts_in_one_body_starve_nobody(mariadb_url: str, make_house: MakeHouse) -> None:
    """Small ones are answered while it is under way, and it is taken as a whole."""
    house = make_house(database_url=mariadb_url).open()
    large = body(*(alert("disk-full", f"pod-{number}", since=SINCE, service="storage") for number in range(5000)))
    assert len(large) < 5 * 1024 * 1024
    with ThreadPoolExecutor(1) as threads:
        under_way: Future[requests.Response] = threads.submit(house.grafana.sends, large)
        meanwhile = []
        while not under_way.done():
            small = body(alert("checkout-5xx", f"pod-{len(meanwhile)}", since=SINCE))
            meanwhile.append(house.grafana.sends(small).status_code)
    assert (under_way.result().status_code, under_way.result().json()["alerts"]) == (200, 5000)
    assert Counter(meanwhile) == {200: len(meanwhile)}
    assert len(meanwhile) > 1
    assert sorted(rows(house, "SELECT alert_count, firing, unfollowed FROM incidents")) == [
        (len(meanwhile), len(meanwhile), 0),
        (5000, 1000, 4000),
    ]
    assert rows(house, "SELECT COUNT(DISTINCT fingerprint) FROM alerts") == [(5000 + len(meanwhile),)]
    expect_cards(house, 2)
