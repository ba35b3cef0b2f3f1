"""The tables of the figures by day, and of what dashboards draw by SQL. They belong to the metadata of all others."""

from typing import Any

from sqlalchemy import Column, Double, Index, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, Hash, LongText, UtcDateTime
from incidents.daily.packed import TIMES
from incidents.daily.quality import QUALITY
from incidents.daily.tally import COUNTS

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

_BY_DAY = ("tenant_id", "grouped_by", "day", "severity", "cluster", "service")
"""With what is asked for, so that other places of the same days are passed over without being read."""

_QUALITY = "NULL: that day was counted by a version that did not count it"


def _times(name: str) -> list[Column[Any]]:
    return [
        Column(f"{name}_n", BigInt, nullable=False),
        Column(f"{name}_seconds", Double, nullable=False, comment="together"),
        Column(f"{name}_median", Double, comment="seconds, within 2 per cent; NULL: fewer than five"),
        Column(f"{name}_p90", Double, comment="seconds, within 2 per cent; NULL: fewer than five"),
    ]


def _place() -> list[Column[Any]]:
    return [
        Column("dimensions", Hash, nullable=False, comment="of all that follows but the figures, in full"),
        Column("grouped_by", String(32), nullable=False, comment="all, service, service,cluster …: what is not NULL"),
        Column("service", String(255), comment="NULL: all of them"),
        Column("cluster", String(255), comment="NULL: all of them"),
        Column("severity", String(16), comment="NULL: all of them"),
    ]


daily_figures = Table(
    "daily_figures",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("day", UtcDateTime, nullable=False, comment="its beginning, UTC"),
    *_place(),
    *(Column(name, BigInt, nullable=False) for name in COUNTS),
    *(column for name in TIMES for column in _times(name)),
    Column("packed", LongText, nullable=False, comment="incidents/daily/packed.py: all of it, for answers"),
    UniqueConstraint("tenant_id", "dimensions", "day", name="uq_daily_figures_dimensions"),
    Index("ix_daily_figures_day", *_BY_DAY),
    **_MYSQL,
)

daily_rules = Table(
    "daily_rules",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("day", UtcDateTime, nullable=False, comment="its beginning, UTC"),
    *_place(),
    Column("rule_uid", String(255), nullable=False),
    Column("rule_name", String(255), nullable=False),
    Column("occurrences", BigInt, nullable=False),
    Column("alerts", BigInt, nullable=False),
    *(Column(name, BigInt, comment=_QUALITY) for name in QUALITY),
    UniqueConstraint("tenant_id", "dimensions", "day", name="uq_daily_rules_dimensions"),
    Index("ix_daily_rules_day", *_BY_DAY),
    **_MYSQL,
)


def _whole_place() -> list[Column[Any]]:
    return [
        Column("cluster", String(255), nullable=False),
        Column("namespace", String(255), nullable=False),
        Column("service", String(255), nullable=False),
        Column("phase", String(255), nullable=False),
        Column("severity", String(16), nullable=False),
    ]


daily_places = Table(
    "daily_places",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("day", UtcDateTime, nullable=False, comment="its beginning, UTC"),
    *_whole_place(),
    *(Column(name, BigInt, nullable=False) for name in COUNTS),
    *(
        column
        for name in TIMES
        for column in (
            Column(f"{name}_n", BigInt, nullable=False),
            Column(f"{name}_seconds", Double, nullable=False, comment="together"),
        )
    ),
    Index("ix_daily_places_day", "tenant_id", "day"),
    **_MYSQL,
)

daily_times = Table(
    "daily_times",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("grouped_by", String(16), nullable=False, comment="severity: of all places; place: of one"),
    Column("figure", String(8), nullable=False, comment="mtta, mttr, close"),
    Column("day", UtcDateTime, nullable=False, comment="its beginning, UTC"),
    *_whole_place(),
    Column("seconds", Double, nullable=False, comment="within 2 per cent"),
    Column("n", BigInt, nullable=False, comment="how many took as long"),
    Index("ix_daily_times_day", "tenant_id", "grouped_by", "figure", "day"),
    Index("ix_daily_times_service", "tenant_id", "grouped_by", "service", "figure", "day"),
    Index("ix_daily_times_cluster", "tenant_id", "grouped_by", "cluster", "figure", "day"),
    **_MYSQL,
)

hourly_alerts = Table(
    "hourly_alerts",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("hour", UtcDateTime, nullable=False, comment="its beginning, UTC"),
    Column("severity", String(16), nullable=False),
    Column("alerts", BigInt, nullable=False, comment="of all places; alert_rollups has them apart"),
    Column("incidents", BigInt, nullable=False),
    Column("reopened", BigInt, nullable=False),
    UniqueConstraint("tenant_id", "hour", "severity", name="uq_hourly_alerts_hour"),
    **_MYSQL,
)
