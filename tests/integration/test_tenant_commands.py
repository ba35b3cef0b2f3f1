"""Commands about tenants, and commands of one of several."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bongsu import cli
from bongsu.cli import main
from db.engine import Engines, connect
from tests.integration.db.stage import Stage
from tests.integration.prototype import on_sqlite
from tests.integration.two_tenants import CANARY, THEIRS, TwoTenants, rows_of, two_tenants
from tests.migrated import unsynced

T = TypeVar("T")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BONGSU_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("BONGSU_CONFIG", str(tmp_path / "bongsu.yaml"))
    monkeypatch.setenv("BONGSU_WEBHOOK_TOKEN", "t")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-x")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s")
    (tmp_path / "bongsu.yaml").write_text('slack: {default_channel: "#ours"}\n', "utf-8")
    (tmp_path / "bongsu.acme.yaml").write_text('slack: {default_channel: "#acme"}\n', "utf-8")
    return tmp_path


def test_a_tenant_is_made_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tenant", "create", "acme", "--name", "Acme Inc."]) == 0
    assert "bongsu apikey create --tenant acme" in capsys.readouterr().out
    assert main(["tenant", "create", "globex", "--name", "Globex"]) == 0
    capsys.readouterr()
    assert main(["tenant", "list"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == ["default", "acme", "globex"]
    assert "bongsu.acme.yaml" in told[1]
    assert "no settings of its own" in told[2]


def test_what_can_not_be_made_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tenant", "create", "acme", "--name", "Acme"]) == 0
    capsys.readouterr()
    for arguments, why in [
        (["acme", "--name", "Other"], "There is a tenant 'acme' already"),
        (["default", "--name", "Other"], "There is a tenant 'default' already"),
        (["Acme Inc", "--name", "Other"], "lower-case letters"),
        (["other", "--name", " "], "write 1 to 255 characters"),
    ]:
        assert main(["tenant", "create", *arguments]) == 2
        said = capsys.readouterr().err
        assert why in said
        assert said.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        ["deliveries"],
        ["deliveries", "show", "1"],
        ["replay", "--refused"],
        ["digest", "--channel", "#a"],
        ["rollups", "rebuild"],
        ["apikey", "create", "--name", "x", "--role", "read"],
    ],
)
def test_an_unknown_tenant_names_the_command_that_lists_them(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--tenant", "acmee"]) == 2
    assert "there is no tenant 'acmee': `bongsu tenant list` names them all" in capsys.readouterr().err


def test_each_tenant_has_a_file_of_its_own(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check"]) == 0
    assert "#ours" in capsys.readouterr().out
    assert main(["config", "check", "--tenant", "acme"]) == 0
    assert "#acme" in capsys.readouterr().out
    assert main(["config", "check", "--tenant", "globex"]) == 0
    assert "#incidents" in capsys.readouterr().out
    (home / "bongsu.acme.yaml").write_text("slack: {default_chanel: '#b'}\n", "utf-8")
    assert main(["config", "check", "--tenant", "acme"]) == 1
    assert "bongsu.acme.yaml has 1 mistake" in capsys.readouterr().out
    assert main(["config", "check"]) == 0


OF_ONE_TENANT: Mapping[str, list[str]] = {
    "apikey create": ["--name", "another", "--role", "read"],
    "apikey list": [],
    "apikey revoke": ["{key}"],
    "audit erase": ["U0NOBODY", "--reason", "they asked"],
    "audit export": [],
    "audit verify": [],
    "config check": [],
    "deliveries": [],
    "deliveries show": ["{delivery}"],
    "digest": ["--channel", "#a"],
    "escalation simulate": [],
    "import": ["--from", "{prototype}", "--timezone", "UTC"],
    "replay": ["{delivery}"],
    "retention run": ["--dry-run"],
    "rollups rebuild": [],
    "webhook test": ["pager"],
}
"""Commands with --tenant, and what is asked of each."""
OF_NO_ROWS = {"grafana export", "grafana setup"}
"""Those that write a tenant's name into what Grafana is given, and ask no database."""
WITH_THEIRS = {"apikey list", "apikey revoke", "deliveries", "deliveries show", "replay"}
"""Those that show something of a tenant's rows."""


def test_every_command_of_one_tenant_is_walked() -> None:
    assert set(commands_of_one_tenant()) == {*OF_ONE_TENANT, *OF_NO_ROWS}


def commands_of_one_tenant() -> Iterator[str]:
    commands = argparse.ArgumentParser().add_subparsers()
    for name in cli._COMMANDS:
        cli._module(name).add_to(commands)
    yield from _with_tenant("", commands)


def _with_tenant(before: str, commands: Any) -> Iterator[str]:
    for name, parser in commands.choices.items():
        full = f"{before} {name}".strip()
        if "--tenant" in parser._option_string_actions:
            yield full
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                yield from _with_tenant(full, action)


def test_no_command_shows_or_changes_what_is_anothers(
    migrated_sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_sqlite(str(tmp_path / "old.db")) as prototype:
        prototype.make()
        prototype.alert(1, "firing", "20:00:00")
    both = asyncio.run(in_a_loop_of_its_own(migrated_sqlite_url, two_tenants))
    asked = {command: command_of(both, command, prototype.url) for command in OF_ONE_TENANT}
    before, ours = asyncio.run(in_a_loop_of_its_own(migrated_sqlite_url, rows_of_theirs)), {}
    for command, words in asked.items():
        main(words)
        told = capsys.readouterr()
        ours[command] = told.out
        assert CANARY not in told.out + told.err, command
    assert asyncio.run(in_a_loop_of_its_own(migrated_sqlite_url, rows_of_theirs)) == before
    for command in WITH_THEIRS:
        main([*asked[command], "--tenant", "theirs"])
        assert capsys.readouterr().out != ours[command], command


def command_of(both: TwoTenants, command: str, prototype: str) -> list[str]:
    ids = {"delivery": both.ids["deliveries"], "key": both.ids["api_keys"]}
    return [
        *command.split(),
        *(word.format(**ids, prototype=prototype) for word in OF_ONE_TENANT[command]),
    ]


async def in_a_loop_of_its_own(url: str, work: Callable[[Engines], Awaitable[T]]) -> T:
    """As each command has one."""
    engines = unsynced(connect(url))
    try:
        return await work(engines)
    finally:
        await engines.dispose()


async def rows_of_theirs(engines: Engines) -> dict[str, Any]:
    return await rows_of(Stage.on(engines), THEIRS)
