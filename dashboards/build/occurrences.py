"""Occurrences and their times in SQL, by the definitions of docs/explanation/figures.md.

Of a range of a day at most, they are made from the episodes as they are; of longer ones from what a job has counted by
day. The columns are the same, so that panels need not know.
"""

from dashboards.build.sql import (
    COARSE,
    EVERYWHERE,
    FINE,
    SINCE,
    SINCE_BEFORE,
    TENANT,
    UNTIL,
    WHERE,
    chosen,
    days,
    seconds,
    times,
)

_OF_IT = ", ".join(WHERE)
_NOT_NOISE = "(outcome IS NULL OR outcome NOT IN ('noise', 'merged'))"
_NOT_MERGED = "(outcome IS NULL OR outcome <> 'merged')"
FIGURES = ("mtta", "mttr", "close")


def occurrences(*, before: bool = False) -> str:
    """The CTE ``occurrences``, of short ranges alone: episodes that follow each other within the reopen window are one.

    ``before``: of the period before, too.
    """
    since = SINCE_BEFORE if before else SINCE
    of_incident = "PARTITION BY e.incident_id ORDER BY e.number"
    return f"""touched AS (
  SELECT incident_id FROM incident_episodes
  WHERE {FINE} AND tenant_id = {TENANT} AND opened_at >= {since} AND opened_at < {UNTIL}
  UNION
  SELECT incident_id FROM incident_episodes
  WHERE {FINE} AND tenant_id = {TENANT} AND resolved_at >= {since} AND resolved_at < {UNTIL}
),
episodes AS (
  SELECT e.incident_id, e.number, e.opened_at, e.started_at, e.resolved_at, e.recovered_at, e.inherited,
    CASE WHEN e.number = i.episode THEN i.resolution ELSE e.resolution END AS resolution,
    CASE WHEN e.resolved_at IS NULL OR e.responded_at <= e.resolved_at THEN e.responded_at END AS responded_at,
    CASE WHEN e.opened_reason IN ('marked_real', 'unmerged')
      OR e.opened_at <= LAG(e.resolved_at) OVER ({of_incident}) + INTERVAL ${{reopen_minutes:raw}} MINUTE
      THEN 0 ELSE 1 END AS begins,
    i.source, i.cluster, i.namespace, i.service, i.phase, i.severity
  FROM touched AS t
  JOIN incident_episodes AS e ON e.incident_id = t.incident_id
  JOIN incidents AS i ON i.id = t.incident_id
  WHERE {FINE} AND i.kind <> 'test' AND {chosen("i")}
),
chained AS (
  SELECT episodes.*, SUM(begins) OVER (PARTITION BY incident_id ORDER BY number) AS chain,
    COALESCE(LEAD(begins) OVER (PARTITION BY incident_id ORDER BY number), 1) AS is_last
  FROM episodes
),
occurrences AS (
  SELECT incident_id, chain, MIN(opened_at) AS opened_at, MIN(started_at) AS started_at,
    MIN(responded_at) AS responded_at, MAX(recovered_at) AS recovered_at,
    MAX(CASE WHEN is_last = 1 THEN resolved_at END) AS ended_at,
    MAX(CASE WHEN is_last = 1 THEN resolution END) AS outcome,
    MAX(CASE WHEN begins = 1 THEN inherited END) AS inherited,
    MAX(source) AS source, {", ".join(f"MAX({name}) AS {name}" for name in WHERE)}
  FROM chained GROUP BY incident_id, chain
)"""


def samples(*figures: str, before: bool = False) -> str:
    """The CTE ``samples``: ``figure``, ``at``, ``seconds``, ``n``, and where; after ``occurrences``."""
    wanted = figures or FIGURES
    live = [_LIVE[figure](before) for figure in wanted]
    told = f"figure IN ({', '.join(repr(figure) for figure in wanted)}) AND {days('day', before=before)}"
    kept = f"SELECT figure, day, seconds, n, {_OF_IT} FROM daily_times AS d\n  WHERE {COARSE} AND tenant_id = {TENANT}"
    everywhere = f"{kept} AND grouped_by = 'severity' AND {told}\n  AND {EVERYWHERE} AND {chosen('d', ('severity',))}"
    somewhere = f"{kept} AND grouped_by = 'place' AND {told}\n  AND NOT {EVERYWHERE} AND {chosen('d')}"
    return _union("samples", [*live, everywhere, somewhere])


def samples_by_service(*figures: str) -> str:
    """The same, of services that the table ``top`` names."""
    wanted = figures or FIGURES
    live = [_LIVE[figure](False) for figure in wanted]
    told = f"d.figure IN ({', '.join(repr(figure) for figure in wanted)}) AND {days('d.day')}"
    of_it = ", ".join(f"d.{name}" for name in WHERE)
    kept = f"""SELECT d.figure, d.day, d.seconds, d.n, {of_it} FROM top
  JOIN daily_times AS d ON d.service = top.service
  WHERE {COARSE} AND d.tenant_id = {TENANT} AND d.grouped_by = 'place' AND {told} AND {chosen("d")}"""
    return _union("samples", [*live, kept])


def _mtta(before: bool) -> str:
    took = f"GREATEST(0, {seconds('opened_at', 'responded_at')})"
    return f"""SELECT 'mtta' AS figure, opened_at AS at, {took} AS seconds, 1 AS n, {_OF_IT}
  FROM occurrences
  WHERE {times("opened_at", before=before)} AND responded_at IS NOT NULL AND inherited = 0 AND {_NOT_NOISE}"""


def _mttr(before: bool) -> str:
    took = seconds("started_at", "recovered_at")
    return f"""SELECT 'mttr' AS figure, ended_at AS at, {took} AS seconds, 1 AS n, {_OF_IT}
  FROM occurrences
  WHERE {times("ended_at", before=before)} AND outcome = 'recovered' AND source <> 'slack'
    AND recovered_at >= started_at"""


def _close(before: bool) -> str:
    took = f"GREATEST(0, {seconds('started_at', 'ended_at')})"
    return f"""SELECT 'close' AS figure, ended_at AS at, {took} AS seconds, 1 AS n, {_OF_IT}
  FROM occurrences
  WHERE {times("ended_at", before=before)} AND outcome = 'manual'"""


_LIVE = {"mtta": _mtta, "mttr": _mttr, "close": _close}

COUNTS = (
    "alerts", "opened", "ended", "mtta_n", "mttr_n", "close_n", "acknowledged_in_5min", "known_in_5min",
    "acknowledged_in_15min", "known_in_15min", "recovered", "recovered_untouched", "noise", "merged", "stale",
    "unproven",
)  # fmt: skip
_UNPROVEN = ("no_data", "source_error", "series_missing", "paused", "rule_deleted", "rule_changed")


def counted(*, by_place: bool = False, before: bool = False) -> str:
    """The CTE ``counted``: ``at``, the figures that are counts, and where; after ``occurrences``.

    Alerts are those of long ranges alone. ``by_place``: places are told apart, not severities alone.
    """
    opening = _live_counts("opened_at", _OPENING, before)
    ending = _live_counts("ended_at", _ENDING, before)
    whole = f"{COARSE} AND tenant_id = {TENANT} AND {days('day', before=before)}"
    of_all = ", ".join("'' AS " + name if name != "severity" else "severity" for name in WHERE)
    everywhere = f"""SELECT day, {_kept_counts()}, {of_all} FROM daily_figures AS d
  WHERE {whole} AND grouped_by = 'severity' AND {EVERYWHERE} AND {chosen("d", ("severity",))}"""
    somewhere = f"""SELECT day, {_kept_counts()}, {_OF_IT} FROM daily_places AS d
  WHERE {whole} {"" if by_place else f"AND NOT {EVERYWHERE} "}AND {chosen("d")}"""
    return _union("counted", [opening, ending, *([] if by_place else [everywhere]), somewhere])


def _kept_counts() -> str:
    return ", ".join(f"({' + '.join(_UNPROVEN)}) AS unproven" if name == "unproven" else name for name in COUNTS)


def _live_counts(time: str, counts: dict[str, str], before: bool) -> str:
    told = ", ".join(f"{counts[name]} AS {name}" if name in counts else f"0 AS {name}" for name in COUNTS)
    return f"SELECT {time} AS at, {told}, {_OF_IT} FROM occurrences WHERE {times(time, before=before)}"


def _is(condition: str) -> str:
    return f"(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def _quick(minutes: int) -> dict[str, str]:
    awaited = f"inherited = 0 AND {_NOT_NOISE}"
    limit = f"opened_at + INTERVAL {minutes} MINUTE"
    known = f"(responded_at IS NOT NULL OR ended_at IS NOT NULL OR {limit} < UTC_TIMESTAMP(6))"
    return {
        f"acknowledged_in_{minutes}min": _is(f"{awaited} AND responded_at <= {limit}"),
        f"known_in_{minutes}min": _is(f"{awaited} AND {known}"),
    }


_OPENING = {
    "opened": _is(_NOT_MERGED),
    "mtta_n": _is(f"responded_at IS NOT NULL AND inherited = 0 AND {_NOT_NOISE}"),
    **_quick(5),
    **_quick(15),
}
_ENDING = {
    "ended": _is(_NOT_MERGED),
    "mttr_n": _is("outcome = 'recovered' AND source <> 'slack' AND recovered_at >= started_at"),
    "close_n": _is("outcome = 'manual'"),
    "recovered": _is("outcome = 'recovered'"),
    "recovered_untouched": _is("outcome = 'recovered' AND responded_at IS NULL AND inherited = 0"),
    "noise": _is("outcome = 'noise'"),
    "merged": _is("outcome = 'merged'"),
    "stale": _is("outcome = 'stale'"),
    "unproven": _is(f"outcome IN ({', '.join(repr(one) for one in _UNPROVEN)})"),
}


def _union(name: str, parts: list[str]) -> str:
    return f"{name} AS (\n  " + "\n  UNION ALL\n  ".join(parts) + "\n)"
