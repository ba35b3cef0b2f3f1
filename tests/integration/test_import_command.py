"""`bongsu import`: another tool's rows become ours, once, and the figures are right afterwards."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from bongsu.cli import main
from bongsu.takeover import run as running
from db import tables
from db.audit_tables import audit_log
from db.daily_tables import daily_figures
from db.engine import connect
from db.migrate import migrate
from incidents.errors import ForeignTables
from incidents.model import AlertStatus
from tests.building import an_alert
from tests.integration.db.stage import Stage
from tests.integration.prototype import SCHEMA, Prototype, on_mariadb, on_sqlite
from tests.mariadb import wait_for

T = TypeVar("T")
SEOUL = ("--timezone", "Asia/Seoul")


@pytest.fixture(params=["sqlite", "mariadb"])
def theirs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Prototype]:
    if request.param == "sqlite":
        with on_sqlite(str(tmp_path / "old.db")) as made:
            yield made
    else:
        yield on_mariadb(request.getfixturevalue("mariadb_url"))


@pytest.fixture
def ours(theirs: Prototype, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """On the same kind of database as theirs."""
    kind = "sqlite" if theirs.url.startswith("sqlite") else "mariadb"
    url: str = request.getfixturevalue(f"migrated_{kind}_url")
    monkeypatch.setenv("BONGSU_DATABASE_URL", url)
    monkeypatch.setenv("BONGSU_IMPORT_URL", theirs.url)
    monkeypatch.chdir(tmp_path)
    return url


def staged(url: str, work: Callable[[Stage], Awaitable[T]]) -> T:
    async def done() -> T:
        engines = connect(url)
        try:
            return await work(Stage.on(engines))
        finally:
            await engines.dispose()

    return wait_for(done())


def all_of(url: str, table: sa.Table) -> Sequence[Any]:
    return staged(url, lambda stage: stage.all(table))


def five_that_recovered(theirs: Prototype) -> None:
    """Acknowledged after 1 to 5 minutes, recovered after 10 to 50; the newest has the smallest id."""
    for n in range(1, 6):
        start = f"{20 - 2 * n}:00:00"
        times = {"acknowledged_time": f"{20 - 2 * n}:0{n}:00", "resolved_time": f"{20 - 2 * n}:{10 * n}:00"}
        theirs.incident(n, "resolved", start, **times, acknowledged_by="U0ALICE")
        theirs.alert(2 * n, "firing", start, incident=n)
        theirs.alert(2 * n + 1, "resolved", times["resolved_time"], incident=None if n == 3 else n)


def test_what_was_resolved_is_taken_as_it_was_and_the_figures_are_right(
    theirs: Prototype, ours: str, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.make()
    five_that_recovered(theirs)
    theirs.incident(6, "resolved", "21:00:00", resolved_time="21:05:00", resolved_by="bob", is_noise=0, severity="page")
    theirs.incident(7, "resolved", "22:00:00", resolved_time="22:05:00", resolved_by="U0BOB", is_noise=1)
    theirs.incident(8, "resolved", "22:30:00", resolved_time="21:05:00")
    theirs.incident(9, "cured", "22:30:00")
    theirs.incident(10, "acknowledged", "23:00:00", acknowledged_time="23:01:00", slack_channel="C0OLD", slack_ts="1.5")
    theirs.alert(90, "firing", "23:00:00", labels="{no JSON")

    assert main(["import", *SEOUL, "--dry-run"]) == 1
    assert "incidents: 7 would be taken, 1 open and left" in capsys.readouterr().out
    assert all_of(ours, tables.incidents) == []
    assert main(["import", *SEOUL]) == 1
    said = capsys.readouterr().out
    assert "incidents: 7 taken, 1 open and left (--open takes them), 2 refused (resolved_time: 1, status: 1)" in said
    assert "alerts: 10 taken, 1 refused (labels: 1)" in said
    assert "not used: mood" in said

    refused = [json.loads(line) for line in Path("bongsu-import-refused.jsonl").read_text("utf-8").splitlines()]
    assert [(one["table"], one["id"]) for one in refused] == [
        ("incidents", 8),
        ("incidents", 9),
        ("grafana_alerts", 90),
    ]
    taken = all_of(ours, tables.incidents)
    assert [one["number"] for one in taken] == [1, 2, 3, 4, 5, 6, 7]
    assert [one["start_time"].hour for one in taken] == [1, 3, 5, 7, 9, 12, 13], "Seoul is nine hours ahead"
    assert [one["resolution"] for one in taken] == [*["recovered"] * 5, "manual", "noise"]
    assert [one["resolved_by"] for one in taken[4:]] == ["system", "app:bob", "U0BOB"]
    assert {one["rule_uid"] for one in taken} == {"r1"}, "what the alerts' payloads tell"
    assert [one["alert_count"] for one in taken] == [2, 2, 2, 2, 2, 0, 0]
    assert {one["incident_id"] for one in all_of(ours, tables.alerts)} == {one["id"] for one in taken[:5]}
    assert all_of(ours, tables.outbox) == [], "nothing is told in Slack"
    assert [one["action"] for one in all_of(ours, audit_log)][:2] == ["import.begun", "import.done"]

    [day] = [one for one in all_of(ours, daily_figures) if one["grouped_by"] == "all"]
    assert (day["opened"], day["ended"], day["alerts"], day["noise"]) == (7, 7, 10, 1)
    assert (day["mttr_n"], day["mttr_seconds"], day["close_n"], day["close_seconds"]) == (5, 150 * 60, 1, 300)
    assert (day["mtta_n"], day["mtta_seconds"]) == (6, 15 * 60 + 300)
    assert day["mttr_median"] == pytest.approx(30 * 60, rel=0.02)

    assert main(["import", *SEOUL]) == 1
    assert "incidents: 0 taken, 7 taken before" in capsys.readouterr().out
    assert len(all_of(ours, tables.alerts)) == 10


def test_no_row_is_lost_where_ids_are_doubled_missing_or_binary(
    theirs: Prototype, ours: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.make(*(one.replace("id INTEGER PRIMARY KEY", "id VARBINARY(16)") for one in SCHEMA))
    monkeypatch.setattr(running, "_AT_ONCE", 2)
    for n, id_ in enumerate(
        [b"\xff\x01", b"\xff\x02", b"\xff\x02", b"\xff\x02", b"\xff\x03", b"a", b"a ", None, None, None]
    ):
        theirs.alert(0, "firing", f"20:{n:02}:00", id=id_)
    for n, id_ in enumerate([b"\xff\x01", b"\xff\x01", b"\xff\x02", None]):
        end = {"resolved_time": f"20:{n:02}:30", "resolved_by": f"person-{n}"}
        theirs.incident(0, "resolved", f"20:{n:02}:00", **{"id": id_, **end})
    for arguments, done in ((["--dry-run"], "would be taken"), ([], "taken")):
        assert main(["import", *SEOUL, *arguments]) == 1
        said = capsys.readouterr().out
        assert f"incidents: 2 {done}, 2 refused (id: 2)" in said
        assert f"alerts: 5 {done}, 5 refused (id: 5)" in said
    refused = [json.loads(line) for line in Path("bongsu-import-refused.jsonl").read_text("utf-8").splitlines()]
    assert [one["id"] for one in refused] == ["ff01", None, "ff02", "ff02", None, None, None]
    assert [one["reason"] for one in refused[:2]] == ["id: another row has it, ff01", "id: it is missing"]
    left = {one["row"]["resolved_by"] for one in refused if one["table"] == "incidents"}
    taken = {one["resolved_by"].removeprefix("app:") for one in all_of(ours, tables.incidents)}
    assert taken | left == {f"person-{n}" for n in range(4)}, "each is in one place"


@pytest.mark.parametrize("theirs", ["mariadb"], indirect=True)
def test_ids_that_their_database_takes_for_the_same_may_be_different(
    theirs: Prototype, ours: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.make(*(one.replace("id INTEGER PRIMARY KEY", "id VARCHAR(16)") for one in SCHEMA))
    monkeypatch.setattr(running, "_AT_ONCE", 2)
    for n, id_ in enumerate(["a", "A", "a ", "b", "B"]):
        theirs.alert(0, "firing", f"20:{n:02}:00", id=id_)
        theirs.incident(0, "resolved", f"20:{n:02}:00", id=id_, resolved_time="20:30:00")
    assert main(["import", *SEOUL]) == 0
    said = capsys.readouterr().out
    assert "incidents: 5 taken\n" in said
    assert "alerts: 5 taken\n" in said


@pytest.mark.parametrize("theirs", ["sqlite"], indirect=True)
def test_text_that_is_not_utf_8_stops_nothing(
    theirs: Prototype, ours: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.make(SCHEMA[0].replace("id INTEGER", "id TEXT"))
    korean = "CAST(X'B0E1C1A6' AS TEXT)"
    for id_, service in (("'a'", korean), ("CAST(X'62B0' AS TEXT)", "'pay'"), ("'z'", "'pay'")):
        names = "id, status, startsAt, service"
        statement = f"INSERT INTO grafana_alerts ({names}) VALUES ({id_}, 'firing', '2026-01-02', {service})"
        theirs.run([statement], ())
    monkeypatch.setattr(running, "_AT_ONCE", 1)
    assert main(["import", *SEOUL]) == 0
    said = capsys.readouterr().out
    assert "alerts: 3 taken" in said
    assert "  service: not UTF-8, taken with \N{REPLACEMENT CHARACTER} for what it is not, 1 row\n" in said


@pytest.mark.parametrize("theirs", ["sqlite"], indirect=True)
def test_a_dry_run_tells_what_a_run_would(
    theirs: Prototype, ours: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.make()
    monkeypatch.setattr(running, "_AT_ONCE", 1)
    monkeypatch.setattr(running, "_TOLD_EVERY", 1)
    for n in range(1, 4):
        theirs.incident(n, "active", f"2{n}:00:00")
    theirs.incident(
        4, "resolved", "20:00:00", acknowledged_time="09:00:00", acknowledged_by="U0ALICE", resolved_time="20:05:00"
    )
    for arguments, done in ((["--dry-run"], "would be taken"), ([], "taken")):
        assert main(["import", *SEOUL, "--open", *arguments]) == 1
        said = capsys.readouterr()
        assert f"incidents: 2 {done}, 2 refused" in said.out, "only one of a key can be open, in whatever batch"
        assert "  acknowledged before it began: left out, 1 row\n" in said.out
        assert f"incidents: {done}, 2 rows" in said.err
    [day] = [one for one in all_of(ours, daily_figures) if one["grouped_by"] == "all"]
    assert day["mtta_n"] == 0


@pytest.mark.parametrize("theirs", ["sqlite"], indirect=True)
def test_a_database_without_tables_is_told_of_at_once(
    theirs: Prototype, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.make()
    monkeypatch.setenv("BONGSU_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    monkeypatch.setattr(asyncio, "sleep", lambda _: pytest.fail("it waits"))
    assert main(["import", *SEOUL, "--from", theirs.url, "--dry-run"]) == 2
    assert "run `bongsu migrate`" in capsys.readouterr().err


@pytest.mark.parametrize("theirs", ["mariadb"], indirect=True)
def test_one_that_was_killed_goes_on_and_takes_nothing_twice(
    theirs: Prototype, ours: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs.make()
    five_that_recovered(theirs)
    monkeypatch.setattr(running, "_AT_ONCE", 2)
    whole, left = running.take_alerts, iter([True, True])

    async def killed(*given: Any, **named: Any) -> Any:
        if next(left, False):
            return await whole(*given, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "take_alerts", killed)
    assert main(["import", *SEOUL]) == 130
    assert len(all_of(ours, tables.alerts)) == 4
    assert all_of(ours, daily_figures) == []
    monkeypatch.setattr(running, "take_alerts", whole)
    assert main(["import", *SEOUL]) == 0
    assert sorted(one["alert_count"] for one in all_of(ours, tables.incidents)) == [2] * 5
    [day] = [one for one in all_of(ours, daily_figures) if one["grouped_by"] == "all"]
    assert (day["opened"], day["alerts"], day["mttr_n"]) == (5, 10, 5), "what the first run took is counted, too"


def test_open_ones_are_taken_when_asked_for_and_what_comes_finds_them(
    theirs: Prototype, ours: str, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.make()
    slack = {"slack_channel": "C0OLD", "slack_ts": "1767312000.000100"}
    theirs.incident(1, "acknowledged", "20:00:00", acknowledged_time="20:02:00", acknowledged_by="<@U0ALICE>", **slack)
    theirs.incident(2, "active", "21:00:00")
    theirs.alert(1, "firing", "20:00:00", incident=1)
    assert main(["import", *SEOUL]) == 0
    assert [one["incident_id"] for one in all_of(ours, tables.alerts)] == [None], "every alert is stored"

    assert main(["import", *SEOUL, "--open"]) == 1
    assert "1 refused" in capsys.readouterr().out, "two of one key can't be open"
    [incident] = all_of(ours, tables.incidents)
    assert (incident["status"], incident["acknowledged_by"], incident["firing"]) == ("acknowledged", "U0ALICE", 1)
    assert incident["alert_count"] == 1
    [card] = all_of(ours, tables.outbox)
    assert (card["kind"], card["ts"]) == ("card", None)
    notes = [one["data"]["text"] for one in all_of(ours, tables.incident_events) if one["kind"] == "noted"]
    assert notes == ["Its message before the move: https://slack.com/archives/C0OLD/p1767312000000100"]

    where = {"cluster": "prod-a", "namespace": "pay", "service": "checkout", "phase": "prod"}
    labels = {"alertname": "High5xx", "pod": "pod-a", "severity": "critical", **where}

    async def recovers(stage: Stage) -> Any:
        minutes_since_t0 = 24 * 60 + 11 * 60
        told = an_alert(
            AlertStatus.RESOLVED, "pod-a", since=minutes_since_t0, until=minutes_since_t0 + 30, labels=labels
        )
        await stage.take(told)
        return await stage.incident()

    after = staged(ours, recovers)
    assert (after.status, after.resolution) == ("resolved", "recovered")


def test_mistakes_are_told_before_anything_is_taken(
    theirs: Prototype, ours: str, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.make()
    theirs.alert(1, "firing", "20:00:00")
    is_sqlite = ours.startswith("sqlite")
    for arguments, why in [
        ([], "--timezone: the times of 'startsAt' tell no zone"),
        (["--map", "mood=name", *SEOUL, "--alerts-table", "nothing"], ""),
        (["--map", "moods=name", *SEOUL], "no table has a column 'moods'"),
        (["--map", "mood=name", "--map", "mood=", *SEOUL], "'mood' is to be both 'name' and ''"),
        (["--map", "mood=humour", *SEOUL], "'humour' is nothing that is read of incidents"),
        (["--alerts-table", "a", "--incidents-table", "b"], "neither b nor a is there; its tables: grafana_alerts"),
        (["--from", ours], "Bongsu's own, not the other tool's"),
        (["--from", ours], "a file of its own" if is_sqlite else "RENAME TABLE grafana_alerts TO prototype_grafana_"),
        (["--from", "sqlite:////no/such.db"], "there is no file"),
        (["--from", "postgres://x/y"], "--from: 'postgres' is not supported"),
    ]:
        code = main(["import", *arguments])
        said = capsys.readouterr().err
        assert (code, why in said) == (2 if why else 0, True), (arguments, said)
    assert all_of(ours, tables.alerts) == []
    assert all_of(ours, tables.deliveries) == []
    theirs.alert(2, "burning", "20:00:00")
    assert main(["import", *SEOUL, "--refused", "/no/such/folder/file"]) == 2
    assert "--refused: /no/such/folder/file can't be written" in capsys.readouterr().err


def test_a_migration_does_not_begin_where_their_tables_are_in_the_way(theirs: Prototype) -> None:
    theirs.make()

    async def work() -> None:
        engines = connect(theirs.url)
        try:
            await migrate(engines)
        finally:
            await engines.dispose()

    with pytest.raises(ForeignTables, match="of another tool, and Bongsu's are called so: give Bongsu a"):
        wait_for(work())
    if not theirs.url.startswith("sqlite"):
        theirs.make("RENAME TABLE grafana_alerts TO prototype_grafana_alerts, incidents TO prototype_incidents")
        wait_for(work())


def test_only_alerts_are_enough_and_times_may_tell_their_zone(
    theirs: Prototype, ours: str, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.make(SCHEMA[0].replace("startsAt DATETIME", "startsAt VARCHAR(40)").replace("created_at", "fired"))
    theirs.run(
        (),
        [
            (
                "INSERT INTO grafana_alerts (id, status, startsAt) VALUES (?, ?, ?)",
                [1, "Alerting", "2026-01-02T09:00:00+09:00"],
            )
        ],
    )
    assert main(["import", "--until", "2026-01-02"]) == 0
    assert "alerts: 0 taken, 1 later than --until" in capsys.readouterr().out
    assert main(["import", "--name", "other"]) == 0
    [alert] = all_of(ours, tables.alerts)
    assert alert["starts_at"].isoformat() == "2026-01-02T00:00:00+00:00"
    assert alert["raw_payload"]["imported"]["status"] == "Alerting"
