"""Occurrences and their times in SQL, by the definitions of docs/explanation/figures.md.

Of a range of a day at most, they are made from the episodes as they are; of longer ones from what a job has counted by
day. The columns are the same, so that panels need not know.

MariaDB makes a CTE anew for each place that names it, and rows of names are wide: so each is named once where it can
be, and all is summed before it is put together.
"""

from collections.abc import Mapping, Sequence

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


def samples(*figures: str, by: Mapping[str, str], before: bool = False) -> str:
    """The CTE ``samples``: ``figure``, the keys ``by``, ``seconds`` and ``n``; after ``occurrences``.

    A key is SQL by its name; in it ``@at`` is the time of the sample. Of a figure and key each time stands there once.
    """
    wanted = figures or FIGURES
    whole = f"{COARSE} AND tenant_id = {TENANT} AND {_is_one_of('figure', wanted)} AND {days('day', before=before)}"
    everywhere = f"grouped_by = 'severity' AND {EVERYWHERE} AND {chosen('d', ('severity',))}"
    somewhere = f"grouped_by = 'place' AND NOT {EVERYWHERE} AND {chosen('d')}"
    kept = [
        f"SELECT figure, {_keys(by, 'day')}, seconds, SUM(n) AS n FROM daily_times AS d\n"
        f"  WHERE {whole}\n  AND {of_place}\n  GROUP BY figure, {', '.join(by)}, seconds"
        for of_place in (everywhere, somewhere)
    ]
    return _union("samples", [_live_samples(wanted, by, before), *kept])


def live_times(figures: Sequence[str], before: bool = False) -> str:
    """A table of the samples of short ranges: ``figure``, ``at``, ``seconds``, and all of their occurrence."""
    told = " UNION ALL ".join(f"SELECT '{figure}' AS figure" for figure in figures)
    return f"""(
    SELECT o.*, figure, CASE figure WHEN 'mtta' THEN opened_at ELSE ended_at END AS at,
      CASE figure WHEN 'mtta' THEN GREATEST(0, {seconds("opened_at", "responded_at")})
        WHEN 'mttr' THEN {seconds("started_at", "recovered_at")}
        ELSE GREATEST(0, {seconds("started_at", "ended_at")}) END AS seconds
    FROM occurrences AS o CROSS JOIN ({told}) AS figures
    WHERE CASE figure WHEN 'mtta' THEN {_RESPONDED} AND {times("opened_at", before=before)}
      WHEN 'mttr' THEN {_RECOVERED} AND {times("ended_at", before=before)}
      ELSE outcome = 'manual' AND {times("ended_at", before=before)} END
  )"""


def _live_samples(figures: Sequence[str], by: Mapping[str, str], before: bool) -> str:
    return (
        f"SELECT figure, {_keys(by, 'at')}, seconds, COUNT(*) AS n FROM {live_times(figures, before)} AS live\n"
        f"  GROUP BY figure, {', '.join(by)}, seconds"
    )


def counted(*columns: str, by: Mapping[str, str] | None = None, by_place: bool = False, before: bool = False) -> str:
    """The CTE ``counted``: the keys ``by``, and sums of these columns of ``COUNTS``; after ``occurrences``.

    Keys are as of ``samples``. ``by_place``: one of them is a part of the place other than its severity. The same key
    may stand there more than once.
    """
    keys = by or {}
    grouped = f"\n  GROUP BY {', '.join(str(n + 1) for n in range(len(keys)))}" if keys else ""
    whole = f"{COARSE} AND tenant_id = {TENANT} AND {days('day', before=before)}"
    told = [_keys(keys, "day"), *(f"SUM({_kept(name)}) AS {name}" for name in columns)]
    kept = f"SELECT {', '.join(one for one in told if one)} FROM"
    everywhere = f"""{kept} daily_figures AS d
  WHERE {whole} AND grouped_by = 'severity' AND {EVERYWHERE} AND {chosen("d", ("severity",))}{grouped}"""
    somewhere = f"""{kept} daily_places AS d
  WHERE {whole} {"" if by_place else f"AND NOT {EVERYWHERE} "}AND {chosen("d")}{grouped}"""
    live = _live_counts(columns, keys, before) + grouped
    return _union("counted", [live, *([] if by_place else [everywhere]), somewhere])


def _live_counts(columns: Sequence[str], by: Mapping[str, str], before: bool) -> str:
    told = [_keys(by, "at"), *(f"SUM({_LIVE[name]}) AS {name}" for name in columns)]
    return f"""SELECT {", ".join(one for one in told if one)} FROM (
    SELECT o.*, side, CASE side WHEN 'opening' THEN opened_at ELSE ended_at END AS at
    FROM occurrences AS o CROSS JOIN (SELECT 'opening' AS side UNION ALL SELECT 'ending') AS sides
  ) AS live
  WHERE {times("at", before=before)}"""


def _keys(by: Mapping[str, str], at: str) -> str:
    return ", ".join(f"{sql.replace('@at', at)} AS {name}" for name, sql in by.items())


def _kept(name: str) -> str:
    return " + ".join(_UNPROVEN) if name == "unproven" else name


def _is_one_of(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _is(side: str, condition: str) -> str:
    return f"CASE WHEN side = '{side}' AND {condition} THEN 1 ELSE 0 END"


_UNPROVEN = ("no_data", "source_error", "series_missing", "paused", "rule_deleted", "rule_changed")
_NOT_MERGED = "(outcome IS NULL OR outcome <> 'merged')"
_AWAITED = "inherited = 0 AND (outcome IS NULL OR outcome NOT IN ('noise', 'merged'))"
_RESPONDED = f"responded_at IS NOT NULL AND {_AWAITED}"
_RECOVERED = "outcome = 'recovered' AND source <> 'slack' AND recovered_at >= started_at"
"""What people have declared in Slack is measured by nothing."""


def _quick(minutes: int) -> dict[str, str]:
    limit = f"opened_at + INTERVAL {minutes} MINUTE"
    known = f"(responded_at IS NOT NULL OR ended_at IS NOT NULL OR {limit} < UTC_TIMESTAMP(6))"
    return {
        f"acknowledged_in_{minutes}min": _is("opening", f"{_AWAITED} AND responded_at <= {limit}"),
        f"known_in_{minutes}min": _is("opening", f"{_AWAITED} AND {known}"),
    }


_LIVE = {
    "opened": _is("opening", _NOT_MERGED),
    "mtta_n": _is("opening", _RESPONDED),
    **_quick(5),
    **_quick(15),
    "ended": _is("ending", _NOT_MERGED),
    "mttr_n": _is("ending", _RECOVERED),
    "close_n": _is("ending", "outcome = 'manual'"),
    "recovered": _is("ending", "outcome = 'recovered'"),
    "recovered_untouched": _is("ending", "outcome = 'recovered' AND responded_at IS NULL AND inherited = 0"),
    "noise": _is("ending", "outcome = 'noise'"),
    "merged": _is("ending", "outcome = 'merged'"),
    "stale": _is("ending", "outcome = 'stale'"),
    "unproven": _is("ending", _is_one_of("outcome", _UNPROVEN)),
}
COUNTS = tuple(_LIVE)


def _union(name: str, parts: Sequence[str]) -> str:
    return f"{name} AS (\n  " + "\n  UNION ALL\n  ".join(parts) + "\n)"
