"""A wrong setting stops the start with one line that says which, why, and what to write. A database away doesn't."""

import contextlib
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import requests

from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import alert, body
from tests.smoke.harness import CANARIES, SIGNING_SECRET, TOKEN
from tests.smoke.processes import run

RIGHT = {
    "BONGSU_WEBHOOK_TOKEN": TOKEN,
    "SLACK_BOT_TOKEN": "xoxb-test-canary",
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "BONGSU_HOST": "127.0.0.1",
}
# What is set otherwise ("": left out), and what the one line must say.
WRONG: dict[str, tuple[dict[str, str], list[str]]] = {
    "no bot token": ({"SLACK_BOT_TOKEN": ""}, ["SLACK_BOT_TOKEN", "write", "xoxb-"]),
    "another token": ({"SLACK_BOT_TOKEN": "canary-webhook-token"}, ["SLACK_BOT_TOKEN", "xoxb-", "write"]),
    "no signing secret": ({"SLACK_SIGNING_SECRET": ""}, ["SLACK_SIGNING_SECRET", "write", "SLACK_APP_TOKEN"]),
    "no webhook credential": ({"BONGSU_WEBHOOK_TOKEN": ""}, ["BONGSU_WEBHOOK_TOKEN", "BONGSU_WEBHOOK_ANONYMOUS=1"]),
    "no port": ({"BONGSU_PORT": "http"}, ["BONGSU_PORT", "'http'", "write a number from 1 to 65535"]),
    "too large a port": ({"BONGSU_PORT": "65536"}, ["BONGSU_PORT", "write a number"]),
    "no seconds": (
        {"BONGSU_HEADER_TIMEOUT": "10s"},
        ["BONGSU_HEADER_TIMEOUT", "'10s'", "number from 1 to 300"],
    ),
    "too long": ({"BONGSU_HEADER_TIMEOUT": "301"}, ["BONGSU_HEADER_TIMEOUT", "'301' is no number of seconds"]),
    "no connections": ({"BONGSU_MAX_CONNECTIONS": "0"}, ["BONGSU_MAX_CONNECTIONS", "a whole number from 1 to 1000000"]),
    "a negative number": (
        {"BONGSU_MAX_CONNECTIONS_PER_PEER": "-1"},
        ["BONGSU_MAX_CONNECTIONS_PER_PEER", "write a whole number from 0 to 1000000"],
    ),
    "another database": (
        {"BONGSU_DATABASE_URL": "postgresql://bongsu:canary-hmac-secret@db/bongsu"},
        ["BONGSU_DATABASE_URL", "'postgresql' is not supported", "write mysql+asyncmy://"],
    ),
    "hosts of a file": ({"BONGSU_DATABASE_HOSTS": "db1:3306"}, ["BONGSU_DATABASE_HOSTS", "SQLite", "leave it out"]),
    "no hosts": (
        {
            "BONGSU_DATABASE_URL": "mysql://bongsu:beacon-fire@db1/bongsu",
            "BONGSU_DATABASE_HOSTS": "db1:3306,db2:beacon-fire",
        },
        ["BONGSU_DATABASE_HOSTS", "entry 2 has no port", "write host:port,host:port"],
    ),
    "no URL": ({"BONGSU_DATABASE_URL": "bongsu.db"}, ["BONGSU_DATABASE_URL", "write mysql+asyncmy://"]),
    "another scheme": (
        {"BONGSU_SLACK_API_URL": "ftp://slack"},
        ["BONGSU_SLACK_API_URL", "no http(s) URL", "leave it out"],
    ),
    "no YAML": ({"BONGSU_CONFIG": "broken.yaml"}, ["broken.yaml", "no YAML", "line 1"]),
    "unknown key": ({"BONGSU_CONFIG": "unknown.yaml"}, ["unknown.yaml", "slack.chanel"]),
    "no such file": ({"BONGSU_CONFIG": "absent.yaml"}, ["BONGSU_CONFIG", "absent.yaml", "write the path"]),
    "no such secret": (
        {"SLACK_SIGNING_SECRET": "", "SLACK_SIGNING_SECRET_FILE": "absent"},
        ["SLACK_SIGNING_SECRET_FILE", "absent", "write a file"],
    ),
    "no such failpoint": (
        {"BONGSU_FAILPOINTS": "intake.comitted=kill@3"},
        ["BONGSU_FAILPOINTS: there is no failpoint 'intake.comitted': write one of intake.body_read, ", "leave it out"],
    ),
    "no action of a failpoint": (
        {"BONGSU_FAILPOINTS": "intake.committed=kill"},
        ["BONGSU_FAILPOINTS: ", "write name=action@pass, such as intake.committed=kill@3, or leave it out"],
    ),
    "no number of OpenTelemetry": (
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_ATTRIBUTE_COUNT_LIMIT": "x"},
        ["OTEL_ATTRIBUTE_COUNT_LIMIT", "'x' is no number of attributes", "write a whole number from 0 to 1000000"],
    ),
    "headers that are none": (
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_HEADERS": "Bearer beacon-fire"},
        ["OTEL_EXPORTER_OTLP_HEADERS", "write them such as authorization=Bearer%20"],
    ),
    "unknown log level": ({"BONGSU_LOG_LEVEL": "LOUD"}, ["BONGSU_LOG_LEVEL", "write one of DEBUG"]),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, CompletedProcess[str]]:
    """How `serve` ended with each wrong setting."""
    home = tmp_path_factory.mktemp("settings")
    (home / "broken.yaml").write_text("slack: {default_channel: '#a'", "utf-8")
    (home / "unknown.yaml").write_text("slack: {chanel: '#a'}", "utf-8")

    def serve(changes: Mapping[str, str]) -> CompletedProcess[str]:
        return run("serve", cwd=home, **{**RIGHT, **changes})

    with ThreadPoolExecutor(max_workers=3) as pool:
        return dict(zip(WRONG, pool.map(serve, (changes for changes, _ in WRONG.values())), strict=True))


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_setting_is_named_in_one_line(refused: Mapping[str, CompletedProcess[str]], mistake: str) -> None:
    done = refused[mistake]
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert [fragment for fragment in WRONG[mistake][1] if fragment not in line] == [], line
    assert [canary for canary in CANARIES if canary in line] == []


def test_a_port_that_is_taken_is_named_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", cwd=tmp_path, **RIGHT, BONGSU_PORT=str(taken.getsockname()[1]), BONGSU_LOG_LEVEL="WARNING")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "BONGSU_PORT: can't listen on 127.0.0.1:" in line
    assert "write another port" in line


def test_without_its_database_bongsu_runs_says_so_and_holds_alerts_for_twenty_seconds(make_house: MakeHouse) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as probe:
        closed_port = probe.getsockname()[1]
    house = make_house()
    house.allowed.add("not_ready")
    url = f"mysql://bongsu:beacon-fire@127.0.0.1:{closed_port}/bongsu"
    house.start_bongsu(wait=False, BONGSU_DATABASE_URL=url)
    house.wait_until_told("not_ready")
    ready = requests.get(f"{house.url}/readyz", timeout=8)
    assert ready.status_code == 503
    assert "the database can't be reached" in ready.json()["problems"][0]
    with ThreadPoolExecutor(max_workers=1) as sender:
        began = time.monotonic()
        held = sender.submit(house.grafana.sends, body(alert("checkout-5xx", "pod-a")))
        assert requests.get(f"{house.url}/healthz", timeout=2).status_code == 200
        answer = held.result()
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    assert 10 <= time.monotonic() - began <= 22


def test_without_tables_it_says_what_to_run(make_house: MakeHouse) -> None:
    house = make_house()
    house.allowed |= {"not_ready", "schema_misfit"}
    (house.home / "bongsu.db").unlink()
    house.start_bongsu(wait=False)
    house.wait_until_told("not_ready")
    assert "run `bongsu migrate`" in requests.get(f"{house.url}/readyz", timeout=8).json()["problems"][0]
    with ThreadPoolExecutor(max_workers=1) as sender:
        held = sender.submit(house.grafana.sends, body(alert("checkout-5xx", "pod-a")))
        house.wait_until_told("schema_misfit")
        assert not held.done()
        done = run("migrate", cwd=house.home, **house.settings())
        assert done.returncode == 0
        assert held.result().status_code == 200
    house.wait_until_ready()
    house.wait_until_told("schema_fits")
    assert house.bongsu.stderr.count("schema_misfit") == 1
