"""Reading the figures by day. Which rows are read depends on the question: those of the parts that it names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import product
from math import prod
from typing import Any

from sqlalchemy import Select, func

from db.daily_tables import daily_figures, daily_rules
from db.gate import Gate
from db.queries import marks
from db.queries.daily_figures import FIGURES_MARK, digest, level_of
from db.tables import incidents
from incidents.browse import OPEN
from incidents.daily.keeping import OpenNow, Where
from incidents.daily.packed import Sums
from incidents.daily.tally import OTHER, Cell, Count, Tally, cell_of

MOST_NAMED = 200
"""So many places are looked up one by one; of more, the days are read, and the others passed over."""
_sum, _rule = daily_figures.c, daily_rules.c


class FigureQueries:
    """Implements ``incidents.daily.keeping.FiguresKept``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def counted_until(self) -> datetime | None:
        return (await marks.read(self._gate, FIGURES_MARK)).get(FIGURES_MARK)

    async def by_day(
        self, where: Where, since: datetime, until: datetime, *, parts: Collection[str], each_day: bool
    ) -> Sequence[tuple[datetime, Cell, Tally]]:
        level = level_of([*where.parts, *parts])
        told = [daily_figures.c[part] for part in parts]
        if each_day:
            told.append(_sum.day)
        statement = self._gate.select(daily_figures, _sum.packed, *told).where(
            _sum.day >= since, _sum.day < until, *_of_places(daily_figures, level, where)
        )
        sums: defaultdict[tuple[Any, ...], Sums] = defaultdict(Sums)
        for row in await self._gate.execute(statement):
            sums[tuple(row[1:])].add(row[0])
        return [
            (key[-1] if each_day else since, Cell(**dict(zip(parts, key, strict=False))), one.tally())
            for key, one in sums.items()
        ]

    async def by_rule(self, where: Where, since: datetime, until: datetime) -> Mapping[str, Count]:
        told = (func.max(_rule.rule_name), func.sum(_rule.occurrences), func.sum(_rule.alerts))
        names = ("name", "occurrences", "alerts")
        columns = [one.label(name) for one, name in zip(told, names, strict=True)]
        conditions = [
            _rule.grouped_by == level_of(where.parts),
            _rule.day >= since,
            _rule.day < until,
            *_of_parts(daily_rules, where),
        ]
        statement = self._gate.select(daily_rules, _rule.rule_uid, *columns).where(_rule.rule_uid != OTHER, *conditions)
        rows = await self._gate.rows(statement.group_by(_rule.rule_uid))
        return {row["rule_uid"]: Count(row["name"], int(row["occurrences"]), int(row["alerts"])) for row in rows}

    async def open_now(self, where: Where) -> Sequence[OpenNow]:
        by = (incidents.c.service, incidents.c.cluster, incidents.c.severity)
        told = (func.count().label("n"), func.min(incidents.c.start_time).label("oldest"))
        statement: Select[Any] = self._gate.select(incidents, *by, *told).where(
            incidents.c.status.in_(sorted(OPEN)), *_of_parts(incidents, where)
        )
        rows = await self._gate.rows(statement.group_by(*by))
        return [
            OpenNow(cell_of(row["service"], row["cluster"], row["severity"]), row["n"], row["oldest"]) for row in rows
        ]


def _of_places(table: Any, level: str, where: Where) -> list[Any]:
    """All places of the level by their days; a few that are named in full, by their names."""
    named = where.parts
    if named and level == level_of(named) and prod(len(values) for values in named.values()) <= MOST_NAMED:
        cells = (Cell(**dict(zip(named, values, strict=True))) for values in product(*named.values()))
        return [table.c.dimensions.in_(sorted(digest(level, cell) for cell in cells))]
    return [table.c.grouped_by == level, *_of_parts(table, where)]


def _of_parts(table: Any, where: Where) -> Iterable[Any]:
    return [table.c[part].in_(values) for part, values in where.parts.items()]
