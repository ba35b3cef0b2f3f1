"""Two processes whose own clocks are twenty minutes apart share the work as if they were right."""

from pathlib import Path

import pytest

from tests.smoke.conftest import MakeHouse
from tests.smoke.processes import ROOT
from tests.smoke.test_many_at_once import rows

SKEW = """
import datetime
import os
import time

seconds = float(os.environ["SKEW_SECONDS"])
right, real, right_ns = time.time, datetime.datetime, time.time_ns
time.time = lambda: right() + seconds
time.time_ns = lambda: right_ns() + int(seconds * 1e9)


class AsIfReal(type):
    def __instancecheck__(cls, one):
        return isinstance(one, real)


class Datetime(real, metaclass=AsIfReal):
    __slots__ = ()

    @classmethod
    def now(cls, tz=None):
        return real.now(tz) + datetime.timedelta(seconds=seconds)

    @classmethod
    def utcnow(cls):
        return real.utcnow() + datetime.timedelta(seconds=seconds)


datetime.datetime = Datetime
"""
"""Python runs it before anything else where it is called sitecustomize: libraries, too, know no other clock then."""
TIMES = {
    "deliveries": ["received_at"],
    "alerts": ["received_at"],
    "incidents": ["start_time", "last_alert_time", "resolved_time"],
    "incident_events": ["at"],
    "outbox": ["created_at", "sent_at", "first_sent_at"],
}


@pytest.fixture
def skewed(tmp_path: Path) -> str:
    """For PYTHONPATH of a process whose SKEW_SECONDS are set."""
    home = tmp_path / "skew"
    home.mkdir()
    (home / "sitecustomize.py").write_text(SKEW, "utf-8")
    return f"{home}:{ROOT}"


def test_clocks_that_are_wrong_change_nothing(mariadb_url: str, make_house: MakeHouse, skewed: str) -> None:
    house = make_house(database_url=mariadb_url)
    house.start_sandbox()
    other_port = house.port + 1
    house.start_bongsu(PYTHONPATH=skewed, SKEW_SECONDS="600")
    house.start_bongsu(PYTHONPATH=skewed, SKEW_SECONDS="-600", BONGSU_PORT=str(other_port))
    fast, slow = house.grafana, house.grafana_at(other_port)
    channel = house.workspace.channel("#incidents")
    assert fast.fires("checkout-5xx", series=["pod-a"])["incidents"] == ["INC-1"]
    card = channel.expects_card()
    assert slow.fires("checkout-5xx", series=["pod-b"])["incidents"] == ["INC-1"]
    card.shows("2 firing")
    fast.resolves("checkout-5xx", series=["pod-a"])
    slow.resolves("checkout-5xx", series=["pod-b"])
    card.shows(state="recovered")
    # Within the reopen window, whichever process is asked.
    assert slow.fires("checkout-5xx", series=["pod-b"])["incidents"] == ["INC-1"]
    card.shows("1 firing", state="active")
    for number in range(8):
        (fast if number % 2 else slow).fires(f"rule-{number}", series=["pod-a"])
    house.settled(within=40)
    assert len(house.workspace.calls("chat.postMessage")) == len(channel.roots()) + len(card.thread())
    for root in [*channel.roots(), *card.thread()]:
        house.workspace.expect(root)
    for table, columns in TIMES.items():
        for column in columns:
            wrong = f"ABS(TIMESTAMPDIFF(SECOND, {column}, UTC_TIMESTAMP())) > 300"
            assert rows(house, f"SELECT COUNT(*) FROM {table} WHERE {wrong}") == [(0,)], f"{table}.{column}"
