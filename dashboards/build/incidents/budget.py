"""The error budget, honest about knowing only alerts.

Burn rates and their limits: https://sre.google/workbook/alerting-on-slos/
"""

from dashboards.build.panels import Choice, Column, Kind, Panel, Pick, Row
from dashboards.build.queries import Sql
from dashboards.build.sql import TENANT, UNTIL, WHERE, chosen, seconds

_NONE = "(none)"
_PLACE = tuple(name for name in WHERE if name != "severity")
_SPOT = r"LEFT(SHA2(CONCAT(i.cluster, '\n', i.service), 256), 32)"
"""To sort by names of 255 characters takes longer than all else. (MySQL has no MD5 any more.)"""
_SLI = "i.rule_uid IN (${sli:sqlstring})"
_UNPROVEN = (
    "'noise', 'merged', 'stale', 'no_data', 'source_error', 'series_missing', 'paused', 'rule_deleted', 'rule_changed'"
)
_WINDOW = "${window_days:raw} * 86400"
_PERIODS = f"""(
    SELECT 'budget' AS period, {_WINDOW} AS length UNION ALL SELECT '3d', 259200 UNION ALL SELECT '6h', 21600
    UNION ALL SELECT '1h', 3600
  )"""
_MAINTAINED = """EXISTS (
      SELECT 1 FROM incident_events AS v WHERE v.incident_id = e.incident_id AND v.episode = e.number
        AND v.kind = 'maintenance_began'
    )"""
_FIRED = f"""fired AS (
  SELECT ROW_NUMBER() OVER (ORDER BY e.started_at, e.id) AS place, {_SPOT} AS spot, e.started_at AS began,
    LEAST({UNTIL}, COALESCE(e.recovered_at, e.resolved_at, UTC_TIMESTAMP(6))) AS ended,
    CASE WHEN i.blind_since IS NOT NULL AND e.resolved_at IS NULL OR {_MAINTAINED}
      OR CASE WHEN e.number = i.episode THEN i.resolution ELSE e.resolution END IN ({_UNPROVEN})
      THEN 1 ELSE 0 END AS is_unknown
  FROM incidents AS i JOIN incident_episodes AS e ON e.incident_id = i.id
  WHERE i.tenant_id = {TENANT} AND {_SLI} AND i.kind <> 'test' AND {chosen("i", _PLACE)}
    AND (i.resolved_time IS NULL OR i.resolved_time >= {UNTIL} - INTERVAL GREATEST({_WINDOW}, 259200) SECOND)
)"""


def _before(ended: str) -> str:
    """Until when those had lasted that began before this one."""
    of_spot = "PARTITION BY spot, period ORDER BY began, place"
    return f"MAX({ended}) OVER ({of_spot} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"


def _beyond(reached: str) -> str:
    """The seconds of this one that none of those covers."""
    return f"GREATEST(0, {seconds(f'GREATEST(began, COALESCE({reached}, began))', 'ended')})"


_CLIPPED = f"""clipped AS (
  SELECT f.spot, f.place, f.is_unknown, p.period, f.ended,
    GREATEST(f.began, {UNTIL} - INTERVAL p.length SECOND) AS began
  FROM fired AS f JOIN {_PERIODS} AS p ON f.ended > {UNTIL} - INTERVAL p.length SECOND
  WHERE f.began < f.ended
),
reached AS (
  SELECT spot, period, is_unknown, began, ended, {_before("ended")} AS fired_until,
    {_before("CASE WHEN is_unknown = 0 THEN ended END")} AS bad_until
  FROM clipped
),
summed AS (
  SELECT spot, period, SUM({_beyond("fired_until")}) AS fired,
    SUM(CASE WHEN is_unknown = 0 THEN {_beyond("bad_until")} ELSE 0 END) AS bad
  FROM reached GROUP BY spot, period
)"""
_PLACES = f"""of_rules AS (
  SELECT DISTINCT i.cluster, i.service, {_SPOT} AS spot FROM incidents AS i
  WHERE i.tenant_id = {TENANT} AND {_SLI} AND i.kind <> 'test' AND {chosen("i", _PLACE)}
)"""


def _burn(period: str) -> str:
    return f"MAX(CASE WHEN period = '{period}' THEN burn END) AS `burn {period}`"


_SHARES = f"""timed AS (
  SELECT o.cluster, o.service, p.period, p.length, COALESCE(s.bad, 0) AS bad,
    COALESCE(s.fired, 0) - COALESCE(s.bad, 0) AS unknown
  FROM of_rules AS o CROSS JOIN {_PERIODS} AS p
  LEFT JOIN summed AS s ON s.spot = o.spot AND s.period = p.period
),
shares AS (
  SELECT timed.*, bad / NULLIF(length - unknown, 0) / (1 - ${{target:raw}} / 100) AS burn FROM timed
)"""
_ALL_OF_IT = f"WITH {_FIRED},\n{_CLIPPED},\n{_PLACES},\n{_SHARES}"
_TABLE = f"""
{_ALL_OF_IT}
SELECT service, cluster,
  1 - MAX(CASE WHEN period = 'budget' THEN burn END) AS `budget left`,
  MAX(CASE WHEN period = 'budget' THEN bad END) AS bad,
  MAX(CASE WHEN period = 'budget' THEN (length - unknown) * (1 - ${{target:raw}} / 100) END) AS allowed,
  MAX(CASE WHEN period = 'budget' THEN unknown END) AS unknown,
  {_burn("1h")}, {_burn("6h")}, {_burn("3d")}
FROM shares GROUP BY service, cluster ORDER BY 3, service, cluster
"""


def _worst(columns: str) -> str:
    return f"{_ALL_OF_IT}\nSELECT {columns} FROM shares"


_LEFT = "1 - MAX(CASE WHEN period = 'budget' THEN burn END) AS `budget left`"
_DEFINED = (
    "Alert-derived: bad is the union of the times in which rules fired that are chosen as SLI, per cluster and "
    "service, "
    "from the earliest startsAt of each episode to its latest endsAt. Unknown, never good, and left out of the whole: "
    "episodes that ended as noise, merged, stale, without data or by a change of the rule, those that are blind, and "
    "those that stood in maintenance. Bongsu's own downtime is not known here. Burn = bad share ÷ (1 − target). The "
    "window ends where the time range ends. No rule chosen: not defined, never 100 %. By cluster, namespace, service, "
    "phase."
)
_NOT_DEFINED = "not defined: choose SLI rules"

BUDGET_VARIABLES = (
    Choice(
        "sli",
        "SLI rules",
        f"""SELECT '{_NONE}' AS __text, '{_NONE}' AS __value
UNION ALL
SELECT * FROM (
  SELECT MAX(r.rule_name) AS __text, REPLACE(r.rule_uid, '\\\\', '\\\\\\\\') AS __value FROM daily_rules AS r
  WHERE r.tenant_id = {TENANT} AND r.grouped_by = 'all' AND r.rule_uid NOT IN ('', '(other)')
    AND r.day >= {UNTIL} - INTERVAL 31 DAY AND r.day < {UNTIL}
  GROUP BY r.rule_uid ORDER BY 1, 2
) AS rules""",
        default=_NONE,
    ),
    Pick("target", "Target %", ("99", "99.5", "99.9", "99.95", "99.99"), "99.9", "Of the error budget."),
    Pick("window_days", "Window (days)", ("7", "14", "28", "30", "90"), "28", "Of the error budget."),
)

_LIMITS: dict[float | None, str] = {None: "green", 1: "yellow", 6: "orange", 14.4: "red"}
BUDGET = Row(
    "Error budget",
    [
        Panel(
            "Budget left, the worst",
            f"Of the cluster and service that has the least left: 1 − burn over the window. {_DEFINED}",
            Sql(_worst(_LEFT)),
            Kind.STAT,
            unit="percentunit",
            width=6,
            height=5,
            decimals=1,
            steps={None: "red", 0.1: "orange", 0.25: "green"},
            no_value=_NOT_DEFINED,
        ),
        Panel(
            "Burn rate, the worst",
            "Fast: over 1 and 6 hours; from 14.4 and from 6 on somebody should be paged. Slow: over 3 days; "
            "from 1 on it "
            f"wants a ticket, for the budget will not last. {_DEFINED}",
            Sql(_worst(f"{_burn('1h')}, {_burn('6h')}, {_burn('3d')}")),
            Kind.STAT,
            width=6,
            height=5,
            decimals=1,
            steps=_LIMITS,
            no_value=_NOT_DEFINED,
        ),
        Panel(
            "Error budget by service",
            f"Bad, allowed and unknown are of the whole window. {_DEFINED}",
            Sql(_TABLE),
            Kind.TABLE,
            unit="s",
            width=12,
            height=5,
            columns={
                "budget left": Column(
                    unit="percentunit", decimals=1, steps={None: "red", 0.1: "orange", 0.25: "green"}
                ),
                "burn 1h": Column(unit="short", decimals=1, steps=_LIMITS),
                "burn 6h": Column(unit="short", decimals=1, steps=_LIMITS),
                "burn 3d": Column(unit="short", decimals=1, steps=_LIMITS),
            },
            no_value=_NOT_DEFINED,
        ),
    ],
)
