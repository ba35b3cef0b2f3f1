"""The wire to MariaDB fails at the worst moments: what was answered 2xx is stored once, and nobody is left waiting."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from tests.mariadb import Server
from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import alert, body
from tests.smoke.harness import House
from tests.smoke.wire import Wire, wire

CUTS = 8
Rows = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def weak_wire(mariadb_url: str) -> Iterator[Wire]:
    with wire(mariadb_url) as told:
        yield told


@pytest.fixture
def house_on_a_wire(weak_wire: Wire, mariadb_url: str, make_house: MakeHouse) -> House:
    return make_house(database_url=weak_wire.behind(mariadb_url)).open()


@pytest.fixture
def rows(mariadb: Server, mariadb_url: str) -> Rows:
    """Of the house's database, past the wire: write ``db.`` before each table."""
    name = urlsplit(mariadb_url).path.strip("/")
    return lambda sql: mariadb.execute(sql.replace("db.", f"{name}."))


def test_a_lost_commit_reply_stores_nothing_twice(house_on_a_wire: House, weak_wire: Wire, rows: Rows) -> None:
    weak_wire.lose_replies = 1
    answer = house_on_a_wire.grafana.fires("checkout-5xx", series=["pod-a", "pod-b"])
    assert weak_wire.lost == 1
    assert (answer["alerts"], answer["incidents"]) == (2, ["INC-1"])
    assert rows("SELECT status FROM db.deliveries") == [("processed",)]
    assert rows("SELECT alert_count, firing FROM db.incidents") == [(2, 2)]
    assert rows("SELECT COUNT(*) FROM db.alerts") == [(2,)]
    house_on_a_wire.workspace.channel("#incidents").expects_card(state="active")


def test_lost_commit_replies_of_many_at_once_store_nothing_twice(
    house_on_a_wire: House, weak_wire: Wire, rows: Rows
) -> None:
    """Of deliveries that are committed together: news, bodies that come twice, and what was told again."""
    grafana = house_on_a_wire.grafana
    news = [body(alert("checkout-5xx", f"pod-{number}")) for number in range(16)]
    weak_wire.lose_replies = 3
    with ThreadPoolExecutor(32) as senders:
        answers = list(senders.map(grafana.sends, [one for one in news for _ in range(2)]))
    assert weak_wire.lost == 3
    assert {answer.status_code for answer in answers} == {200}
    told = [answer.json() for answer in answers]
    assert len({one["delivery"] for one in told}) == 32
    assert Counter("duplicate_of" in one for one in told) == {True: 16, False: 16}
    assert sum(one["alerts"] for one in told) == 16
    assert {tuple(one["incidents"]) for one in told} == {("INC-1",)}
    assert sorted(rows("SELECT status, COUNT(*) FROM db.deliveries GROUP BY status")) == [
        ("duplicate", 16),
        ("processed", 16),
    ]
    assert rows("SELECT fingerprint, COUNT(*) n FROM db.alerts GROUP BY fingerprint HAVING n <> 1") == []
    assert rows("SELECT alert_count, firing FROM db.incidents") == [(16, 16)]
    assert rows("SELECT kind, COUNT(*) FROM db.outbox GROUP BY kind") == [("card", 1)]
    expect_cards(house_on_a_wire, 1)


def test_a_wire_that_is_cut_again_and_again_loses_nothing_and_doubles_nothing(
    house_on_a_wire: House, weak_wire: Wire, rows: Rows
) -> None:
    grafana = house_on_a_wire.grafana

    def send(sender: int) -> list[tuple[str, requests.Response]]:
        """Until it was cut often enough."""
        answers: list[tuple[str, requests.Response]] = []
        while len(answers) < 3 or (weak_wire.cut < CUTS and len(answers) < 100):
            told = alert(f"rule-{sender % 4}", f"pod-{sender}-{len(answers)}")
            answers.append((told["fingerprint"], grafana.sends(body(told))))
        return answers

    weak_wire.cuts = 0.015
    with ThreadPoolExecutor(32) as senders:
        answers = [one for some in senders.map(send, range(32)) for one in some]
    weak_wire.cuts = 0.0
    assert weak_wire.cut >= CUTS
    assert {answer.status_code for _, answer in answers} <= {200, 503}
    stored = dict(rows("SELECT fingerprint, COUNT(*) FROM db.alerts GROUP BY fingerprint"))
    assert set(stored.values()) == {1}
    assert {fingerprint for fingerprint, answer in answers if answer.status_code == 200} <= set(stored)
    assert rows("SELECT COUNT(*) FROM db.incidents") == [(4,)]
    assert rows("SELECT SUM(alert_count) FROM db.incidents") == [(len(stored),)]
    assert rows("SELECT COUNT(*) FROM db.outbox WHERE kind = 'card'") == [(4,)]
    expect_cards(house_on_a_wire, 4)


def expect_cards(house: House, count: int) -> None:
    house.settled()
    roots = house.workspace.channel("#incidents").roots()
    assert len(roots) == count
    for root in roots:
        house.workspace.expect(root)
