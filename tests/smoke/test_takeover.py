"""A process dies, or stands still, with a message of its own on the way: another takes over, and it is shown once."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from db.queries.publishing import LEASE
from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.processes import Process
from tests.smoke.slow_road import Road, road
from tests.smoke.waiting import until
from tests.smoke.workspace import Card

TAKEN_OVER = LEASE.total_seconds() + 2
SLACK = 10
"""Seconds that a busy machine may need besides."""


@dataclass
class Two:
    """Two Bongsus on one database. What ``first`` says to Slack takes a ``road``; people's clicks come to the other."""

    house: House
    first: Process
    first_port: int
    road: Road

    def fires(self, rule: str) -> None:
        """The first is told."""
        self.house.grafana_at(self.first_port).fires(rule, series=["pod-a"])

    def keeps(self, method: str) -> None:
        """The first one's next call of it is kept on the road."""
        self.road.keeps = f"/{method}".encode()

    def has_kept_one(self) -> None:
        until(lambda: self.road.kept == 1, "a call is on its way")

    def second(self) -> None:
        self.house.start_bongsu()

    def card(self, *, within: float = TAKEN_OVER + SLACK, state: str = "active") -> Card:
        return self.house.workspace.channel("#incidents").expects_card(within=within, state=state)


@pytest.fixture
def two(database_url: str, make_house: MakeHouse) -> Iterator[Two]:
    """On SQLite and on MariaDB. The second one doesn't run yet."""
    house = make_house(database_url="" if database_url.startswith("sqlite") else database_url)
    house.start_sandbox()
    with road(house.sandbox_port) as told:
        port = house.port + 1
        slack = f"http://127.0.0.1:{told.port}/api/"
        first = house.start_bongsu(BONGSU_PORT=str(port), BONGSU_SLACK_API_URL=slack)
        yield Two(house, first, port, told)


def posts(house: House) -> int:
    """Messages that ever stood in the channel, deleted ones too."""
    return len([one for one in house.workspace.messages("#incidents") if not one["thread_ts"]])


def test_what_a_dead_process_had_claimed_is_sent_by_another(two: Two) -> None:
    two.keeps("chat.postMessage")
    two.fires("checkout-5xx")
    two.has_kept_one()
    two.second()
    two.first.kill()
    two.card()
    assert posts(two.house) == 1


def test_what_only_slack_knows_of_a_dead_process_is_found_and_not_posted_again(two: Two) -> None:
    two.keeps("chat.postMessage")
    two.fires("checkout-5xx")
    two.has_kept_one()
    two.first.kill()
    two.road.open()
    until(lambda: posts(two.house) == 1, "slack has it")
    two.second()
    card = two.card(within=10)
    two.house.settled(within=TAKEN_OVER + SLACK)
    card.click("Acknowledge", user="alice").shows(state="acknowledged")
    card.expects_thread_reply(containing="acknowledged it")
    assert posts(two.house) == 1


def test_who_stood_still_past_its_lease_takes_its_late_post_back(two: Two) -> None:
    two.keeps("chat.postMessage")
    two.fires("checkout-5xx")
    two.has_kept_one()
    two.first.tell(signal.SIGSTOP)
    two.second()
    card = two.card()
    card.click("Acknowledge", user="alice").shows(state="acknowledged")
    two.road.open()
    until(lambda: posts(two.house) == 2, "slack has the late one as well")
    two.first.tell(signal.SIGCONT)
    until(lambda: len(two.house.workspace.channel("#incidents").roots()) == 1, "the late one is deleted", within=30)
    [late] = [one for one in two.house.workspace.messages("#incidents") if one["deleted"]]
    two.house.workspace.expect(late)
    card.shows(state="acknowledged")
    card.expects_thread_reply(containing="acknowledged it")


def test_who_stood_still_past_its_lease_leaves_nothing_old_over_what_is_newer(two: Two) -> None:
    """Its update comes to Slack after that of another process: the card is old, until the first moves again."""
    two.fires("checkout-5xx")
    card = two.card()
    two.house.settled()
    two.keeps("chat.update")
    two.house.grafana_at(two.first_port).fires("checkout-5xx", series=["pod-b"])
    two.has_kept_one()
    two.first.tell(signal.SIGSTOP)
    two.second()
    card.shows("2 firing", within=TAKEN_OVER + SLACK)
    card.click("Acknowledge", user="alice").shows(state="acknowledged")
    card.expects_thread_reply(containing="acknowledged it")
    two.house.settled()
    two.road.open()
    card.shows(state="active")
    two.first.tell(signal.SIGCONT)
    card.shows(state="acknowledged", within=30)
