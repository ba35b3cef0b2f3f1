"""A database as the tool before Bongsu left it: its tables, and rows whose figures are known by hand."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncmy
from sqlalchemy import make_url

from tests.mariadb import wait_for

SCHEMA = (
    "CREATE TABLE grafana_alerts (id INTEGER PRIMARY KEY, alert_name VARCHAR(100), status VARCHAR(20), "
    "severity VARCHAR(20), cluster VARCHAR(50), namespace VARCHAR(50), service VARCHAR(50), phase VARCHAR(20), "
    "labels TEXT, annotations TEXT, fingerprint VARCHAR(64), startsAt DATETIME, endsAt DATETIME, created_at DATETIME, "
    "raw_payload TEXT, incident_id VARCHAR(20))",
    "CREATE TABLE incidents (id INTEGER PRIMARY KEY, alert_name VARCHAR(100), status VARCHAR(20), "
    "severity VARCHAR(20), cluster VARCHAR(50), namespace VARCHAR(50), service VARCHAR(50), phase VARCHAR(20), "
    "start_time DATETIME, acknowledged_time DATETIME, acknowledged_by VARCHAR(50), resolved_time DATETIME, "
    "resolved_by VARCHAR(50), is_noise INTEGER, slack_channel VARCHAR(50), slack_ts VARCHAR(50), mood VARCHAR(10))",
)
PLACE = ("prod-a", "pay", "checkout", "prod")
RULE = "https://grafana.example/alerting/grafana/r1/view"


@dataclass(frozen=True)
class Prototype:
    """``url`` as `bongsu import --from` takes it."""

    url: str
    run: Callable[[Sequence[str], Sequence[tuple[str, Sequence[Any]]]], None]

    def make(self, *schema: str) -> None:
        self.run(schema or SCHEMA, ())

    def alert(self, id_: int, status: str, at: str, *, incident: int | None = None, **other: Any) -> None:
        """Of rule r1, as its raw payload alone tells. ``at``: of 2 January 2026, Seoul."""
        labels = {"alertname": "High5xx", "cluster": "prod-a", "pod": "pod-a"}
        raw = json.dumps({"status": status, "generatorURL": RULE, "labels": labels})
        row = {
            "id": id_,
            "alert_name": "High5xx",
            "status": status,
            "severity": "critical",
            **dict(zip(("cluster", "namespace", "service", "phase"), PLACE, strict=True)),
            "labels": json.dumps(labels),
            "fingerprint": "pod-a",
            "startsAt": f"2026-01-02 {at}",
            "created_at": f"2026-01-02 {at}",
            "raw_payload": raw,
            "incident_id": incident,
            **other,
        }
        self._insert("grafana_alerts", row)

    def incident(self, id_: int, status: str, start: str, **other: Any) -> None:
        """Other times are of that day, too."""
        row = {
            "id": id_,
            "alert_name": "High5xx",
            "status": status,
            "severity": "critical",
            **dict(zip(("cluster", "namespace", "service", "phase"), PLACE, strict=True)),
            "start_time": start,
            "is_noise": 0,
            **other,
        }
        times = {name: f"2026-01-02 {row[name]}" for name in row if name.endswith("_time") and row[name]}
        self._insert("incidents", {**row, **times})

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names, holes = ", ".join(row), ", ".join("?" for _ in row)
        self.run((), [(f"INSERT INTO {table} ({names}) VALUES ({holes})", list(row.values()))])


@contextmanager
def on_sqlite(path: str) -> Iterator[Prototype]:
    connection = sqlite3.connect(path, isolation_level=None)

    def run(schema: Sequence[str], rows: Sequence[tuple[str, Sequence[Any]]]) -> None:
        for statement in schema:
            connection.execute(statement)
        for text, values in rows:
            connection.execute(text, values)

    yield Prototype(f"sqlite:///{path}", run)
    connection.close()


def on_mariadb(url: str) -> Prototype:
    told = make_url(url)

    async def work(schema: Sequence[str], rows: Sequence[tuple[str, Sequence[Any]]]) -> None:
        connection = await asyncmy.connect(
            host=told.host, port=told.port, user=told.username, password=told.password or "", db=told.database,
            autocommit=True,
        )  # fmt: skip
        async with connection.cursor() as cursor:
            for statement in schema:
                await cursor.execute(statement)
            for text, values in rows:
                await cursor.execute(text.replace("?", "%s"), values)
        await connection.ensure_closed()

    return Prototype(url, lambda schema, rows: wait_for(work(schema, rows)))
