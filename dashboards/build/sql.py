"""Pieces of SQL that panels are made of: whose rows, which time, which values were chosen.

All of it runs on MySQL 8 and 9, and on MariaDB from 10.6 on. What Grafana has replaced by constants is decided before
anything is read: a part of a statement that is for other lengths of time, or for other choices, costs nothing.
"""

from dashboards.names import ALL

TENANT = "(SELECT id FROM tenants WHERE slug = ${tenant:sqlstring})"
PLACE = ("cluster", "namespace", "service", "phase")
WHERE = (*PLACE, "severity")
"""The variables by which figures are narrowed down. ``status`` is of what is open now, alone."""

SINCE, UNTIL = "$__timeFrom()", "$__timeTo()"
SECONDS = "($__unixEpochTo() - $__unixEpochFrom())"
"""How long the time range is."""

LIVE_SECONDS = 25 * 3600
"""Up to here, figures are of the range to the second; beyond, of whole days. An hour more than a day: its end moves."""
FINE = f"{SECONDS} <= {LIVE_SECONDS}"
COARSE = f"{SECONDS} > {LIVE_SECONDS}"

FIRST_DAY = f"TIMESTAMP(DATE({SINCE}))"
DAYS = f"(DATEDIFF({UNTIL} - INTERVAL 1 SECOND, {SINCE}) + 1)"
"""That the range touches, in UTC."""
FIRST_DAY_BEFORE = f"TIMESTAMP(DATE({SINCE}) - INTERVAL {DAYS} DAY)"
SINCE_BEFORE = f"({SINCE} - INTERVAL {SECONDS} SECOND)"
"""The period before is as long as the range, and ends where it begins."""


def chosen(alias: str, names: tuple[str, ...] = WHERE) -> str:
    """What was chosen of these variables, of the columns of the same names. All of one: no condition at all."""
    return "\n  AND ".join(
        f"({ALL} IN (${{{name}:sqlstring}}) OR {alias}.{name} IN (${{{name}:sqlstring}}))" for name in names
    )


EVERYWHERE = "(" + " AND ".join(f"{ALL} IN (${{{name}:sqlstring}})" for name in PLACE) + ")"
"""No place was chosen, so sums of all places do."""


def days(column: str, *, before: bool = False) -> str:
    """Of days that the range touches; ``before``: and of as many before them."""
    return f"{column} >= {FIRST_DAY_BEFORE if before else FIRST_DAY} AND {column} < {UNTIL}"


def times(column: str, *, before: bool = False) -> str:
    return f"{column} >= {SINCE_BEFORE if before else SINCE} AND {column} < {UNTIL}"


IS_NOW = f"CASE WHEN @at >= CASE WHEN {FINE} THEN {SINCE} ELSE {FIRST_DAY} END THEN 1 ELSE 0 END"
"""A key: whether it is of the range itself, 1, or of the period before, 0."""

STEP = f"(CASE WHEN {SECONDS} <= 10800 THEN 300 WHEN {FINE} THEN 1800 ELSE 86400 END)"
"""Seconds of one point in time of figures."""


LATENCY_STEP = (
    f"(CASE WHEN {SECONDS} <= 10800 THEN 1800 WHEN {FINE} THEN 14400 WHEN {SECONDS} <= 5356800 THEN 86400"
    " ELSE 604800 END)"
)
"""The same of percentiles, which want some samples in each."""


def point(column: str, step: str = STEP) -> str:
    """When the point begins that it falls into, in seconds since 1970."""
    return f"(UNIX_TIMESTAMP({column}) DIV {step} * {step})"


def per_minute(count: str, time: str, step: str, *, whole: str) -> str:
    """Of one point. The first and the last one are cut by the range; the first is not where ``whole`` is true."""
    begin = f"GREATEST({time}, CASE WHEN {whole} THEN 0 ELSE $__unixEpochFrom() END)"
    return f"60 * {count} / GREATEST(60, LEAST({time} + {step}, $__unixEpochTo()) - {begin})"


def seconds(since: str, until: str) -> str:
    return f"TIMESTAMPDIFF(MICROSECOND, {since}, {until}) / 1000000"


def percentile(part: int, where: str = "1 = 1") -> str:
    """The nearest rank's, of a group of ``ranked``, or of those of its rows; NULL below five samples."""
    least = f"MIN(CASE WHEN {where} AND upto * 100 >= total * {part} THEN seconds END)"
    return f"CASE WHEN MAX(CASE WHEN {where} THEN total END) >= 5 THEN {least} END"


MEDIAN = (
    "CASE WHEN MAX(total) >= 5 THEN (MIN(CASE WHEN upto * 2 >= total THEN seconds END)"
    " + MIN(CASE WHEN upto * 2 > total THEN seconds END)) / 2 END"
)


def named(column: str, name: str) -> str:
    """A column of names, of which the empty one is told."""
    return f"CASE WHEN {column} = '' THEN '(none)' ELSE {column} END AS {name}"


def share(part: str, of: str) -> str:
    """Of sums or columns; NULL of fewer than five, which are told as numbers, not as a share."""
    return f"CASE WHEN {of} >= 5 THEN {part} / {of} END"


def ranked(by: str) -> str:
    """The CTE ``ranked``: of each group of ``samples``, how many took as long or less, of how many."""
    return f"""ranked AS (
  SELECT {by}, seconds,
    SUM(n) OVER (PARTITION BY {by} ORDER BY seconds ROWS UNBOUNDED PRECEDING) AS upto,
    SUM(n) OVER (PARTITION BY {by}) AS total
  FROM samples
)"""
