"""The four golden signals, as far as alerts tell of them. Saturation stands above, in what is open now.

https://sre.google/sre-book/monitoring-distributed-systems/#xref_monitoring_golden-signals
"""

from dashboards.build.incidents.colours import BY_PERCENTILE, BY_SEVERITY
from dashboards.build.occurrences import counted, occurrences, samples
from dashboards.build.panels import Kind, Panel, Row
from dashboards.build.queries import Sql
from dashboards.build.sql import (
    EVERYWHERE,
    LATENCY_STEP,
    MEDIAN,
    SECONDS,
    SINCE,
    TENANT,
    UNTIL,
    chosen,
    days,
    per_minute,
    percentile,
    point,
    ranked,
)

_RAW = f"{SECONDS} <= 10800"
_BY_HOUR = f"{SECONDS} > 10800"
_LONG = f"{SECONDS} > 1209600"
"""Beyond two weeks, of a place that was chosen days are read, not hours."""
_STEP = f"(CASE WHEN {_RAW} THEN 60 WHEN {SECONDS} <= 1209600 THEN 3600 ELSE 86400 END)"
_HOURS = f"hour >= TIMESTAMP(DATE_FORMAT({SINCE}, '%Y-%m-%d %H:00:00')) AND hour < {UNTIL}"


def _rate(live: str, hourly: str, daily: str) -> str:
    """Per minute and severity. ``live``: rows as they came, of short ranges; the others: columns of what is summed."""
    return f"""
WITH came AS (
  {live}
  UNION ALL
  SELECT hour, {hourly}, severity FROM hourly_alerts AS h
  WHERE {_BY_HOUR} AND tenant_id = {TENANT} AND {_HOURS} AND {EVERYWHERE} AND {chosen("h", ("severity",))}
  UNION ALL
  SELECT hour, {hourly}, severity FROM alert_rollups AS r
  WHERE {_BY_HOUR} AND NOT {_LONG} AND tenant_id = {TENANT} AND {_HOURS} AND NOT {EVERYWHERE} AND {chosen("r")}
  UNION ALL
  SELECT day, {daily}, severity FROM daily_places AS d
  WHERE {_LONG} AND tenant_id = {TENANT} AND {days("day")} AND NOT {EVERYWHERE} AND {chosen("d")}
),
summed AS (
  SELECT {point("at", _STEP)} AS time, severity, SUM(n) AS n FROM came GROUP BY 1, 2
)
SELECT time, severity AS metric, {per_minute("n", "time", _STEP, whole=_BY_HOUR)} AS per_minute
FROM summed WHERE n > 0 ORDER BY time, metric
"""


_ALERTS = f"""SELECT received_at AS at, 1 AS n, severity FROM alerts AS a
  WHERE {_RAW} AND tenant_id = {TENANT} AND $__timeFilter(received_at) AND {chosen("a")}"""
_OPENINGS = f"""SELECT e.opened_at AS at, 1 AS n, e.severity
  FROM incident_episodes AS e JOIN incidents AS i ON i.id = e.incident_id
  WHERE {_RAW} AND e.tenant_id = {TENANT} AND $__timeFilter(e.opened_at) AND e.number = 1 AND {chosen("i")}"""


def _latency(figure: str) -> str:
    return f"""
WITH {occurrences()},
{samples(figure, by={"time": point("@at", LATENCY_STEP)})},
{ranked("time")}
SELECT time, {MEDIAN} AS p50, {percentile(90)} AS p90, {percentile(99)} AS p99
FROM ranked GROUP BY time ORDER BY time
"""


_TRANSITIONS = {
    "opened": "opened", "acknowledged": "mtta_n", "recovered": "recovered", "closed by hand": "close_n",
    "noise": "noise", "merged": "merged", "stale": "stale", "end not proven": "unproven",
}  # fmt: skip
_STATES = f"""
WITH {occurrences()},
{counted(*_TRANSITIONS.values(), by={"time": point("@at")})}
SELECT time, {", ".join(f"SUM({column}) AS `{name}`" for name, column in _TRANSITIONS.items())}
FROM counted GROUP BY time ORDER BY time
"""
_PER = "Per minute of each point: a minute (ranges up to 3 hours), an hour (up to 14 days) or a day."
_BELOW = (
    "A point is half an hour (ranges up to 3 hours), 4 hours (up to 25), a day (up to 62 days) or a week; it has no "
    "value where it has fewer than five samples."
)


def _latency_panel(title: str, description: str, figure: str) -> Panel:
    """Half of the row: its percentiles over time."""
    return Panel(
        title,
        f"{description} {_BELOW} Of days, within 2 %. By all variables but status.",
        Sql(_latency(figure), series=True),
        Kind.LINES,
        unit="s",
        width=12,
        height=8,
        least=0,
        columns=BY_PERCENTILE,
    )


GOLDEN = Row(
    "Golden signals",
    [
        Panel(
            "Traffic: alerts per minute",
            "All alerts that were received, re-sends too, by the alert's own severity. "
            f"{_PER} By all variables but status.",
            Sql(_rate(_ALERTS, "alerts", "alerts"), series=True),
            Kind.BARS,
            unit="short",
            width=12,
            height=8,
            least=0,
            columns=BY_SEVERITY,
        ),
        Panel(
            "Errors: incidents per minute",
            "Incidents that opened, noise and merged ones too, for each has asked for somebody; no reopenings. By how "
            f"grave the episode is by now. {_PER} In a place that is chosen, beyond 14 days: occurrences, without "
            "merged ones. By all variables but status.",
            Sql(_rate(_OPENINGS, "incidents", "opened"), series=True),
            Kind.BARS,
            width=12,
            height=8,
            least=0,
            columns=BY_SEVERITY,
        ),
        _latency_panel(
            "Latency: time to acknowledge",
            "MTTA: from when the alert was received that opened the occurrence, to the first acknowledging, assigning "
            "or resolving by a person; by when it opened. Noise, and what had an owner from its beginning, gives none.",
            "mtta",
        ),
        _latency_panel(
            "Latency: time to recover",
            "MTTR: from the earliest startsAt to the latest endsAt of occurrences that recovered, every series by its "
            "metric; by when they ended. All other ends (by hand, noise, stale, no data, …) are left out: see "
            "coverage.",
            "mttr",
        ),
        Panel(
            "State transitions",
            "Of occurrences: how many opened (those that were merged into others left out), got their first response "
            "by a person, and how they ended. Recovered: by their metric. End not proven: no data, a failing rule, "
            "missing series, a paused, deleted or changed rule. Of ranges beyond 25 hours by day; responses then count "
            "for the day of the opening. By all variables but status.",
            Sql(_STATES, series=True),
            Kind.LINES,
            width=24,
            height=8,
            least=0,
        ),
    ],
)
