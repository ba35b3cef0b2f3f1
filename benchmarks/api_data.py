"""A database of any size for the API: rows that the server itself makes from numbers, as Bongsu would have stored them.

Incident n began n steps after the first, and all of them take a year, unless told otherwise. Ten alerts each, with
small payloads, so that ten million fit into a few gigabytes. All but the newest incidents have recovered. MariaDB only:
its sequences count.
"""

from collections.abc import Mapping
from typing import Any

import asyncmy
from sqlalchemy import Column, Table

from benchmarks.ground import Ground
from db import tables
from db.engine import parse_url
from db.search_tables import incident_words
from incidents.search.words import words_of

ALERTS = 10
"""Of each incident."""
SERVICES = ("checkout", "payments", "cart", "search", "catalog", "login", "orders", "mail", "images", "ads")
TEAMS = 20
"""Services of each name: ``checkout-0`` to ``checkout-19``."""
PEOPLE = 20
_DAY = 24 * 3600
YEAR = 365
_MOST_OPEN = 1000
_AT_ONCE = 500_000
_SAMPLES = 20

_SERVICE = f"CONCAT(ELT(1 + n % 10, {', '.join(repr(name) for name in SERVICES)}), '-', n DIV 10 % {TEAMS})"
_NAME = "ELT(1 + n % 3, 'HighLatency', 'PodCrashLooping', 'DiskFull')"
_SEVERITY = (
    "ELT(1 + n * 7 % 10, 'critical', 'error', 'error', 'warning', 'warning', 'warning', 'warning', 'info', 'info', "
    "'unknown')"
)
_PLACE = {
    "cluster": "CONCAT('prod-', n % 7)",
    "namespace": "CONCAT('team-', n % 40)",
    "service": _SERVICE,
    "phase": "ELT(1 + n % 4, 'prod', 'prod', 'prod', 'dev')",
}
_WHAT = {"source": "'grafana'", "rule_uid": "CONCAT('rule-', n % 400)", "alert_name": _NAME}
_OPEN = "n > {last} - {open}"
_BEGAN = "UTC_TIMESTAMP(6) - INTERVAL ({last} - n) * {step} SECOND"
_LASTED = "INTERVAL 30 - 600 * LN((CRC32(n) % 9999 + 1) / 10000) SECOND"
"""Ten minutes on average, and often less, as in life: times that are all the same are too easy to count."""
_RESPONDED = "INTERVAL 5 - 120 * LN((CRC32(n + 7) % 9999 + 1) / 10000) SECOND"
_ENDED = f"IF({_OPEN}, NULL, LEAST({_BEGAN} + {_LASTED}, UTC_TIMESTAMP(6)))"
_NOBODY = "NULL"
_PERSON = f"IF(n % 3 = 0, CONCAT('U0P', n DIV 3 % {PEOPLE}), NULL)"
_RESOLUTION = f"IF({_OPEN}, NULL, IF(n % 20 = 3, 'noise', 'recovered'))"

ROWS: Mapping[str, Mapping[str, str]] = {
    "deliveries": {
        "id": "n",
        "received_at": _BEGAN,
        "last_seen_at": _BEGAN,
        "source": "'grafana'",
        "request_id": "LPAD(n, 32, '0')",
        "headers": "'{{}}'",
        "body_sha256": "LPAD(n, 64, '0')",
        "status": "'processed'",
    },
    "incidents": {
        "id": "n",
        "number": "n",
        "incident_key": "LPAD(n, 64, '0')",
        "title": f"CONCAT('Latency of ', {_SERVICE}, ' above ', n % 90, ' percent after build', n DIV 10)",
        "status": f"IF({_OPEN}, IF(n % 3 = 0, 'acknowledged', 'active'), 'resolved')",
        "severity": _SEVERITY,
        **_WHAT,
        **_PLACE,
        "start_time": _BEGAN,
        "acknowledged_time": f"IF(n % 3 = 0, {_BEGAN} + {_RESPONDED}, NULL)",
        "acknowledged_by": _PERSON,
        "assignee": _PERSON,
        "resolved_time": _ENDED,
        "resolved_by": f"IF({_OPEN}, NULL, 'system')",
        "resolution": _RESOLUTION,
        "last_alert_time": f"{_BEGAN} + INTERVAL 9 MINUTE",
        "alert_count": str(ALERTS),
        "is_noise": f"{_RESOLUTION} <=> 'noise'",
        "flapping": "n % 5000 = 7",
        "episode": "1",
        "version": "3",
        "batch_token": "''",
        "created_at": _BEGAN,
        "firing": f"IF({_OPEN}, 1, 0)",
        "event_count": "2",
        "series_count": "1",
    },
    "incident_episodes": {
        "id": "n",
        "incident_id": "n",
        "number": "1",
        "opened_at": _BEGAN,
        "opened_reason": "'opened'",
        "started_at": _BEGAN,
        "severity": _SEVERITY,
        "inherited": "0",
        "acknowledged_at": f"IF(n % 3 = 0, {_BEGAN} + {_RESPONDED}, NULL)",
        "acknowledged_by": _PERSON,
        "responded_at": f"IF(n % 3 = 0, {_BEGAN} + {_RESPONDED}, NULL)",
        "responded_by": _PERSON,
        "resolved_at": _ENDED,
        "resolved_by": f"IF({_OPEN}, NULL, 'system')",
        "resolution": _RESOLUTION,
        "recovered_at": _ENDED,
    },
    "incident_series": {
        "id": "n",
        "incident_id": "n",
        "series_key": "LPAD(n, 64, '0')",
        "source": "'grafana'",
        "rule_uid": _WHAT["rule_uid"],
        "fingerprint": "LPAD(n, 16, '0')",
        "name": "CONCAT('pod-', n % 100)",
        "status": f"IF({_OPEN}, 'firing', 'resolved')",
        "starts_at": _BEGAN,
        "ends_at": _ENDED,
        "value_fired": "1.0",
        "value_peak": "2.0",
        "value_now": "1.0",
        "summary": "'It is slow'",
        "links": '\'{{"dashboard":null,"panel":null,"runbook":null,"silence":null,"source":null}}\'',
        "last_delivery_id": "n",
        "last_alert_at": _BEGAN,
        "ended_episode": f"IF({_OPEN}, NULL, 1)",
    },
    "outbox": {
        "id": "n",
        "incident_id": "n",
        "channel": "'#incidents'",
        "kind": "'card'",
        "subject": "''",
        "desired_rev": "3",
        "sent_rev": "3",
        "priority": "0",
        "channel_id": "'C0INCIDENTS'",
        "ts": "CONCAT('1700000000.', LPAD(n, 8, '0'))",
        "fence": "1",
        "attempts": "0",
        "created_at": _BEGAN,
        "first_sent_at": f"{_BEGAN} + INTERVAL 2 SECOND",
        "sent_at": _BEGAN,
    },
}
"""By table, the SQL of each column of the n-th row; others are left out. ``{last}``: of the last incident."""

MANY: Mapping[str, tuple[int, Mapping[str, str]]] = {
    "incident_events": (
        2,
        {
            "id": "(n - 1) * 2 + k",
            "incident_id": "n",
            "episode": "1",
            "at": f"{_BEGAN} + INTERVAL (k - 1) * 10 MINUTE",
            "actor": "'system'",
            "kind": "ELT(k, 'opened', 'resolved')",
            "data": "'{{}}'",
        },
    ),
    "alerts": (
        ALERTS,
        {
            "id": f"(n - 1) * {ALERTS} + k",
            "delivery_id": "n",
            "incident_id": "n",
            **_WHAT,
            **_PLACE,
            "status": f"IF(k < {ALERTS}, 'firing', 'resolved')",
            "reason": "ELT(LEAST(k, 2), 'opened', 'still_firing')",
            "series_key": "LPAD(n, 64, '0')",
            "fingerprint": "LPAD(n, 16, '0')",
            "severity": _SEVERITY,
            "severity_raw": "'P1'",
            "starts_at": _BEGAN,
            "ends_at": f"IF(k < {ALERTS}, NULL, {_BEGAN} + INTERVAL 10 MINUTE)",
            "received_at": f"{_BEGAN} + INTERVAL k - 1 MINUTE",
            "summary": "'It is slow'",
            "labels": "CONCAT('{{\"pod\":\"pod-', n % 100, '\"}}')",
            "annotations": "'{{}}'",
            "metric_values": "'{{\"A\":1.5}}'",
            "raw_payload": 'CONCAT(\'{{"status":"firing","fingerprint":"\', n, \'"}}\')',
        },
    ),
}
"""The same of tables with several rows, the k-th from 1, of each incident."""

WORDS = (
    "'latency'", "'of'", "SUBSTRING_INDEX(service, '-', 1)", "SUBSTRING_INDEX(service, '-', -1)", "'above'",
    "CAST(id % 90 AS CHAR)", "'percent'", "'after'", "CONCAT('build', id DIV 10)", "CAST(id DIV 10 AS CHAR)",
    "LOWER(alert_name)", "ELT(1 + id % 3, 'latency', 'crashlooping', 'full')", "ELT(1 + id % 3, NULL, 'looping', NULL)",
    "'prod'", "SUBSTRING_INDEX(cluster, '-', -1)", "'team'", "SUBSTRING_INDEX(namespace, '-', -1)",
)  # fmt: skip
"""Of an incident, as ``words_of`` finds them."""


class WordsDiffer(AssertionError):
    """What SQL made of a title are not the words that Bongsu would have stored."""


async def fill(ground: Ground, incidents: int) -> str:
    """The URL of such a database, settled. Raises WordsDiffer."""
    database = ground.databases.new()
    await fill_tables(database, incidents)
    return database


async def fill_tables(database: str, incidents: int, *, days: int = YEAR, words: bool = True) -> None:
    """Of that URL, all empty. ``days``: how long all of it takes. ``words``: without them no text is found."""
    url = parse_url(database)
    session = "SET SESSION foreign_key_checks = 0, unique_checks = 0, time_zone = '+00:00'"
    connection = await asyncmy.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, database=url.database, autocommit=True,
        init_command=session,
    )  # fmt: skip
    try:
        async with connection.cursor() as cursor:
            await _rows(cursor, incidents, days)
            if words:
                await _words(cursor, incidents)
            await _settle(cursor)
    finally:
        await connection.ensure_closed()


async def _rows(cursor: Any, incidents: int, days: int) -> None:
    step = days * _DAY / incidents
    for name, values in ROWS.items():
        await _many(cursor, tables.metadata.tables[name], values, incidents, 1, step)
    for name, (each, values) in MANY.items():
        await _many(cursor, tables.metadata.tables[name], values, incidents, each, step)
    counted = f"(1, 'incident_number', {incidents}), (1, 'search:words', {incidents})"
    await cursor.execute(f"REPLACE INTO counters (tenant_id, name, value) VALUES {counted}")


async def _many(cursor: Any, table: Table, values: Mapping[str, str], incidents: int, each: int, step: float) -> None:
    """In the order of its keys, in transactions of bounded size. ``step``: seconds from one incident to the next."""
    told = {column.name: values[column.name] for column in table.columns if _is_told(column, values)}
    given = {"last": incidents, "open": min(_MOST_OPEN, incidents // 10), "step": step}
    sql = ", ".join(value.format(**given) for value in told.values())
    names = ", ".join(f"`{name}`" for name in told)
    size = max(1, _AT_ONCE // each)
    for first in range(1, incidents + 1, size):
        last = min(incidents, first + size - 1)
        numbers = f"(SELECT seq AS n FROM seq_{first}_to_{last}) AS some"
        times = f"(SELECT seq AS k FROM seq_1_to_{each}) AS every"
        await cursor.execute(
            f"INSERT INTO {table.name} (tenant_id, {names}) SELECT 1, {sql} FROM {numbers} STRAIGHT_JOIN {times}"
        )


def _is_told(column: Column[Any], values: Mapping[str, str]) -> bool:
    return column.computed is None and column.name in values


async def _words(cursor: Any, incidents: int) -> None:
    """In the order of their key, which loads them in bulk."""
    for word in WORDS:
        made = f"SELECT 1, {word} AS word, id FROM incidents HAVING word IS NOT NULL ORDER BY word, id"
        keep = "ON DUPLICATE KEY UPDATE tenant_id = incident_words.tenant_id"
        await cursor.execute(f"INSERT INTO incident_words (tenant_id, word, incident_id) {made} {keep}")
    await _compare(cursor, max(1, incidents // _SAMPLES))


async def _compare(cursor: Any, every: int) -> None:
    texts = "title, alert_name, service, namespace, cluster"
    await cursor.execute(f"SELECT id, {texts} FROM incidents WHERE MOD(id, {every}) = 0")
    for id_, *texts in list(await cursor.fetchall()):
        await cursor.execute(f"SELECT word FROM {incident_words.name} WHERE incident_id = %s", (id_,))
        stored = {word for (word,) in await cursor.fetchall()}
        if stored != set(words_of(*texts)):
            raise WordsDiffer(f"{texts}: {sorted(stored ^ set(words_of(*texts)))}")


async def _settle(cursor: Any) -> None:
    """Statistics, and every page on the disk, so that nothing of the loading is left for what is measured."""
    names = ", ".join([*ROWS, *MANY, incident_words.name])
    await cursor.execute(f"ANALYZE TABLE {names}")
    await cursor.fetchall()
    await cursor.execute(f"FLUSH TABLES {names} FOR EXPORT")
    await cursor.execute("UNLOCK TABLES")
