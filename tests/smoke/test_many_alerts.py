"""A storm of the same thousand series, over and over: each alert is stored, Slack keeps its pace, memory its bounds."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.smoke.grafana import alert, body
from tests.smoke.harness import House
from tests.smoke.test_many_at_once import SINCE, expect_cards, rows
from tests.smoke.test_two_processes import EACH_SECOND

RULES, PODS, ROUNDS = 4, 250, 10
CLIENTS = 8
MOST_GROWTH = 64
"""MiB between a fifth of the storm and its end."""


def resident(house: House) -> float:
    """MiB of `bongsu serve`."""
    status = Path(f"/proc/{house.bongsu.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def storm(house: House, first: int, last: int) -> Counter[int]:
    """Rounds in which each series tells another value; how they were answered."""
    told = [
        body(*(alert(f"rule-{rule}", f"pod-{pod}", since=SINCE, value=float(number)) for pod in range(PODS)))
        for number in range(first, last)
        for rule in range(RULES)
    ]
    with ThreadPoolExecutor(CLIENTS) as clients:
        return Counter(answer.status_code for answer in clients.map(house.grafana.sends, told))


def test_ten_thousand_alerts_of_a_thousand_series_are_all_stored_and_four_cards(house_anywhere: House) -> None:
    house = house_anywhere
    assert storm(house, 0, 2) == {200: 2 * RULES}
    before = resident(house)
    assert storm(house, 2, ROUNDS) == {200: (ROUNDS - 2) * RULES}
    assert resident(house) - before < MOST_GROWTH
    assert rows(house, "SELECT COUNT(*), COUNT(DISTINCT fingerprint) FROM alerts") == [
        (RULES * PODS * ROUNDS, RULES * PODS)
    ]
    assert rows(house, "SELECT alert_count, firing FROM incidents") == [(PODS * ROUNDS, PODS)] * RULES
    expect_cards(house, RULES)
    posted = sorted(call["at"] for call in house.workspace.calls("chat.postMessage"))
    assert len(posted) == RULES
    assert posted[-1] - posted[0] >= (RULES - 1) * EACH_SECOND  # one that is late has the next one follow sooner
