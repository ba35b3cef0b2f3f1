"""The stand-in for Grafana says what Grafana would send to the database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.grafana_sql import Chosen, Fill, GrafanaError, Span, Values, expand, questions, variables_of

SPAN = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, tzinfo=UTC))
SINCE, UNTIL = 1767225600, 1769817600
HOUR = timedelta(hours=1)


def services(*values: str, options: Sequence[str] = (), all_value: str | None = None) -> Chosen:
    return Chosen("service", list(values), options, multi=True, include_all=True, all_value=all_value)


def one(value: Values) -> Chosen:
    return Chosen("service", value)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("$__timeFilter(at)", f"at BETWEEN FROM_UNIXTIME({SINCE}) AND FROM_UNIXTIME({UNTIL})"),
        ("$__timeFilter( i.start_time )", f"i.start_time BETWEEN FROM_UNIXTIME({SINCE}) AND FROM_UNIXTIME({UNTIL})"),
        ("$__timeFrom()", f"FROM_UNIXTIME({SINCE})"),
        ("$__timeTo()", f"FROM_UNIXTIME({UNTIL})"),
        ("$__timeEpoch(at)", "UNIX_TIMESTAMP(at) as time_sec"),
        ("$__timeGroup(at, '1h')", "UNIX_TIMESTAMP(at) DIV 3600 * 3600"),
        ('$__timeGroup(at,"5m")', "UNIX_TIMESTAMP(at) DIV 300 * 300"),
        ("$__timeGroup(at,1d)", "UNIX_TIMESTAMP(at) DIV 86400 * 86400"),
        ("$__timeGroupAlias(at,'1h',0)", 'UNIX_TIMESTAMP(at) DIV 3600 * 3600 AS "time"'),
        ("$__timeGroupAlias(at,$__interval)", 'UNIX_TIMESTAMP(at) DIV 3600 * 3600 AS "time"'),
        ("$__timeGroupAlias(at,'$__interval')", 'UNIX_TIMESTAMP(at) DIV 3600 * 3600 AS "time"'),
        ("$__unixEpochFilter(t)", f"t >= {SINCE} AND t <= {UNTIL}"),
        ("$__unixEpochFrom()", f"{SINCE}"),
        ("$__unixEpochTo() - $__unixEpochFrom()", f"{UNTIL} - {SINCE}"),
        ("$__unixEpochNanoFilter(t)", f"t >= {SINCE}000000000 AND t <= {UNTIL}000000000"),
        ("$__unixEpochGroup(t, '1h')", "t DIV 3600 * 3600"),
        ("$__unixEpochGroupAlias(t, '1h')", 't DIV 3600 * 3600 AS "time"'),
        ("$__from / $__to", f"{SINCE}000 / {UNTIL}000"),
        ("${__interval} $__interval_ms", "1h 3600000"),
    ],
)
def test_macros(sql: str, expected: str) -> None:
    assert expand(sql, [], SPAN, interval=HOUR).sql == expected


@pytest.mark.parametrize(
    ("sql", "fill"),
    [
        ("$__timeGroup(at, '1h')", None),
        ("$__timeGroup(at, '1h', 0)", Fill(HOUR, "value", 0)),
        ("$__timeGroupAlias(at, '1h', NULL)", Fill(HOUR, "null")),
        ("$__unixEpochGroup(at, '1h', previous)", Fill(HOUR, "previous")),
    ],
)
def test_gaps_are_filled_after_the_query(sql: str, fill: Fill | None) -> None:
    assert expand(sql, [], SPAN).fill == fill


@pytest.mark.parametrize(
    "sql",
    [
        "$__timeBucket(at)",
        "$__timeGroup(at)",
        "$__timeGroup(at, 'often')",
        "$__timeGroup(at, '1h', none)",
        "SELECT CURRENT_USER()",
        "SHOW GRANTS",
        "${service:lucene}",
    ],
)
def test_what_grafana_refuses(sql: str) -> None:
    with pytest.raises(GrafanaError):
        expand(sql, [one("a")], SPAN)


def test_what_stands_in_brackets_ends_with_the_first_that_closes() -> None:
    sql = expand("$__timeFilter(COALESCE(a, b))", [], SPAN).sql
    assert sql.startswith("COALESCE(a BETWEEN")


@pytest.mark.parametrize(
    ("sql", "chosen", "expected"),
    [
        ("$service", one("it's"), "it''s"),
        ("${service}", one("a"), "a"),
        ("[[service]]", one("a"), "a"),
        ("${service:sqlstring}", one('it\'s "a"'), "'it''s \\\"a\\\"'"),
        ("${service:raw}", one("it's"), "it's"),
        ("IN ($service)", services("a", "it's", "b,c"), "IN ('a','it''s','b,c')"),
        ("IN (${service:sqlstring})", services("a", "it's", "b,c"), "IN ('a','it''s','b,c')"),
        ("IN (${service:sqlstring})", services("a\\"), "IN ('a\\')"),
        ("IN (${service:sqlstring})", services("$__all", options=["x", "y"]), "IN ('x','y')"),
        ("IN (${service:sqlstring})", services("$__all", options=["x"], all_value="'%'"), "IN ('%')"),
        ("IN ($service)", services("$__all"), "IN ()"),
        ("${service:csv}", services("a", "b"), "a,b"),
        ("${service:singlequote}", services("it's"), "'it\\'s'"),
        ("${service:json}", services('a"', "b"), '["a\\"","b"]'),
        ("?${service:queryparam}", services("a&b", "c"), "?var-service=a%26b&var-service=c"),
        ("$services", one("a"), "$services"),
        ("$__timeFrom", one("a"), "$__timeFrom"),
    ],
)
def test_variables(sql: str, chosen: Chosen, expected: str) -> None:
    assert expand(sql, [chosen], SPAN).sql == expected


def test_where_the_versions_of_grafana_differ_a_format_is_asked_for() -> None:
    with pytest.raises(GrafanaError, match="write a format"):
        expand("$service", [Chosen("service", "a", include_all=True)], SPAN)


def test_macros_come_after_variables() -> None:
    """So a value can spoil a query by what it says, though it can't leave its quotes."""
    with pytest.raises(GrafanaError, match="unknown macro"):
        expand("service = ${service:sqlstring}", [one("$f(x)")], SPAN)


@pytest.mark.parametrize(
    ("days", "interval"),
    [
        (1 / 24, timedelta(minutes=1)),
        (1, timedelta(minutes=1)),
        (7, timedelta(minutes=10)),
        (30, timedelta(hours=0.5)),
        (365, timedelta(hours=6)),
        (3650, timedelta(days=1)),
    ],
)
def test_the_interval_grows_with_the_span(days: float, interval: timedelta) -> None:
    assert Span(SPAN.since, SPAN.since + timedelta(days=days)).interval() == interval


DASHBOARD: dict[str, Any] = {
    "title": "Some",
    "panels": [
        {"title": "Told", "type": "text"},
        {
            "title": "Row",
            "type": "row",
            "panels": [{"title": "In it", "type": "stat", "targets": [{"refId": "A", "rawSql": "1"}]}],
        },
        {
            "title": "Rate",
            "type": "table",
            "targets": [{"refId": "A", "expr": "up"}, {"refId": "B", "rawSql": "2", "format": "table"}],
            "fieldConfig": {
                "defaults": {"unit": "s"},
                "overrides": [
                    {"matcher": {"id": "byName", "options": "n"}, "properties": [{"id": "unit", "value": "short"}]}
                ],
            },
        },
    ],
    "annotations": {"list": [{"name": "Built in"}, {"name": "Opened", "target": {"rawSql": "3"}}]},
    "templating": {
        "list": [
            {"name": "tenant", "type": "constant", "query": "default"},
            {"name": "target", "type": "custom", "query": "99 : 0.99,99.9 : 0.999", "current": {"value": "0.999"}},
            {"name": "service", "type": "query", "query": {"rawSql": "4"}, "multi": True, "includeAll": True},
            {"name": "rule", "type": "query", "query": "5", "allValue": ""},
        ]
    },
}


def test_all_that_a_dashboard_asks_is_found() -> None:
    assert [(one.where, one.sql) for one in questions(DASHBOARD)] == [
        ("In it A", "1"),
        ("Rate B", "2"),
        ("annotation Opened", "3"),
    ]
    rate = questions(DASHBOARD)[1]
    assert (rate.kind, rate.format, rate.unit_of("p90"), rate.unit_of("n")) == ("table", "table", "s", "short")


def test_a_dashboard_opens_with_what_it_says() -> None:
    tenant, target, service, rule = variables_of(DASHBOARD)
    assert (tenant.sql, tenant.chosen(tenant.options).value) == (None, "default")
    assert target.chosen(target.options).value == "0.999"
    assert (service.sql, service.chosen(["a"]).value, service.chosen(["a"]).is_all) == ("4", ["$__all"], True)
    assert (rule.sql, rule.chosen(["a", "b"]).value, rule.all_value) == ("5", "a", None)
