"""`bongsu apikey`: keys from the command line, on an SQLite file."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bongsu.cli import main
from incidents.access.model import digest_of
from tests.migrated import SqliteTemplate

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: SqliteTemplate) -> Path:
    url = f"sqlite+aiosqlite:///{tmp_path / 'bongsu.db'}"
    sqlite_template.fill(url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_DATABASE_URL", url)
    monkeypatch.delenv("BONGSU_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output, standard error."""

    def apikey(*arguments: str) -> tuple[int, str, str]:
        code = main(["apikey", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return apikey


def test_a_key_is_printed_once_alone_and_never_again(run: Run, home: Path) -> None:
    code, out, err = run(
        "create",
        "--name",
        "grafana prod",
        "--role",
        "ingest",
        "--expires",
        "90d",
        "--label",
        "cluster=prod",
        "phase=a=b",
    )
    [secret] = out.splitlines()
    assert (code, "key 1 'grafana prod' (ingest) is valid until" in err, secret in err) == (0, True, False)
    assert secret.startswith("bongsu_")
    code, table, _ = run("list")
    assert (code, secret[-4:] in table, "cluster=prod phase=a=b" in table) == (0, True, True)
    [told] = [json.loads(line) for line in run("list", "--json")[1].splitlines()]
    assert told["default_labels"] == {"cluster": "prod", "phase": "a=b"}
    assert set(told) >= {
        "id", "name", "role", "tenant", "hint", "created_at", "last_used_at", "expires_at", "revoked_at",
    }  # fmt: skip
    assert (told["name"], told["role"], told["tenant"], told["hint"]) == (
        "grafana prod", "ingest", "default", secret[-4:],
    )  # fmt: skip
    for text in (table, json.dumps(told)):
        assert secret not in text
        assert digest_of(secret) not in text
    assert secret.encode() not in b"".join(file.read_bytes() for file in home.iterdir())


def test_keys_are_revoked_by_id_or_by_name_once(run: Run) -> None:
    for name in ("a", "b"):
        run("create", "--name", name, "--role", "read")
    assert run("revoke", "1")[0] == 0
    assert "key 2 'b' is revoked" in run("revoke", "b")[1]
    for ref, why in (
        ("b", "'b' was revoked already"),
        ("1", "'a' was revoked already"),
        ("9" * 30, "no API key with id 9"),
        ("c", "no API key named 'c': `bongsu apikey list`"),
    ):
        code, out, err = run("revoke", ref)
        assert (code, out, why in err, err.count("\n")) == (2, "", True, 1), err
    assert run("create", "--name", "a", "--role", "read")[0] == 0
    assert "key 3 'a' is revoked" in run("revoke", "a")[1]


def test_what_can_not_be_made_is_told_in_one_line(run: Run) -> None:
    assert run("list")[1].startswith("There is no API key.")
    run("create", "--name", "taken", "--role", "read")
    for given, why in (
        (("--name", "taken", "--role", "read"), "named 'taken' already"),
        (
            ("--name", "x", "--role", "read", "--tenant", "acme"),
            "no tenant 'acme': `bongsu tenant list`",
        ),
        (("--name", "x", "--role", "read", "--expires", "0s"), "--expires: write how long"),
        (("--name", "x" * 65, "--role", "read"), "name: write 1 to 64 characters"),
        (("--name", "a\x1b[31mb", "--role", "read"), "name: it has a character that nobody can see"),
        (("--name", "7", "--role", "read"), "name: digits alone"),
        (
            ("--name", "x", "--role", "ingest", "--label", "team=a"),
            "there is none for 'team': write cluster",
        ),
        (
            ("--name", "x", "--role", "read", "--label", "cluster=a"),
            "role read sends no alerts: choose ingest or admin",
        ),
        (
            ("--name", "x", "--role", "ingest", "--label", "severity=blah"),
            "default_labels.severity: it is no severity: write critical, error, warning, info, unknown",
        ),
        (("--name", "x", "--role", "ingest", "--label", "cluster= "), "default_labels.cluster: write 1 to 190"),
    ):
        code, out, err = run("create", *given)
        assert (code, out, why in err, err.count("\n")) == (2, "", True, 1), err
    for given in (("--label", "cluster"), ("--expires", "soon"), ("--role", "owner")):
        with pytest.raises(SystemExit, match="2"):
            run("create", "--name", "x", "--role", "read", *given)
    assert len(run("list", "--json")[1].splitlines()) == 1


def test_a_key_is_made_for_the_tenant_that_is_named(run: Run, home: Path) -> None:
    with closing(sqlite3.connect(home / "bongsu.db")) as database, database:
        database.execute("INSERT INTO tenants (slug, name, created_at) SELECT 'acme', 'Acme', created_at FROM tenants")
    run("create", "--name", "x", "--role", "read", "--tenant", "acme")
    assert run("list")[1].startswith("There is no API key.")
    [told] = [json.loads(line) for line in run("list", "--tenant", "acme", "--json")[1].splitlines()]
    assert (told["name"], told["tenant"]) == ("x", "acme")
    code, _, err = run("revoke", "x")
    assert (code, "no API key named 'x'" in err) == (2, True)


def test_the_doctor_warns_where_keys_alone_let_alerts_in_and_there_is_none(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BONGSU_WEBHOOK_KEYS_ONLY", "1")
    run("create", "--name", "reader", "--role", "read")
    main(["doctor"])
    assert "! nobody can send alerts: there is no valid API key that may" in capsys.readouterr().out
    run("create", "--name", "grafana", "--role", "ingest")
    main(["doctor"])
    assert "✓ 1 API key may send alerts" in capsys.readouterr().out
