"""What `--help` and a mistake say of commands that have several verbs, and of times."""

import re
from pathlib import Path

import pytest

from bongsu.cli import main

ROOT = Path(__file__).parents[3]


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: str) -> str:
    """On one line."""
    with pytest.raises(SystemExit, match=code):
        main(list(arguments))
    said = capsys.readouterr()
    return " ".join((said.out + said.err).split())


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("audit", ["verify", "export", "erase"]),
        ("apikey", ["create", "list", "revoke"]),
        ("tenant", ["create", "invite", "list"]),
        ("grafana", ["setup", "export"]),
        ("incidents", ["list", "show", "approve", "decline", "withdraw"]),
    ],
)
def test_no_verb_stands_for_all_of_them(capsys: pytest.CaptureFixture[str], name: str, verbs: list[str]) -> None:
    said = told(capsys, name, "--help", code="0")
    assert f"bongsu {name} [-h] command ..." in said
    assert [verb for verb in verbs if f" {verb} " not in said] == []


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_an_export_s_times_are_dates_or_how_long_ago(capsys: pytest.CaptureFixture[str], option: str) -> None:
    for said in (
        told(capsys, "audit", "export", "--help", code="0"),
        told(capsys, "audit", "export", option, "soon", code="2"),
    ):
        assert "a date, a time such as 2026-01-02T10:00" in said
        assert "2h or 7d" in said


def test_the_page_on_several_teams_names_every_command_that_takes_a_tenant() -> None:
    page = (ROOT / "docs/how-to/several-teams.md").read_text(encoding="utf-8")
    [listed] = re.findall(r"take `--tenant acme`: ([^.]*)\.", page)
    modules = (ROOT / "bongsu/cli").glob("*.py")
    takes = {one.stem.rstrip("_") for one in modules if "import add_tenant" in one.read_text(encoding="utf-8")}
    assert {name.split()[0] for name in re.findall(r"`([^`]*)`", listed)} == takes


def test_what_was_refused_is_found_by_the_api_s_word_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert "refused (`rejected`, as the list and the API call it)" in told(capsys, "deliveries", "--help", code="0")
