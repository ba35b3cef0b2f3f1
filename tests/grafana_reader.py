"""Grafana's MySQL data source in front of a real server: who reads, how the session is set, what is answered."""

import contextlib
import json
import re
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import asyncmy

from tests.grafana_sql import Chosen, Question, Span, Values, expand, questions, variables_of
from tests.mariadb import Server

READER, PASSWORD = "grafana", "only-looks"
_PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "dashboards.md"
_STATEMENT = re.compile(rf"^(?:CREATE USER|GRANT [^;]*? TO) '{READER}'@'%'[^;]*;", re.MULTILINE)

_SESSION = (
    "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci",
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
)
"""The driver's collation, the time zone that the data source is made with, and MySQL 8's strictness."""


class WarnedError(ValueError):
    """The server had something against the statement: it divides by zero, or a name or a value could be two things."""


@dataclass(frozen=True, slots=True)
class Answer:
    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]

    @property
    def named(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    @property
    def value(self) -> Any:
        """Of one row and one column. None: there is none, which Grafana shows as "no data"."""
        return self.rows[0][0] if self.rows else None


def dashboards() -> dict[str, Mapping[str, Any]]:
    """Those that are built, by the names of their files."""
    found = {one.name: one for one in files("dashboards").iterdir() if one.name.endswith(".json")}
    return {name: json.loads(found[name].read_text(encoding="utf-8")) for name in sorted(found)}


def sql_dashboards() -> dict[str, Mapping[str, Any]]:
    """Those of them that ask a database."""
    return {name: told for name, told in dashboards().items() if questions(told)}


def as_told() -> list[str]:
    """What the documentation tells to type, so that Grafana may read."""
    return [one.rstrip(";") for one in _STATEMENT.findall(_PAGE.read_text(encoding="utf-8"))]


def let_read(server: Server, database: str) -> None:
    """Makes the user whom the documentation tells to make. On a server of our own only."""
    for told in as_told():
        here = told.replace("'%'", "'127.0.0.1'").replace("'…'", f"'{PASSWORD}'").replace("bongsu.", f"`{database}`.")
        server.execute(here.replace("CREATE USER", "CREATE USER IF NOT EXISTS"))


@dataclass(frozen=True)
class Grafana:
    """One connection of the data source's."""

    connection: Any

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, server: Server, database: str) -> AsyncIterator[Self]:
        """``let_read`` comes first."""
        connection = await asyncmy.connect(
            host=server.host, port=server.port, user=READER, password=PASSWORD, db=database, autocommit=True
        )
        try:
            async with connection.cursor() as cursor:
                for sql in _SESSION:
                    await cursor.execute(sql)
            yield cls(connection)
        finally:
            await connection.ensure_closed()

    async def ask(self, sql: str) -> Answer:
        """Raises WarnedError, and what asyncmy raises."""
        async with self.connection.cursor() as cursor:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                await cursor.execute(sql)
                rows = list(await cursor.fetchall())
                columns = [one[0] for one in cursor.description or ()]
                await cursor.execute("SHOW WARNINGS")
                if told := [one[2] for one in await cursor.fetchall()]:
                    raise WarnedError(f"{told[0]}: {sql}")
        return Answer(columns, rows)

    async def opened(self, dashboard: Mapping[str, Any], span: Span, **values: Values) -> list[Chosen]:
        """Its variables as Grafana would have found them one after the other; ``values`` are chosen by hand.

        Those that no query finds are known first, wherever they stand.
        """
        wanted = variables_of(dashboard)
        chosen = [one.chosen(one.options, values.get(one.name)) for one in wanted if one.sql is None]
        for one in wanted:
            if one.sql is not None:
                found = await self.ask(expand(one.sql, chosen, span).sql)
                chosen.append(one.chosen(_options(found), values.get(one.name)))
        return chosen

    async def answer(self, question: Question, chosen: Sequence[Chosen], span: Span) -> Answer:
        return await self.ask(expand(question.sql, chosen, span).sql)


def _options(found: Answer) -> list[str]:
    """``__value`` where there is one, else all columns, each once."""
    if {"__text", "__value"} <= set(found.columns):
        place = found.columns.index("__value")
        values = [row[place] for row in found.rows]
    else:
        values = [value for row in found.rows for value in row]
    return list(dict.fromkeys(str(value) for value in values))
