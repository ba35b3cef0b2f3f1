"""A storm as a team lives through it: one message that is true all the time, and a card for whatever is left of it."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID
from db.tables import outbox, storms
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import Grafana, alert, body
from tests.smoke.harness import House
from tests.smoke.test_two_processes import EACH_SECOND
from tests.smoke.waiting import until
from tests.smoke.workspace import Card, words

KEYS = 300
CONFIG = "storm: {above: 5, calm: 2s}"
SINCE = "2026-03-02T01:10:20Z"
OTHER_END = "2026-03-02T01:20:20Z"


def stormy(make_house: MakeHouse, database_url: str) -> House:
    url = "" if database_url.startswith("sqlite") else database_url
    return make_house(database_url=url, config=CONFIG).open()


@pytest.fixture
def storm_house(database_url: str, make_house: MakeHouse) -> House:
    """On SQLite and on MariaDB."""
    return stormy(make_house, database_url)


def fires(grafana: Grafana, numbers: Sequence[int], *, severity: str = "warning", status: str = "firing") -> None:
    """A key for each number, a hundred to a body."""
    for at in range(0, len(numbers), 100):
        told = [
            alert(
                f"rule-{number}",
                "pod",
                since=SINCE,
                status=status,
                severity=severity,
                service=("payments", "checkout", "search", "mail", "web")[number % 5],
            )
            for number in numbers[at : at + 100]
        ]
        assert grafana.sends(body(*told)).status_code == 200


def resolves(grafana: Grafana, numbers: Sequence[int], *, severity: str = "warning") -> None:
    fires(grafana, numbers, severity=severity, status="resolved")


def changes(house: House, work: Callable[[SqlUnitOfWork], object]) -> None:
    """In the database, past the program."""

    async def write() -> None:
        engines = connect(house.database_url)
        try:
            await SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID).write(work)  # type: ignore[arg-type]
        finally:
            await engines.dispose()

    asyncio.run(write())


def calms(house: House) -> None:
    """As if the last new incident had come ten minutes ago."""

    async def work(uow: SqlUnitOfWork) -> None:
        then = uow.now - timedelta(minutes=10)
        cards: sa.Update = uow.gate.update(outbox).where(outbox.c.kind == "card").values(created_at=then)
        await uow.gate.execute(cards)
        await uow.gate.execute(uow.gate.update(storms).values(hot_at=then))

    changes(house, work)


def is_over(house: House, *fragments: str) -> Card:
    channel = house.workspace.channel("#incidents")
    calms(house)
    return channel.expects_rollup("Storm over", *fragments, within=60)


def expect_cards(house: House, count: int) -> None:
    """So many, each of which the harness compares with the database."""
    channel = house.workspace.channel("#incidents")
    until(lambda: len(channel.roots()) == count, f"there are {count} cards", within=90)
    for root in channel.roots():
        house.workspace.expect(root)
    house.settled(within=60)


def keeps_pace(house: House) -> None:
    times = sorted(call["at"] for call in house.workspace.calls("chat.postMessage"))
    assert min((later - earlier for earlier, later in pairwise(times)), default=EACH_SECOND) >= EACH_SECOND


def test_hundreds_of_incidents_are_one_message_and_a_few_cards(storm_house: House) -> None:
    """One may have had its card before anybody saw that it is a storm."""
    house = storm_house
    channel = house.workspace.channel("#incidents")
    fires(house.grafana, range(KEYS))
    fires(house.grafana, [1000, 1001], severity="critical")
    rollup = channel.expects_rollup(f"{KEYS + 2} new incidents in", "have cards of their own", within=20)
    house.settled()
    carded = channel.roots()
    assert 2 <= len(carded) <= 3
    assert sum("CRITICAL" in words(card) for card in carded) == 2
    resolves(house.grafana, range(6, KEYS))
    until(lambda: re.search("🔴 [56] active", rollup.words), "only those that still fire are active", within=20)
    house.settled()
    assert len(house.workspace.calls("chat.postMessage")) == len(carded) + 1
    is_over(house, "resolved without a card")
    house.settled(within=60)
    rollup.shows(f"Storm over: {KEYS + 2} incidents", "have cards of their own", within=20)
    count = len(channel.roots())
    assert 8 <= count <= 9
    expect_cards(house, count)
    keeps_pace(house)
    assert len(house.workspace.calls("chat.postMessage")) == count + 1
    assert len(house.workspace.calls("chat.update")) < 30


def test_two_processes_make_one_roll_up_and_one_card_each(mariadb_url: str, make_house: MakeHouse) -> None:
    house = stormy(make_house, mariadb_url)
    other_port = house.port + 1
    house.start_bongsu(BONGSU_PORT=str(other_port))
    other = house.grafana_at(other_port)
    for at in range(0, KEYS, 50):
        fires(other if at % 100 else house.grafana, range(at, at + 50))
    rollup = house.workspace.channel("#incidents").expects_rollup(f"{KEYS} new incidents in", within=20)
    resolves(other, range(8, KEYS))
    rollup.shows("resolved", within=20)
    is_over(house)
    house.settled(within=60)
    rollup.shows("have cards of their own", within=20)
    roots = len(house.workspace.channel("#incidents").roots())
    assert 8 <= roots <= 10
    expect_cards(house, roots)
    keeps_pace(house)
    assert len(house.workspace.calls("chat.postMessage")) == roots + 1


def test_who_acknowledges_all_has_what_was_seen_and_who_comes_second_is_told(storm_house: House) -> None:
    house, people = storm_house, storm_house.workspace
    fires(house.grafana, range(40))
    rollup = people.channel("#incidents").expects_rollup("40 new incidents in", "Only here", within=20)
    house.settled()
    [label] = [one for one in rollup.buttons if one.startswith("Acknowledge")]
    button = rollup.button(label)
    fires(house.grafana, [40, 41])
    rollup.shows("42 new incidents in", within=20)
    house.settled()
    rollup.click_stale(button, user="alice")
    told = people.expects_ephemeral(user="alice", containing="Acknowledged")
    assert "they are yours. 2 came or changed after what you saw, so they were left alone" in told
    rollup.shows("🔴 2 active", "🟠", within=20)
    rollup.click_stale(button, user="bob")
    told = people.expects_ephemeral(user="bob", containing="that you saw active")
    assert "acknowledged by <@U0ALICE>" in told
    people.command("/incident show 30", user="bob").says("<@U0ALICE>")
    rollup.click("List", user="bob")
    view = until(lambda: people.look("views", user="bob")["views"], "bob sees the list")[-1]
    assert view["title"]["text"] == "Storm: 42 incidents"
    people.do("click", user="bob", action_id="storm_list_on", view_id=view["id"])
    until(
        lambda: "16–30 of 42" in str(people.look("views", user="bob")["views"][-1]["blocks"]), "bob sees the next page"
    )
    people.do("close", view_id=view["id"], user="bob")
    resolves(house.grafana, range(42))
    is_over(house)
    expect_cards(house, len(people.channel("#incidents").roots()))


def test_whoever_names_one_gets_its_card_in_the_middle_of_a_storm(storm_house: House) -> None:
    house, people = storm_house, storm_house.workspace
    fires(house.grafana, range(30))
    people.channel("#incidents").expects_rollup("30 new incidents in", within=20)
    house.settled()
    people.command("/incident list", user="alice").says("30 are open", "and 10 more")
    people.command("/incident ack 29", user="alice").says("INC-29 is yours")
    card = people.channel("#incidents").expects_card(state="acknowledged", containing="INC-29", within=20)
    card.expects_thread_reply(containing="cknowledged")
    resolves(house.grafana, range(30))
    is_over(house)
    expect_cards(house, len(people.channel("#incidents").roots()))


@pytest.mark.parametrize("killed", ["as it begins", "while cards come"])
def test_killed_in_the_storm_it_goes_on_where_it_was(storm_house: House, killed: str) -> None:
    house = storm_house
    channel = house.workspace.channel("#incidents")
    fires(house.grafana, range(60))
    house.wait_until_told("storm_began")
    if killed == "as it begins":
        house.bongsu.kill()
        house.start_bongsu()
        fires(house.grafana, range(60, 80))
    count = 80 if killed == "as it begins" else 60
    rollup = channel.expects_rollup(f"{count} new incidents in", within=60)
    resolves(house.grafana, range(8, 60))
    if killed == "as it begins":
        resolves(house.grafana, range(60, 80))
    before = len(channel.roots())
    calms(house)
    until(lambda: len(channel.roots()) >= before + 2, "cards come", within=40)
    if killed == "while cards come":
        house.bongsu.kill()
        house.start_bongsu()
    rollup.shows("Storm over", within=60)
    house.settled(within=90)
    expect_cards(house, len(channel.roots()))
    assert 8 <= len(channel.roots()) <= 10
