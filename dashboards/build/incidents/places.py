"""Where it happens: services, clusters, hours."""

from dashboards.build.incidents.colours import BY_SEVERITY
from dashboards.build.occurrences import counted, occurrences, samples_by_service
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
    chosen,
    days,
    percentile,
    point,
    ranked,
)

SEVERITIES = ("critical", "error", "warning", "info", "unknown")
_TOP = 15
_TREND = 8
_RAW = f"{SECONDS} <= 10800"
_HOURS = f"hour >= TIMESTAMP(DATE_FORMAT({SINCE}, '%Y-%m-%d %H:00:00')) AND hour <= {UNTIL}"


def _split(column: str) -> str:
    """A column for each severity."""
    return ", ".join(f"SUM(CASE WHEN severity = '{name}' THEN {column} ELSE 0 END) AS `{name}`" for name in SEVERITIES)


def _by(column: str, name: str) -> str:
    return f"CASE WHEN {column} = '' THEN '(none)' ELSE {column} END AS {name}"


_ALERTS = f"""
WITH came AS (
  SELECT service, severity, 1 AS n FROM alerts AS a
  WHERE {_RAW} AND tenant_id = {TENANT} AND $__timeFilter(received_at) AND {chosen("a")}
  UNION ALL
  SELECT service, severity, alerts FROM alert_rollups AS r
  WHERE NOT {_RAW} AND {FINE} AND tenant_id = {TENANT} AND {_HOURS} AND {chosen("r")}
  UNION ALL
  SELECT service, severity, alerts FROM daily_places AS d
  WHERE {COARSE} AND tenant_id = {TENANT} AND {days("day")} AND {chosen("d")}
)
SELECT {_by("service", "service")}, {_split("n")}
FROM came GROUP BY came.service HAVING SUM(n) > 0 ORDER BY SUM(n) DESC, came.service LIMIT {_TOP}
"""


def _incidents_by(part: str) -> str:
    return f"""
WITH {occurrences()},
{counted(by_place=True)}
SELECT {_by(part, part)}, {_split("opened")}
FROM counted GROUP BY counted.{part} HAVING SUM(opened) > 0 ORDER BY SUM(opened) DESC, counted.{part} LIMIT {_TOP}
"""


def _top_services(most: int) -> str:
    return f"""top AS (
  SELECT service, SUM(opened) AS opened, SUM(ended) AS ended, SUM(noise) AS noise,
    SUM(recovered_untouched) AS untouched, SUM(recovered) AS recovered, SUM(mttr_n) AS mttr_n
  FROM counted GROUP BY service HAVING SUM(opened) > 0 OR SUM(ended) > 0
  ORDER BY SUM(opened) DESC, service LIMIT {most}
)"""


_TABLE = f"""
WITH {occurrences()},
{counted(by_place=True)},
{_top_services(_TOP)},
{samples_by_service("mtta", "mttr")},
{ranked("samples", "figure, service")},
told AS (
  SELECT figure, service, {percentile(50)} AS p50, {percentile(90)} AS p90, {percentile(99)} AS p99
  FROM ranked GROUP BY figure, service
)
SELECT {_by("top.service", "service")}, top.opened,
  mtta.p50 AS `ack p50`, mtta.p90 AS `ack p90`, mtta.p99 AS `ack p99`,
  mttr.p50 AS `recover p50`, mttr.p90 AS `recover p90`, mttr.p99 AS `recover p99`,
  top.mttr_n / NULLIF(top.ended, 0) AS `coverage`, top.noise / NULLIF(top.ended, 0) AS `noise`,
  top.untouched / NULLIF(top.recovered, 0) AS `untouched`
FROM top
LEFT JOIN told AS mtta ON mtta.service = top.service AND mtta.figure = 'mtta'
LEFT JOIN told AS mttr ON mttr.service = top.service AND mttr.figure = 'mttr'
ORDER BY top.opened DESC, top.service
"""
_TRENDS = f"""
WITH {occurrences()},
{counted(by_place=True)},
{_top_services(_TREND)}
SELECT {point("counted.at")} AS time, {_by("counted.service", "metric")}, SUM(counted.opened) AS opened
FROM counted JOIN top ON top.service = counted.service
GROUP BY 1, counted.service ORDER BY time, metric
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
hours AS (SELECT CONVERT_TZ(hour, '+00:00', ${{utc_offset:sqlstring}}) AS hour, SUM(n) AS n FROM came GROUP BY 1),
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
            Sql(_incidents_by("service")),
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
            "recover: MTTR; "
            "both hidden below five samples. Coverage: of those that ended, which give MTTR a sample. Noise: "
            "of those that "
            f"ended, marked as noise. Untouched: of those that recovered, to which nobody had responded. {_BY_ALL}",
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
            Kind.LINES,
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
            Sql(_incidents_by("cluster")),
            Kind.RANKED,
            width=8,
            height=9,
            columns=BY_SEVERITY,
        ),
        Panel(
            "Alerts by hour and weekday",
            "All alerts that were received, re-sends too, summed over the range, by the hour and weekday in "
            "the zone that "
            f"is chosen above. Hours are counted whole, some two minutes after their alerts came. {_BY_ALL}",
            Sql(_HEATMAP),
            Kind.GRID,
            width=16,
            height=9,
        ),
    ],
)
