"""A running Bongsu tells a channel what has happened, once, with a picture where matplotlib is there to draw it."""

import importlib.util
import subprocess

import pytest

from bongsu.config_file import parse_policy
from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.processes import run
from tests.smoke.waiting import until

CONFIG = """\
digests: [{channel: "#general", cron: "0 * * * *", timezone: Asia/Seoul, services: [checkout]}]
"""
SINCE = (
    "INSERT INTO digests (tenant_id, name, due_at, state, channel, timezone, services)"
    " VALUES (1, '{name}', datetime('now', '-2 hours'), 'wanted', '#general', 'Asia/Seoul', '[]')"
)


def printed(house: House, *more: str) -> subprocess.CompletedProcess[str]:
    return run("digest", "--channel", "#general", "--days", "2", *more, cwd=house.home, **house.settings())


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="the extra bongsu[charts] is not installed")
def test_a_digest_that_was_due_while_nothing_ran_appears_once_with_its_picture(make_house: MakeHouse) -> None:
    """It has been asked for since two hours ago, so that of the last full hour is due at once, to two processes."""
    house = make_house(config=CONFIG)
    [digest] = parse_policy(CONFIG, name="x").digests
    house.rows(SINCE.format(name=digest.name))
    house.start_sandbox()
    house.start_bongsu(wait=False)
    house.start_bongsu(BONGSU_PORT=str(house.port + 1))
    picture = house.workspace.channel("#general").expects_report(
        "Digest of 1 h", "*Opened:* 0", "*Still open:* nothing"
    )
    [file] = picture["files"]
    assert file["alt_txt"].startswith("Incidents opened per hour")
    assert file["size"] > 5000
    until(lambda: house.rows("SELECT 1 FROM digests WHERE file_id IS NOT NULL"), "the file's id is noted")

    house.grafana.fires("rule-1", series=["a"], service="checkout")
    house.workspace.channel("#incidents").expects_card(containing="INC-1")
    told = printed(house, "--out", "week.png")
    assert told.returncode == 0, told.stderr
    assert "Opened: 1 (before: 0)" in told.stdout
    assert "INC-1" in told.stdout
    assert (house.home / "week.png").read_bytes().startswith(b"\x89PNG")
