"""Rollups and retention from the command line, on a database where Bongsu has run."""

from tests.smoke.conftest import MakeHouse
from tests.smoke.processes import run


def test_the_rollups_are_rebuilt_from_the_command_line(make_house: MakeHouse) -> None:
    house = make_house()
    done = run("rollups", "rebuild", "--since", "2026-01-31", cwd=house.home, **house.settings())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "the rollups were counted anew from 2026-01-31 00:00 UTC on\n"
        "the figures by day were counted anew from 2026-01-31 on\n"
    )
    refused = run("rollups", "rebuild", "--since", "yesterday", cwd=house.home, **house.settings())
    assert refused.returncode == 2
    assert "'yesterday' is no time: write 2026-01-31" in refused.stderr


def test_retention_says_what_it_would_do_and_does_it(make_house: MakeHouse) -> None:
    house = make_house()
    kept = run("retention", "run", cwd=house.home, **house.settings())
    assert kept.stdout == "everything is kept: bongsu.yaml says nothing under 'retention:'\n"
    (house.home / "bongsu.yaml").write_text("retention: {alerts: 90d, incidents: 365d}", "utf-8")
    planned = run("retention", "run", "--dry-run", cwd=house.home, **house.settings())
    assert (planned.returncode, planned.stdout) == (0, "nothing would be deleted\n"), planned.stderr
    done = run("retention", "run", cwd=house.home, **house.settings())
    assert (done.returncode, done.stdout) == (0, "nothing is old enough\n"), done.stderr
