"""API keys between real processes: made by one, used over HTTP, revoked by another."""

import json
from typing import Any

import requests

from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import alert, body
from tests.smoke.harness import House
from tests.smoke.processes import run
from tests.smoke.waiting import until


def said(house: House, *arguments: str, code: int = 0, **settings: str) -> str:
    """What a command writes to its standard output."""
    done = run(*arguments, cwd=house.home, **house.settings(), **settings)
    assert done.returncode == code, done.stderr
    return done.stdout


def sends(house: House, key: str, series: str) -> requests.Response:
    url = f"{house.url}/webhooks/grafana"
    return requests.post(url, data=body(alert("checkout-5xx", series, cluster="")), auth=("grafana", key), timeout=10)


def test_a_key_opens_webhooks_and_api_until_it_is_revoked_here_or_elsewhere(make_house: MakeHouse) -> None:
    house = make_house()
    [admin] = said(house, "apikey", "create", "--name", "ops", "--role", "admin").splitlines()
    house.open(BONGSU_WEBHOOK_TOKEN=None, BONGSU_GRAFANA_HMAC_SECRET=None, BONGSU_WEBHOOK_KEYS_ONLY="1")

    def api(path: str, told: dict[str, Any]) -> Any:
        given: dict[str, Any] = {"headers": {"Authorization": f"Bearer {admin}"}, "timeout": 10}
        answer = requests.post(f"{house.url}/api/v1{path}", json=told, **given)
        assert answer.ok, answer.text
        return answer.json()

    label = {"cluster": "prod-z"}
    first, second = (api("/keys", {"name": n, "role": "ingest", "default_labels": label}) for n in ("one", "two"))
    assert sends(house, first["secret"], "pod-a").json()["incidents"] == ["INC-1"]
    told = said(house, "incidents", "ack", "INC-1", "--json", BONGSU_API_URL=house.url, BONGSU_API_KEY=admin)
    assert (json.loads(told)["acknowledged_by"], json.loads(told)["place"]["cluster"]) == ("key:ops", "prod-z")
    card = house.workspace.channel("#incidents").expects_card(state="acknowledged")
    card.expects_thread_reply(containing="API key ops acknowledged it")
    api(f"/keys/{first['id']}/revoke", {})
    assert sends(house, first["secret"], "pod-c").status_code == 401
    assert sends(house, second["secret"], "pod-a").status_code == 200
    said(house, "apikey", "revoke", "two")
    until(lambda: sends(house, second["secret"], "pod-a").status_code == 401, "it is refused here, too", within=5)
    house.settled()
    assert house.stop_bongsu() == 0
    listed = [json.loads(one) for one in said(house, "apikey", "list", "--json").splitlines()]
    assert {one["name"]: one["last_used_at"] is not None for one in listed} == dict.fromkeys(
        ("ops", "one", "two"), True
    )
    logged = house.bongsu.stdout + house.bongsu.stderr
    assert [key for key in (admin, first["secret"], second["secret"]) if key in logged] == []
