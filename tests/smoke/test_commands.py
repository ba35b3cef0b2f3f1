"""The command line beside a running Bongsu, and Socket Mode."""

import re
from pathlib import Path

import requests

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import APP_TOKEN, CANARIES, House
from tests.smoke.processes import Process, run
from tests.smoke.waiting import until
from tests.smoke.workspace import Workspace


def test_the_doctor_finds_nothing_wrong_then_a_refused_token(house: House) -> None:
    well = run("doctor", cwd=house.home, **house.settings())
    assert (well.returncode, well.stderr) == (0, "")
    assert [line[0] for line in well.stdout.splitlines()] == ["✓"] * 6, well.stdout
    house.workspace.do("token", valid=False)
    ill = run("doctor", cwd=house.home, **house.settings())
    assert ill.returncode == 1
    assert "✗ Slack refuses the bot token: invalid_auth\n    → put the app's Bot User OAuth Token" in ill.stdout
    house.workspace.do("token", valid=True)
    assert [canary for canary in CANARIES if canary in well.stdout + ill.stdout] == []


def test_the_doctor_says_how_to_mend_settings_and_database(make_house: MakeHouse) -> None:
    house = make_house()
    unset = run("doctor", cwd=house.home, **house.settings(SLACK_SIGNING_SECRET=None, SLACK_BOT_TOKEN=None))
    assert unset.returncode == 1
    assert "✗ `bongsu serve` would not start: SLACK_BOT_TOKEN\n    → " in unset.stdout
    (house.home / "bongsu.db").unlink()
    empty = run("doctor", cwd=house.home, **house.settings())
    assert empty.returncode == 1
    assert "the database has no tables yet\n    → run `bongsu migrate`" in empty.stdout
    assert "✗ Slack can't be reached" in empty.stdout


def test_migrating_twice_changes_nothing(tmp_path: Path, database_url: str) -> None:
    first, second = (run("migrate", cwd=tmp_path, BONGSU_DATABASE_URL=database_url) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.startswith("the tables were brought from nothing (revision ")
    assert second.stdout.startswith("the tables are up to date (revision ")


def test_a_test_alert_comes_and_goes(house: House) -> None:
    settings = house.settings()
    sent = run("send-test-alert", "--summary", "Is anybody there?", cwd=house.home, **settings)
    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "taken as INC-1\n", "")
    card = house.workspace.channel("#incidents").expects_card(containing="Is anybody there?")
    ended = run("send-test-alert", "--resolve", cwd=house.home, **settings)
    assert (ended.returncode, ended.stdout) == (0, "taken as INC-1\n")
    card.shows(state="recovered")
    refused = run("send-test-alert", "--token", "wrong", cwd=house.home, **settings)
    assert refused.returncode == 2
    assert "answered 401" in refused.stderr


def test_a_storm_can_be_tried(house: House) -> None:
    settings = house.settings()
    sent = run("send-test-alert", "--storm", "30", "--summary", "It pours", cwd=house.home, **settings)
    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "taken as 30 incidents, INC-1 among them\n", "")
    rollup = house.workspace.channel("#incidents").expects_rollup("30 new incidents in", "It pours", within=20)
    ended = run("send-test-alert", "--storm", "30", "--resolve", cwd=house.home, **settings)
    assert ended.returncode == 0
    until(lambda: "active" not in rollup.words, "all of them have resolved", within=20)
    for card in house.workspace.channel("#incidents").roots():
        house.workspace.expect(card)


def test_a_test_alert_without_bongsu_says_what_to_do(make_house: MakeHouse) -> None:
    house = make_house()
    done = run("send-test-alert", cwd=house.home, **house.settings())
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "is `bongsu serve` running there?" in done.stderr


def test_the_demo_shows_its_page_and_soon_a_card(make_house: MakeHouse) -> None:
    house = make_house()
    demo = Process("demo", "--port", str(house.port), cwd=house.home)
    house.processes.append(demo)
    until(lambda: f"{house.url}/sandbox" in demo.stdout, "the demo says where it is", within=20)
    house.wait_until_ready()
    page = requests.get(f"{house.url}/sandbox", timeout=5)
    assert (page.status_code, "<!doctype html>" in page.text.lower()) == (200, True)
    workspace = Workspace(f"{house.url}/sandbox")
    try:
        card = workspace.channel("#incidents").expects_card(containing="Checkout answers 5xx", within=20)
        card.click("Acknowledge", user="alice").shows(state="acknowledged")
    finally:
        workspace.close()
    [key] = set(re.findall(r"bongsu_[A-Za-z0-9_-]{43}", demo.stdout))
    assert f'curl -s -H "Authorization: Bearer {key}" {house.url}/api/v1/incidents' in demo.stdout
    shown = requests.get(f"{house.url}/api/v1/incidents/INC-1", headers={"Authorization": f"Bearer {key}"}, timeout=5)
    assert shown.json()["acknowledged_by"] == "U0ALICE"
    assert house.stop_bongsu() == 0


def test_clicks_and_commands_come_by_socket_mode_without_a_signing_secret(make_house: MakeHouse) -> None:
    house = make_house()
    house.start_sandbox()
    house.start_bongsu(SLACK_APP_TOKEN=APP_TOKEN, SLACK_SIGNING_SECRET=None)
    house.wait_until_told("started")
    assert requests.post(f"{house.url}/slack/events", data=b"{}", timeout=5).status_code == 404
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    card = house.workspace.channel("#incidents").expects_card()
    card.click("Acknowledge", user="alice").shows(state="acknowledged")
    card.expects_thread_reply(containing="<@U0ALICE> acknowledged it")
    house.workspace.command("/incident list", user="bob").says("INC-1", "acknowledged")
    card.click("Add note", user="bob").expects_modal("Note on INC-1", user="bob").submit(note="by socket")
    card.shows("by socket").expects_thread_reply(containing="by socket")
    assert house.stop_bongsu() == 0
