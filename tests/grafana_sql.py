"""What Grafana makes of a panel's SQL for its MySQL data source: variables first, in the browser, then macros.

Read off Grafana's own sources: ``packages/grafana-sql`` and grafana/scenes' ``formatRegistry`` for variables,
``pkg/tsdb/mysql/macros.go`` and ``sqleng`` for macros. Where its versions differ, ``expand`` refuses.

https://grafana.com/docs/grafana/latest/datasources/mysql/query-editor/#macros
https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

_VARIABLE = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}")
_MACRO = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")
"""As Grafana's: what stands in its brackets ends with the first one that closes."""
_FORBIDDEN = re.compile(
    r"(?im)([\s]*show[\s]+grants|[\s,]session_user\([^)]*\)|[\s,]current_user(\([^)]*\))?|[\s,]system_user\([^)]*\)"
    r"|[\s,]user\([^)]*\))([\s,;]|$)"
)
_DURATION = re.compile(r"(\d+)(ms|s|m|h|d|w|y)")
_UNITS = {
    "ms": timedelta(milliseconds=1), "s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1),
    "d": timedelta(days=1), "w": timedelta(days=7), "y": timedelta(days=365),
}  # fmt: skip
_ROUND = (
    (0.015, 0.01), (0.035, 0.02), (0.075, 0.05), (0.15, 0.1), (0.35, 0.2), (0.75, 0.5), (1.5, 1), (3.5, 2), (7.5, 5),
    (12.5, 10), (17.5, 15), (25, 20), (45, 30), (90, 60), (210, 120), (450, 300), (750, 600), (1050, 900),
    (1500, 1200), (2700, 1800), (5400, 3600), (9000, 7200), (16200, 10800), (32400, 21600), (86400, 43200),
    (604800, 86400), (1814400, 604800), (3628800, 2592000),
)  # fmt: skip
"""Seconds up to which an interval is rounded, and what to; what is longer is a year."""
_MINUTE = timedelta(minutes=1)
_NANOS = 10**9

Values = str | Sequence[str]


class GrafanaError(ValueError):
    """Grafana would show an error in place of the panel, or its versions would show different things."""


@dataclass(frozen=True, slots=True)
class Span:
    """The dashboard's time range; aware times."""

    since: datetime
    until: datetime

    def interval(self, *, points: int = 1000, least: timedelta = _MINUTE) -> timedelta:
        """``$__interval`` of a panel so many points wide: rounded, and not below the data source's."""
        seconds = max((self.until - self.since) / points, least).total_seconds()
        rounded = next((to for limit, to in _ROUND if seconds <= limit), _UNITS["y"].total_seconds())
        return timedelta(seconds=rounded)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A variable and what is chosen of it.

    ``value``: a list where ``multi``. All is every option, or ``all_value`` as it stands: nothing is quoted in it.
    """

    name: str
    value: Values
    options: Sequence[str] = ()
    multi: bool = False
    include_all: bool = False
    all_value: str | None = None

    @property
    def is_all(self) -> bool:
        return self.value in ("$__all", ["$__all"], ("$__all",))


@dataclass(frozen=True, slots=True)
class Fill:
    """How gaps of a time series are filled, which Grafana does after the query; ``value`` None: not with a number."""

    every: timedelta
    mode: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Expanded:
    sql: str
    fill: Fill | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """SQL of a dashboard. ``where``: the panel's title and the query's letter, or the annotation's name.

    ``unit``: of its figures; ``units``: of some of its columns. ``kind``: the panel's; "" of an annotation.
    """

    dashboard: str
    where: str
    sql: str
    format: str = "table"
    description: str = ""
    kind: str = ""
    unit: str = ""
    units: Mapping[str, str] = field(default_factory=dict)

    def unit_of(self, column: str) -> str:
        return self.units.get(column, self.unit)

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.where}"


def expand(
    sql: str, variables: Sequence[Chosen], span: Span, *, interval: timedelta | None = None, search: str = ""
) -> Expanded:
    """The SQL that reaches the database. Raises GrafanaError.

    ``interval``: the panel's ``$__interval``; None: of a panel 1000 points wide. ``search``: what somebody has typed
    into a variable's box.
    """
    every = interval or span.interval()
    return _macros(_variables(sql, {one.name: one for one in variables}, span, every, search), span, every)


# Variables: in the browser


def _variables(sql: str, variables: Mapping[str, Chosen], span: Span, every: timedelta, search: str) -> str:
    builtin = {
        "__from": str(_millis(span.since)),
        "__to": str(_millis(span.until)),
        "__interval": _duration(every),
        "__interval_ms": str(every // _UNITS["ms"]),
        "__searchFilter": f"{search}%",
    }

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[4]
        if name in builtin:
            return builtin[name]
        if name not in variables:
            return match[0]
        return _formatted(variables[name], match[3] or match[6])

    return _VARIABLE.sub(value, sql)


def _formatted(chosen: Chosen, style: str | None) -> str:
    if chosen.is_all and chosen.all_value is not None:
        return chosen.all_value
    value = list(chosen.options) if chosen.is_all else chosen.value
    if style is None:
        return _as_the_data_source_does(chosen, value)
    if style not in _FORMATS:
        raise GrafanaError(f"${{{chosen.name}:{style}}}: not known here")
    return _FORMATS[style](chosen.name, value)


def _as_the_data_source_does(chosen: Chosen, value: Values) -> str:
    """Where no format is told: quoted where several may be chosen, else with its quotes doubled and nothing around."""
    if not isinstance(value, str):
        return ",".join(f"'{_doubled(one)}'" for one in value)
    if chosen.multi or chosen.include_all:
        raise GrafanaError(f"${chosen.name}: whether Grafana quotes it depends on its version; write a format")
    return _doubled(value)


def _doubled(value: str) -> str:
    """Backslashes stay as they are: to MySQL they begin an escape."""
    return value.replace("'", "''")


def _sql_string(value: str) -> str:
    return "'{}'".format(_doubled(value).replace('"', '\\"'))


def _each(form: Callable[[str], str]) -> Callable[[str, Values], str]:
    return lambda _name, value: form(value) if isinstance(value, str) else ",".join(form(one) for one in value)


def _json(_name: str, value: Values) -> str:
    return value if isinstance(value, str) else json.dumps(list(value), ensure_ascii=False, separators=(",", ":"))


def _query_parameters(name: str, value: Values) -> str:
    values = [value] if isinstance(value, str) else value
    return "&".join(f"var-{name}={quote(one, safe='-_.~')}" for one in values)


_FORMATS: Mapping[str, Callable[[str, Values], str]] = {
    "sqlstring": _each(_sql_string),
    "raw": _each(str),
    "csv": _each(str),
    "text": lambda _name, value: value if isinstance(value, str) else " + ".join(value),
    "json": _json,
    "singlequote": _each(lambda value: "'{}'".format(value.replace("'", "\\'"))),
    "doublequote": _each(lambda value: '"{}"'.format(value.replace('"', '\\"'))),
    "queryparam": _query_parameters,
}


# Macros: in the data source


def _macros(sql: str, span: Span, every: timedelta) -> Expanded:
    if _FORBIDDEN.search(sql):
        raise GrafanaError("invalid query: it asks who the user is")
    fills: list[Fill] = []
    for name, text in (
        ("$__interval_ms", str(every // _UNITS["ms"])),
        ("$__interval", _duration(every)),
        ("$__unixEpochFrom()", str(_seconds(span.since))),
        ("$__unixEpochTo()", str(_seconds(span.until))),
    ):
        sql = sql.replace(name, text)
    done = _MACRO.sub(lambda match: _macro(match[1], [one.strip(" ") for one in match[2].split(",")], span, fills), sql)
    return Expanded(done, fills[-1] if fills else None)


def _macro(name: str, given: Sequence[str], span: Span, fills: list[Fill]) -> str:
    column, since, until = given[0], _seconds(span.since), _seconds(span.until)
    plain = {
        "__time": f"UNIX_TIMESTAMP({column}) as time_sec",
        "__timeEpoch": f"UNIX_TIMESTAMP({column}) as time_sec",
        "__timeFilter": f"{column} BETWEEN {_moment(since)} AND FROM_UNIXTIME({until})",
        "__timeFrom": f"FROM_UNIXTIME({since})",
        "__timeTo": f"FROM_UNIXTIME({until})",
        "__unixEpochFilter": f"{column} >= {since} AND {column} <= {until}",
        "__unixEpochNanoFilter": f"{column} >= {since * _NANOS} AND {column} <= {until * _NANOS}",
        "__unixEpochNanoFrom": str(since * _NANOS),
        "__unixEpochNanoTo": str(until * _NANOS),
    }
    grouped = {"__timeGroup": f"UNIX_TIMESTAMP({column})", "__unixEpochGroup": column}
    if name in plain:
        return plain[name]
    if name.removesuffix("Alias") in grouped:
        return _grouped(grouped[name.removesuffix("Alias")], name, given, fills)
    raise GrafanaError(f"unknown macro {name}")


def _moment(seconds: int) -> str:
    """MySQL's FROM_UNIXTIME knows nothing before 1970."""
    return f"DATE_ADD(FROM_UNIXTIME(0), INTERVAL {seconds} SECOND)" if seconds < 0 else f"FROM_UNIXTIME({seconds})"


def _grouped(seconds: str, name: str, given: Sequence[str], fills: list[Fill]) -> str:
    if len(given) < 2:
        raise GrafanaError(f"macro {name} needs time column and interval")
    every = parsed(given[1].strip("'\""))
    if len(given) == 3:
        fills.append(_fill(every, given[2]))
    width = int(every.total_seconds())
    alias = ' AS "time"' if name.endswith("Alias") else ""
    return f"{seconds} DIV {width} * {width}{alias}"


def _fill(every: timedelta, told: str) -> Fill:
    if told in ("NULL", "previous"):
        return Fill(every, told.lower())
    try:
        return Fill(every, "value", float(told))
    except ValueError as error:
        raise GrafanaError(f"error parsing fill value {told}") from error


def parsed(told: str) -> timedelta:
    """Of ``5m``, ``1d``. Raises GrafanaError."""
    if not (match := _DURATION.fullmatch(told)):
        raise GrafanaError(f"error parsing interval {told}")
    return int(match[1]) * _UNITS[match[2]]


def _duration(every: timedelta) -> str:
    """The largest unit that fits into it, as many whole ones as there are: 1m, 2h."""
    unit = next(unit for unit in ("y", "d", "h", "m", "s", "ms") if every >= _UNITS[unit])
    return f"{every // _UNITS[unit]}{unit}"


def _seconds(at: datetime) -> int:
    return int(at.timestamp() // 1)


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


# What a dashboard asks


def questions(dashboard: Mapping[str, Any]) -> list[Question]:
    """The SQL of its panels, those in rows too, and of its annotations."""
    found = [question for panel in _panels(dashboard["panels"]) for question in _of_panel(dashboard["title"], panel)]
    for one in dashboard.get("annotations", {}).get("list", []):
        sql = one.get("rawQuery") or one.get("target", {}).get("rawSql")
        if sql:
            found.append(Question(dashboard["title"], f"annotation {one['name']}", sql))
    return found


def _panels(panels: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels") or [])


def _of_panel(title: str, panel: Mapping[str, Any]) -> Iterator[Question]:
    fields = panel.get("fieldConfig", {})
    unit = fields.get("defaults", {}).get("unit", "")
    for target in panel.get("targets") or []:
        if sql := target.get("rawSql"):
            where = f"{panel.get('title', '')} {target['refId']}"
            told, form = panel.get("description", ""), str(target.get("format", "table"))
            yield Question(title, where, sql, form, told, panel["type"], unit, dict(_units(fields)))


def _units(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in fields.get("overrides", []):
        for told in one["properties"]:
            if one["matcher"]["id"] == "byName" and told["id"] == "unit":
                yield one["matcher"]["options"], told["value"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One of a dashboard's. ``sql``: what finds its options; None: these are told, or it has none."""

    name: str
    type: str
    sql: str | None
    options: Sequence[str]
    multi: bool
    include_all: bool
    all_value: str | None

    def chosen(self, options: Sequence[str], value: Values | None = None) -> Chosen:
        """``value`` None: as it is when the dashboard opens, which is All where there is such a thing."""
        if value is None and self.include_all:
            value = ["$__all"] if self.multi else "$__all"
        if value is None:
            first = options[0] if options else ""
            value = [first] if self.multi and first else [] if self.multi else first
        return Chosen(self.name, value, options, self.multi, self.include_all, self.all_value)


def variables_of(dashboard: Mapping[str, Any]) -> list[Variable]:
    """In their order: each may use those before it."""
    return [_variable(one) for one in dashboard.get("templating", {}).get("list", [])]


def _variable(told: Mapping[str, Any]) -> Variable:
    query = told.get("query")
    sql = None
    if told["type"] == "query":
        sql = query if isinstance(query, str) else (query or {}).get("rawSql") or (query or {}).get("query")
    options = _told_options(told["type"], query if isinstance(query, str) else "", told)
    include_all, multi = bool(told.get("includeAll")), bool(told.get("multi"))
    return Variable(told["name"], told["type"], sql, options, multi, include_all, told.get("allValue") or None)


def _told_options(kind: str, query: str, told: Mapping[str, Any]) -> list[str]:
    """Of a constant, a text box, an interval or a custom variable: what it says, the chosen one first."""
    if kind in ("constant", "textbox"):
        return [query]
    if kind not in ("custom", "interval"):
        return []
    values = [one.strip().rpartition(" : ")[2] for one in re.split(r"(?<!\\),", query) if one.strip()]
    current = (told.get("current") or {}).get("value")
    return sorted(values, key=lambda one: one != current)
