"""Commands about tenants, and commands of one of several."""

from pathlib import Path

import pytest

from bongsu.cli import main


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
