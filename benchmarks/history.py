"""A database with a history: incidents that Bongsu itself stored, multiplied by the server into the past.

Each key of the load has had incidents before, all of them recovered. Slack shows them all, their words can be searched
for, and the audit log has read what happened to them: none of it is left to be done while something is measured.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import asyncmy
from sqlalchemy import Column, Table
from sqlalchemy.engine import URL

from benchmarks import bodies
from benchmarks.ground import Ground, webhooks
from benchmarks.sender import send
from db import tables
from db.engine import parse_url
from db.queries.search_words import MARK
from db.search_tables import incident_words
from db.types import UtcDateTime

WAVES = (0, 1)
_COPIES = 50
_SERIES = 10
INCIDENTS = bodies.INCIDENTS * len(WAVES) * _COPIES
ALERTS = INCIDENTS * _SERIES
_HOURS_APART = 2
_WORDS_WITHIN = 60.0
"""Seconds, of what was sown."""
_LOOK_EVERY = 0.1
_TABLES = (
    tables.deliveries,
    tables.incidents,
    tables.alerts,
    tables.incident_series,
    tables.incident_episodes,
    tables.incident_events,
    tables.outbox,
    incident_words,
)
_REFERENCES = {
    "incident_id": "incidents",
    "delivery_id": "deliveries",
    "last_delivery_id": "deliveries",
    "duplicate_of_id": "deliveries",
}
_PAST = f"INTERVAL ({_COPIES} - copy.seq) * {_HOURS_APART} HOUR"
_ENDED = f"told.{{}} + INTERVAL 10 MINUTE - {_PAST}"
_CHANGED = {
    "deliveries": {"newest_sha256": "NULL"},
    "incidents": {
        "status": "'resolved'",
        "resolution": "'recovered'",
        "resolved_by": "'system'",
        "resolved_time": _ENDED.format("created_at"),
        "number": f"told.number + copy.seq * {bodies.INCIDENTS * len(WAVES)}",
        "check_at": "NULL",
    },
    "incident_series": {"status": "'resolved'", "ends_at": _ENDED.format("starts_at")},
    "incident_episodes": {
        "resolution": "'recovered'",
        "resolved_by": "'system'",
        "resolved_at": _ENDED.format("opened_at"),
        "recovered_at": _ENDED.format("opened_at"),
    },
    "outbox": {
        "due_at": "NULL",
        "sent_rev": "told.desired_rev",
        "sent_at": _ENDED.format("created_at"),
        "first_sent_at": _ENDED.format("created_at"),
        "channel_id": "told.channel",
        "ts": "CONCAT('1700000000.', LPAD(told.id, 6, '0'))",
    },
}
"""By table and column, what is not as it was stored: by now all is over and told."""
_READ_BY_THE_AUDIT_LOG = """
INSERT INTO audit_chains (tenant_id, seq, hash, keyed, events_at, events_id)
SELECT tenant_id, 0, '', FALSE, at, id FROM incident_events ORDER BY at DESC, id DESC LIMIT 1
"""


async def grow(ground: Ground) -> str:
    """The URL of such a database, settled. MariaDB only: its sequences multiply."""
    seed, full = ground.databases.new(), ground.databases.new()
    await _sow(ground, seed)
    connection = await _connect(parse_url(full))
    try:
        async with connection.cursor() as cursor:
            await _multiply(cursor, str(parse_url(seed).database))
            await _settle(cursor)
    finally:
        await connection.ensure_closed()
    return full


async def _sow(ground: Ground, seed: str) -> None:
    """Each incident of the load, once, with its words."""
    async with ground.serving("seed", seed, publishes=False) as here:
        for wave in WAVES:
            job = webhooks(here, mix="once", wave=wave, seconds=120)
            await send(replace(job, series=_SERIES, warm_up=0))
        await _have_words(seed)


async def _have_words(seed: str) -> None:
    """Raises RuntimeError where they don't come."""
    deadline = time.monotonic() + _WORDS_WITHIN
    behind = f"SELECT MAX(number) - (SELECT value FROM counters WHERE name = '{MARK}') FROM incidents"
    connection = await _connect(parse_url(seed))
    try:
        async with connection.cursor() as cursor:
            while await _value(cursor, behind) != 0:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"the words of what was sown were not there within {_WORDS_WITHIN:.0f} s")
                await asyncio.sleep(_LOOK_EVERY)
    finally:
        await connection.ensure_closed()


async def _connect(url: URL) -> Any:
    # Without the checks, and without buffering joins, rows come in the order of their keys, which loads them in bulk.
    session = "SET SESSION foreign_key_checks = 0, unique_checks = 0, join_cache_level = 0"
    return await asyncmy.connect(
        host=url.host,
        port=url.port,
        user=url.username,
        password=url.password,
        database=url.database,
        autocommit=True,
        init_command=session,
    )


async def _multiply(cursor: Any, seed: str) -> None:
    numbered = [table.name for table in _TABLES if "id" in table.columns]
    strides = {name: await _value(cursor, f"SELECT MAX(id) FROM {seed}.{name}") for name in numbered}
    for table in _TABLES:
        columns = [column for column in table.columns if column.computed is None]
        names = ", ".join(f"`{column.name}`" for column in columns)
        values = ", ".join(_value_of(table, column, strides) for column in columns)
        copies = f"seq_0_to_{_COPIES - 1} AS copy STRAIGHT_JOIN {seed}.{table.name} AS told"
        await cursor.execute(f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {copies}")
    counted = f"SELECT tenant_id, name, value * {_COPIES} FROM {seed}.counters"
    await cursor.execute(f"REPLACE INTO counters (tenant_id, name, value) {counted}")
    await cursor.execute(_READ_BY_THE_AUDIT_LOG)


def _value_of(table: Table, column: Column[Any], strides: Mapping[str, int]) -> str:
    """The SQL of a column's value in one copy: ids move on, times move back."""
    changed = _CHANGED.get(table.name, {}).get(column.name)
    if changed is not None:
        return changed
    referenced = table.name if column.name == "id" else _REFERENCES.get(column.name)
    if referenced is not None:
        return f"told.{column.name} + copy.seq * {strides[referenced]}"
    if isinstance(column.type, UtcDateTime):
        return f"told.{column.name} - {_PAST}"
    return f"told.`{column.name}`"


async def _settle(cursor: Any) -> None:
    """Statistics, and every loaded page on the disk, so that nothing of it is left for what is measured."""
    names = ", ".join(table.name for table in _TABLES)
    await cursor.execute(f"ANALYZE TABLE {names}")
    await cursor.fetchall()
    await cursor.execute(f"FLUSH TABLES {names} FOR EXPORT")
    await cursor.execute("UNLOCK TABLES")


async def _value(cursor: Any, query: str) -> int:
    await cursor.execute(query)
    return int((await cursor.fetchone())[0])
