"""What a panel asks: a statement of SQL, or an expression of PromQL. Grafana expands its macros and variables."""

from dataclasses import dataclass, field
from textwrap import dedent

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from dashboards.names import DATASOURCE

MYSQL, PROMETHEUS = "mysql", "prometheus"


def source(kind: str) -> DataSourceRef:
    """Whichever the dashboard's variable chooses."""
    return DataSourceRef(type_val=kind, uid=f"${{{DATASOURCE}}}")


@dataclass(frozen=True)
class Sql(Dataquery, Builder[Dataquery]):
    """A statement of MySQL. ``series``: its columns are ``time``, ``metric`` (if any) and values; else a table."""

    text: str
    series: bool = False
    ref: str = "A"

    def to_json(self) -> dict[str, object]:
        return {
            "datasource": source(MYSQL),
            "editorMode": "code",
            "format": "time_series" if self.series else "table",
            "rawQuery": True,
            "rawSql": dedent(self.text).strip(),
            "refId": self.ref,
        }

    def build(self) -> "Sql":
        return self


@dataclass(frozen=True)
class Prom(Dataquery, Builder[Dataquery]):
    """An expression of PromQL. ``instant``: its value now, not its past."""

    expr: str
    legend: str = ""
    instant: bool = False
    ref: str = "A"
    more: dict[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return {
            "datasource": source(PROMETHEUS),
            "editorMode": "code",
            "expr": dedent(self.expr).strip(),
            "format": "table" if self.instant else "time_series",
            "instant": self.instant,
            "legendFormat": self.legend or "__auto",
            "range": not self.instant,
            "refId": self.ref,
            **self.more,
        }

    def build(self) -> "Prom":
        return self


Query = Sql | Prom
