"""Silence opens an incident, a beat ends it, and the next silence opens it again; a Watchdog opens nothing."""

import requests

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import TOKEN

CONFIG = """\
heartbeats:
  nightly-backup: {within: 2s, severity: warning}
  prod-a: {source: grafana, match: {alert: Watchdog, cluster: prod-a}, within: 1h}
"""


def test_what_was_to_be_heard_of_is_missed_and_comes_back(make_house: MakeHouse) -> None:
    house = make_house(config=CONFIG).open()
    told = house.grafana.fires("Watchdog", series=["w"])
    assert (told["alerts"], told["incidents"]) == (1, [])
    card = house.workspace.channel("#incidents").expects_card(state="active")
    card.shows("No heartbeat from nightly-backup for 2 s").shows("WARNING")
    url, credential = f"{house.url}/heartbeats/nightly-backup", {"Authorization": f"Bearer {TOKEN}"}
    assert requests.get(url, timeout=5).status_code == 401
    assert requests.get(url, headers=credential, timeout=5).status_code == 204
    card.shows(state="recovered")
    card.shows(state="active")
    seen = "SELECT name, last_seen_at IS NOT NULL, silent_since IS NOT NULL FROM heartbeats ORDER BY name"
    assert house.rows(seen) == [("nightly-backup", 1, 1), ("prod-a", 1, 0)]
    assert house.rows("SELECT COUNT(*) FROM incidents") == [(1,)]
