"""``bongsu audit``: its exit codes and its words."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bongsu.auditing import Loads
from bongsu.cli import main
from bongsu.config_file import ConfigFile, read_policy
from db.engine import connect
from db.transactions import SqlTransactions
from incidents.audit.keeping import Wanted
from incidents.policy import Policies, Policy
from jobs.audit import AuditMetrics, Sealer


@pytest.fixture(autouse=True)
def database(migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BONGSU_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("BONGSU_CONFIG", str(tmp_path / "bongsu.yaml"))
    (tmp_path / "bongsu.yaml").write_text("{}", "utf-8")
    return Path(migrated_sqlite_url.partition(":///")[2])


def within(url: str, work: Callable[[SqlTransactions], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        engines = connect(url)
        try:
            return await work(SqlTransactions(engines, tenant_id=1))
        finally:
            await engines.dispose()

    return asyncio.run(run())


def seal(url: str) -> CollectorRegistry:
    registry = CollectorRegistry()

    async def work(transactions: SqlTransactions) -> None:
        await Sealer(transactions, Policies(Policy()), AuditMetrics(registry), secret=None).run()

    within(url, work)
    return registry


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["audit", *arguments])
    return code, capsys.readouterr().out


def test_a_log_is_verified_exported_and_cut_off(
    migrated_sqlite_url: str, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "verify") == (0, "the audit log is whole: it is empty\n")
    for slug in ("acme", "globex", "initech"):
        assert main(["tenant", "create", slug, "--name", slug]) == 0
    capsys.readouterr()
    assert "3 younger ones wait to be sealed" in said(capsys, "verify")[1]
    registry = seal(migrated_sqlite_url)
    assert registry.get_sample_value("bongsu_audit_head_seq") == 3
    code, told = said(capsys, "verify")
    assert (code, told.splitlines()[0]) == (0, "the audit log is whole: entries 1 to 3")
    head = told.splitlines()[-1].removeprefix("head ")
    [noted] = [
        sample.labels["hash"]
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "bongsu_audit_noted_head"
    ]
    assert head == f"3:{noted}"
    code, exported = said(capsys, "export")
    assert [json.loads(line)["subject"] for line in exported.splitlines()] == [
        "tenant acme",
        "tenant globex",
        "tenant initech",
    ]
    file = tmp_path / "export.jsonl"
    file.write_text(exported, "utf-8")
    assert said(capsys, "verify", "--file", str(file), "--head", head)[0] == 0
    file.write_text(exported.replace("globex", "hooli"), "utf-8")
    assert said(capsys, "verify", "--file", str(file)) == (
        1,
        "the audit log is broken, first at entry 2\n"
        "entry 2: its who, from where, before, after or data were edited\n"
        "entry 2: it was edited, or does not follow the entry that stands before it\n"
        f"head {head}\n",
    )
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM audit_log WHERE seq = 3")
        connection.execute("UPDATE audit_chains SET seq = 2, hash = (SELECT hash FROM audit_log WHERE seq = 2)")
    assert said(capsys, "verify")[0] == 0
    code, told = said(capsys, "verify", "--head", head)
    assert (code, told.splitlines()[1]) == (1, "entry 3: it is missing: the log was cut off before it")


def test_mistakes_are_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["verify", "--head", "5"], ["export", "--since", "soon"]):
        with pytest.raises(SystemExit):
            main(["audit", *arguments])
    (tmp_path / "x").write_text("{}\n", "utf-8")
    for arguments in (
        ["verify", "--file", str(tmp_path / "none")],
        ["verify", "--file", str(tmp_path / "x")],
        ["export", "--since", "2026-02-01", "--until", "2026-01-01"],
        ["erase", "alice", "--reason", "x"],
        ["verify", "--tenant", "nobody"],
    ):
        capsys.readouterr()
        assert main(["audit", *arguments]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_a_secret_that_could_be_guessed_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BONGSU_AUDIT_SECRET", "short")
    assert main(["audit", "verify"]) == 2
    assert "BONGSU_AUDIT_SECRET" in capsys.readouterr().err


def test_a_secret_with_which_nothing_was_sealed_is_told_and_nothing_is_called_broken(
    migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tenant", "create", "acme", "--name", "acme"]) == 0
    seal(migrated_sqlite_url)
    monkeypatch.setenv("BONGSU_AUDIT_SECRET", "a secret of some length")
    capsys.readouterr()
    code, told = said(capsys, "verify")
    assert (code, "broken" in told, "no entry was sealed with a secret" in told) == (2, False, True)
    assert "does the server have BONGSU_AUDIT_SECRET?" in told


def test_somebody_who_is_nowhere_is_not_erased(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "erase", "U0GHOST", "--reason", "they asked") == (1, "nothing was found of U0GHOST\n")
    assert said(capsys, "verify") == (0, "the audit log is whole: it is empty\n")


def test_settings_are_written_down_as_they_are_loaded(migrated_sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "bongsu.yaml"
    policies = Policies(Policy())
    environ = {"BONGSU_WEBHOOK_TOKEN": "hidden", "SLACK_BOT_TOKEN": "hidden", "HOME": "/"}

    async def work(transactions: SqlTransactions) -> Any:
        loads = Loads(transactions, policies, ConfigFile(path), environ)
        await loads.tick()
        await loads.tick()
        path.write_text('slack: {default_channel: "#ours"}', "utf-8")
        policies.current = read_policy(path, required=True)
        await loads.tick()
        return await transactions.read(lambda uow: uow.audit.found(Wanted(), before=None, limit=10))

    after, before = (one.told for one in within(migrated_sqlite_url, work))
    assert (before.action, before.subject, before.origin) == ("settings.loaded", "bongsu.yaml", "file")
    assert before.data["environment"] == ["BONGSU_WEBHOOK_TOKEN", "SLACK_BOT_TOKEN"]
    assert (after.data["sections"], after.before) == (["default_channel"], before.after)
    assert after.after != before.after
