"""Where it happens: services, clusters, hours."""

from dashboards.build.incidents.colours import BY_SEVERITY
from dashboards.build.occurrences import counted, live_times, occurrences
from dashboards.build.panels import Column, Kind, Panel, Row
from dashboards.build.queries import Sql
from dashboards.build.sql import (
    COARSE,
    EVERYWHERE,
    FINE,
    SECONDS,
    SINCE,
    TENANT,
    UNTIL,
    WHERE,
    chosen,
    days,
    named,
    percentile,
    point,
    share,
)

SEVERITIES = ("critical", "error", "warning", "info", "unknown")
_TOP = 15
_TREND = 8
_BUT_SERVICE = tuple(name for name in WHERE if name != "service")
_RAW = f"{SECONDS} <= 10800"
_HOURS = f"hour >= TIMESTAMP(DATE_FORMAT({SINCE}, '%Y-%m-%d %H:00:00')) AND hour < {UNTIL}"


def _split(column: str) -> str:
    """A column for each severity."""
    return ", ".join(f"SUM(CASE WHEN severity = '{name}' THEN {column} ELSE 0 END) AS `{name}`" for name in SEVERITIES)


_ALERTS = f"""
WITH came AS (
  SELECT service, severity, COUNT(*) AS n FROM alerts AS a
  WHERE {_RAW} AND tenant_id = {TENANT} AND $__timeFilter(received_at) AND {chosen("a")}
  GROUP BY service, severity
  UNION ALL
  SELECT service, severity, SUM(alerts) FROM alert_rollups AS r
  WHERE NOT {_RAW} AND {FINE} AND tenant_id = {TENANT} AND {_HOURS} AND {chosen("r")}
  GROUP BY service, severity
  UNION ALL
  SELECT service, severity, SUM(alerts) FROM daily_places AS d
  WHERE {COARSE} AND tenant_id = {TENANT} AND {days("day")} AND {chosen("d")}
  GROUP BY service, severity
)
SELECT {named("service", "service")}, {_split("n")}
FROM came GROUP BY came.service HAVING SUM(n) > 0 ORDER BY SUM(n) DESC, came.service LIMIT {_TOP}
"""


def _incidentsnamed(part: str) -> str:
    return f"""
WITH {occurrences()},
{counted("opened", by={part: part, "severity": "severity"}, by_place=True)}
SELECT {named(part, part)}, {_split("opened")}
FROM counted GROUP BY counted.{part} HAVING SUM(opened) > 0 ORDER BY SUM(opened) DESC, counted.{part} LIMIT {_TOP}
"""


_FIGURES = ("mtta", "mttr")
_COUNTED = ("opened", "ended", "noise", "recovered_untouched", "recovered", "mttr_n")
_TIMES = ", ".join(
    f"{percentile(part, is_it)} AS `{name} p{part}`"
    for is_it, name in (("figure = 'mtta'", "ack"), ("figure = 'mttr'", "recover"))
    for part in (50, 90, 99)
)
_OF_TOP = ", ".join(f"top.{name}" for name in ("service", *_COUNTED))
_TABLE = f"""
WITH {occurrences()},
{counted(*_COUNTED, by={"service": "service"}, by_place=True)},
top AS (
  SELECT service, {", ".join(f"SUM({name}) AS {name}" for name in _COUNTED)}
  FROM counted GROUP BY service HAVING SUM(opened) > 0 OR SUM(ended) > 0
  ORDER BY SUM(opened) DESC, service LIMIT {_TOP}
),
samples AS (
  SELECT {_OF_TOP}, d.figure, d.seconds, SUM(d.n) AS n FROM top
  LEFT JOIN daily_times AS d ON d.tenant_id = {TENANT} AND d.grouped_by = 'place' AND d.figure IN ('mtta', 'mttr')
    AND d.service = top.service AND {days("d.day")} AND {chosen("d", _BUT_SERVICE)}
  WHERE {COARSE} GROUP BY {_OF_TOP}, d.figure, d.seconds
  UNION ALL
  SELECT {_OF_TOP}, live.figure, live.seconds, COUNT(live.seconds) AS n FROM top
  LEFT JOIN {live_times(_FIGURES)} AS live ON live.service = top.service
  WHERE {FINE} GROUP BY {_OF_TOP}, live.figure, live.seconds
),
ranked AS (
  SELECT service, {", ".join(_COUNTED)}, figure, seconds,
    SUM(n) OVER (PARTITION BY service, figure ORDER BY seconds ROWS UNBOUNDED PRECEDING) AS upto,
    SUM(n) OVER (PARTITION BY service, figure) AS total
  FROM samples
)
SELECT {named("ranked.service", "service")}, opened, {_TIMES},
  {share("mttr_n", "ended")} AS `coverage`, {share("noise", "ended")} AS `noise`,
  {share("recovered_untouched", "recovered")} AS `untouched`
FROM ranked GROUP BY {", ".join(f"ranked.{name}" for name in ("service", *_COUNTED))}
ORDER BY ranked.opened DESC, ranked.service
"""
_TRENDS = f"""
WITH {occurrences()},
{counted("opened", by={"service": "service", "time": point("@at")}, by_place=True)},
summed AS (SELECT service, time, SUM(opened) AS opened FROM counted GROUP BY service, time),
totalled AS (SELECT service, time, opened, SUM(opened) OVER (PARTITION BY service) AS total FROM summed),
placed AS (SELECT service, time, opened, DENSE_RANK() OVER (ORDER BY total DESC, service) AS place FROM totalled)
SELECT time, {named("service", "metric")}, opened FROM placed
WHERE place <= {_TREND} AND opened > 0 ORDER BY time, metric
"""
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOUR_COLUMNS = ", ".join(f"SUM(CASE WHEN of_day = {hour} THEN n ELSE 0 END) AS `{hour:02}`" for hour in range(24))
_HEATMAP = f"""
WITH came AS (
  SELECT hour, alerts AS n FROM hourly_alerts AS h
  WHERE tenant_id = {TENANT} AND {_HOURS} AND {EVERYWHERE} AND {chosen("h", ("severity",))}
  UNION ALL
  SELECT hour, alerts FROM alert_rollups AS r
  WHERE tenant_id = {TENANT} AND {_HOURS} AND NOT {EVERYWHERE} AND {chosen("r")}
),
hours AS (SELECT hour + INTERVAL ${{utc_offset:sqlstring}} HOUR_MINUTE AS hour, SUM(n) AS n FROM came GROUP BY 1),
locally AS (SELECT WEEKDAY(hour) AS day, HOUR(hour) AS of_day, n FROM hours)
SELECT ELT(day + 1, {", ".join(repr(day) for day in _WEEK)}) AS weekday, {_HOUR_COLUMNS}
FROM locally GROUP BY day ORDER BY day
"""
_BY_ALL = "By all variables but status."
_SHARES = Column(unit="percentunit", decimals=0)

SERVICES = Row(
    "Services",
    [
        Panel(
            "Top services by incidents",
            "Occurrences that opened, by the severity of the incident now; merged ones left out, noise included. "
            f"The {_TOP} of which the most did. {_BY_ALL}",
            Sql(_incidentsnamed("service")),
            Kind.RANKED,
            width=12,
            height=10,
            columns=BY_SEVERITY,
        ),
        Panel(
            "Top services by alerts",
            f"All alerts that were received, re-sends too, by the alert's own severity. The {_TOP} of which the most "
            f"were. {_BY_ALL}",
            Sql(_ALERTS),
            Kind.RANKED,
            width=12,
            height=10,
            columns=BY_SEVERITY,
        ),
        Panel(
            "Services, their times and noise",
            f"The {_TOP} services of which the most occurrences opened. ack: time to acknowledge (MTTA); "
            "recover: MTTR; both hidden below five samples, and shares of fewer. Coverage: of those that ended, which "
            "give MTTR a sample. Noise: of those that ended, marked as noise. Untouched: of those that "
            f"recovered, to which nobody had responded. {_BY_ALL}",
            Sql(_TABLE),
            Kind.TABLE,
            unit="s",
            width=24,
            height=10,
            columns={
                "opened": Column(unit="short"),
                "coverage": _SHARES,
                "noise": Column(unit="percentunit", decimals=0, steps={None: "text", 0.2: "orange", 0.5: "red"}),
                "untouched": _SHARES,
            },
        ),
        Panel(
            "Trend per service",
            f"Occurrences that opened, of the {_TREND} services of which the most did, by half an hour (ranges "
            "up to 25 "
            f"hours) or by day. {_BY_ALL}",
            Sql(_TRENDS, series=True),
            Kind.BARS,
            width=24,
            height=8,
            least=0,
        ),
    ],
)

PLACES_ROW = Row(
    "Clusters and hours",
    [
        Panel(
            "Clusters",
            "Occurrences that opened, by cluster and the severity of the incident now; merged ones left out, noise "
            f"included. The {_TOP} of which the most did. {_BY_ALL}",
            Sql(_incidentsnamed("cluster")),
            Kind.RANKED,
            width=8,
            height=9,
            columns=BY_SEVERITY,
        ),
        Panel(
            "Alerts by hour and weekday",
            "All alerts that were received, re-sends too, summed over the range, by the hour and weekday at the "
            "distance from UTC that is chosen above: the same in summer and in winter. Hours are counted whole, as "
            "they begin in UTC, some two minutes after their alerts came. "
            f"{_BY_ALL}",
            Sql(_HEATMAP),
            Kind.GRID,
            width=16,
            height=9,
        ),
    ],
)
