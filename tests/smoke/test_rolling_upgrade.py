"""Two versions of Bongsu on one database, while a migration runs: nothing is lost, none writes what it doesn't know.

The newer version is this program and a migration that is yet to be written.
"""

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from db.migrate import newest
from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import alert, body
from tests.smoke.harness import House, status_of
from tests.smoke.load import SENDERS, load
from tests.smoke.processes import ROOT, run
from tests.smoke.test_many_at_once import expect_cards, rows

ENOUGH = 30
ROOMS = ("bongsu", "incidents", "receiver", "bot", "jobs", "db", "base", "sandbox")
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "f001"
down_revision = "{newest}"
compatible_with = "{compatible_with}"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("of_the_future", sa.Integer))
    op.add_column("outbox", sa.Column("of_the_future", sa.Integer))
"""
Newer = Callable[[str], str]


@pytest.fixture
def newer(tmp_path: Path) -> Newer:
    """Call it with the revision that the migration is compatible with; where that version is, for PYTHONPATH."""

    def make(compatible_with: str) -> str:
        home = tmp_path / "newer"
        for room in ROOMS:
            shutil.copytree(ROOT / room, home / room, ignore=shutil.ignore_patterns("__pycache__"))
        told = MIGRATION.format(newest=newest(), compatible_with=compatible_with)
        (home / "db" / "migrations" / "versions" / "f001.py").write_text(told, "utf-8")
        return str(home)

    return make


def migrate(house: House, version: str) -> None:
    done = run("migrate", cwd=house.home, **house.settings(PYTHONPATH=version))
    assert (done.returncode, "f001" in done.stdout) == (0, True), done.stdout + done.stderr


def test_old_and_new_run_side_by_side_while_a_migration_adds_columns(house_anywhere: House, newer: Newer) -> None:
    house, version = house_anywhere, newer(newest())
    new_port = house.port + 1
    with load(house.grafana) as told:
        told.more(ENOUGH, "the old one works")
        migrate(house, version)
        told.more(ENOUGH, "the old one goes on")
        assert status_of(f"{house.url}/readyz") == 200
        house.start_bongsu(BONGSU_PORT=str(new_port), PYTHONPATH=version)
        told.targets.append(house.grafana_at(new_port))
        told.more(ENOUGH, "both work")
        told.targets.pop(0)
        house.processes[0].tell(signal.SIGTERM)
        assert house.processes[0].wait(within=40) == 0
        told.more(ENOUGH, "the new one goes on alone")
    assert told.statuses == {200}
    stored = [fingerprint for [fingerprint] in rows(house, "SELECT fingerprint FROM alerts")]
    assert sorted(stored) == sorted(told.answers)
    assert rows(house, "SELECT SUM(alert_count) FROM incidents") == [(len(stored),)]
    expect_cards(house, SENDERS)


def test_an_old_process_refuses_at_once_what_it_can_no_longer_store(make_house: MakeHouse, newer: Newer) -> None:
    house, version = make_house().open(), newer("f001")
    house.allowed.add("schema_misfit")
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    card = house.workspace.channel("#incidents").expects_card()
    migrate(house, version)
    began = time.monotonic()
    refused = house.grafana.sends(body(alert("checkout-5xx", "pod-b")))
    assert time.monotonic() - began < 10
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (503, True)
    assert "older than the database" in refused.json()["error"]
    assert "upgrade it" in requests.get(f"{house.url}/readyz", timeout=8).json()["problems"][0]
    assert status_of(f"{house.url}/healthz") == 200
    before = card.message
    new_port = house.port + 1
    house.start_bongsu(BONGSU_PORT=str(new_port), PYTHONPATH=version)
    house.grafana_at(new_port).fires("search-p99", series=["pod-c"])
    house.workspace.channel("#incidents").expects_card(containing="INC-2")
    card.is_as(before)
    assert house.processes[0].stderr.count("schema_misfit") == 1
    assert house.sandbox is not None
    house.sandbox.kill()  # what it should show, this program may not ask any more
