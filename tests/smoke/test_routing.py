"""Routes of a running Bongsu: changed without a restart, refused aloud; channels joined, people mentioned."""

import os
import signal

import requests

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.waiting import until

FIRST = "routes: [{match: {labels.team: '/pay.*/'}, channel: '#payments', mention: ['@oncall']}]"
SECOND = "routes: [{match: {labels.team: '/pay.*/'}, channel: '#general'}]"
WRONG = "routes: [{match: {labels.team: '/pay(.*/'}, chanel: '#general'}]"


def put(house: House, text: str) -> None:
    path = house.home / "bongsu.yaml"
    beside = path.with_suffix(".new")
    beside.write_text(text, "utf-8")
    os.replace(beside, path)  # noqa: PTH105 - atomic is the point


def metric(house: House, name: str) -> float:
    told = requests.get(f"{house.url}/metrics", timeout=5).text
    [line] = [line for line in told.splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[1])


def test_routes_change_while_it_runs(make_house: MakeHouse) -> None:
    house = make_house(config=FIRST)
    workspace = house.workspace
    house.start_sandbox()
    workspace.do("channel", name="payments", bot_member=False)
    house.start_bongsu()
    house.allowed.add("config_invalid")

    until(lambda: workspace.calls("conversations.join"), "the public channel is joined", within=20)
    house.grafana.fires("rule-1", series=["a"], team="payments")
    workspace.channel("#payments").expects_card(containing="INC-1")
    [mention] = until(lambda: replies(house), "people are mentioned") or []
    assert "<!subteam^S0ONCALL>" in mention["text"]
    workspace.expect(mention)

    put(house, WRONG)
    house.bongsu.tell(signal.SIGHUP)
    told = house.wait_until_told("config_invalid")
    assert "line 1, column 10" in told["message"]
    workspace.channel("#incidents").expects_notice("bongsu.yaml has a mistake", "`bongsu config check`")
    ready = requests.get(f"{house.url}/readyz", timeout=5)
    assert (ready.status_code, "stays in force" in ready.json()["warnings"][0]) == (200, True)
    assert metric(house, "bongsu_config_valid") == 0
    house.grafana.fires("rule-2", series=["a"], team="payments")
    workspace.channel("#payments").expects_card(containing="INC-2")

    put(house, SECOND)
    house.wait_until_told("config_loaded")
    workspace.channel("#incidents").expects_notice("✅ bongsu.yaml can be read again", within=30)
    assert metric(house, "bongsu_config_valid") == 1
    house.grafana.fires("rule-3", series=["a"], team="payments")
    workspace.channel("#general").expects_card(containing="INC-3")
    for message in replies(house):
        workspace.expect(message)


def replies(house: House) -> list[dict[str, object]]:
    return [one for one in house.workspace.messages("#payments") if one["thread_ts"]]
