"""How fast people are, now and in the period before, and how much these figures cover."""

from dashboards.build.occurrences import FIGURES, counted, occurrences, samples
from dashboards.build.panels import Column, Kind, Panel, Row
from dashboards.build.queries import Sql
from dashboards.build.sql import IS_NOW, MEDIAN, percentile, ranked, share

_NAMES = "CASE figure WHEN 'mtta' THEN 'to acknowledge' WHEN 'mttr' THEN 'to recover' ELSE 'to close by hand' END"


def _side(is_now: int, suffix: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"MAX(CASE WHEN is_now = {is_now} THEN {name} END) AS `{name}{suffix}`" for name in names)


_COMPARED = f"""
WITH {occurrences(before=True)},
{samples(by={"is_now": IS_NOW}, before=True)},
{counted("opened", "ended", by={"is_now": IS_NOW}, before=True)},
{ranked("figure, is_now")},
told AS (
  SELECT figure, is_now, {MEDIAN} AS p50, {percentile(90)} AS p90, {percentile(99)} AS p99, MAX(total) AS n
  FROM ranked GROUP BY figure, is_now
),
whole AS (
  SELECT is_now, SUM(opened) AS opened, SUM(ended) AS ended FROM counted GROUP BY is_now
  HAVING SUM(opened) > 0 OR SUM(ended) > 0
),
figures AS ({" UNION ALL ".join(f"SELECT '{figure}' AS figure" for figure in FIGURES)}),
covered AS (
  SELECT figures.figure, whole.is_now, told.p50, told.p90, told.p99, COALESCE(told.n, 0) AS n,
    CASE WHEN figures.figure = 'mtta' THEN whole.opened ELSE whole.ended END AS of_all
  FROM whole CROSS JOIN figures
  LEFT JOIN told ON told.figure = figures.figure AND told.is_now = whole.is_now
),
sides AS (
  SELECT figure,
    {_side(1, "", ("p50", "p90", "p99", "n", "of_all"))},
    {_side(0, " before", ("p50", "p90", "n"))}, {_side(0, "_before", ("of_all",))}
  FROM covered GROUP BY figure
)
SELECT {_NAMES} AS time, `p50`, `p50 before`,
  (`p50` - `p50 before`) / NULLIF(`p50 before`, 0) AS `p50 change`, `p90`, `p90 before`, `p99`,
  COALESCE(`n`, 0) AS `n`, COALESCE(`n before`, 0) AS `n before`,
  {share("n", "of_all")} AS coverage, {share("`n before`", "of_all_before")} AS `coverage before`
FROM sides ORDER BY FIELD(figure, 'mtta', 'mttr', 'close')
"""


def _share(part: str, of: str, name: str) -> str:
    return f"""
WITH {occurrences()},
{counted(part, of)}
SELECT {share(f"SUM({part})", f"SUM({of})")} AS `{name}`, NULLIF(SUM({of}), 0) AS `of` FROM counted
"""


_BY = "By all variables but status."


def _share_panel(title: str, description: str, sql: str) -> Panel:
    """A quarter of the row: a share, and of how many."""
    return Panel(
        title,
        f"{description} {_BY}",
        Sql(sql),
        Kind.STAT,
        unit="percentunit",
        width=6,
        decimals=0,
        columns={"of": Column(unit="short")},
    )


PEOPLE = Row(
    "People",
    [
        Panel(
            "Times, now and before",
            "Of the time range, and of the period of the same length before it. To acknowledge (MTTA): alert received "
            "→ first acknowledging, assigning or resolving by a person. To recover (MTTR): earliest startsAt → latest "
            "endsAt of what recovered. To close by hand: earliest startsAt → closed. n: samples. Coverage: n of all "
            "that opened (acknowledge) or ended (recover, close); where it is low, the time speaks of few, and at 0 % "
            "of nothing. Fewer than five samples tell no time, and of fewer than five no coverage. p50 is the median, "
            f"the others nearest ranks; of days, within 2 %. {_BY}",
            Sql(_COMPARED),
            Kind.TABLE,
            unit="s",
            width=24,
            height=5,
            columns={
                "time": Column(width=150),
                "p50 change": Column(unit="percentunit", decimals=0, steps={None: "green", 0.1: "orange", 0.5: "red"}),
                "n": Column(unit="short"),
                "n before": Column(unit="short"),
                "coverage": Column(unit="percentunit", decimals=0),
                "coverage before": Column(unit="percentunit", decimals=0),
            },
        ),
        *(
            _share_panel(
                f"Acknowledged within {minutes} min",
                "Of the occurrences that opened, and of which it is known by now: those to which a person responded "
                f"within {minutes} minutes. Noise and what had an owner from its beginning are left out.",
                _share(f"acknowledged_in_{minutes}min", f"known_in_{minutes}min", f"within {minutes} min"),
            )
            for minutes in (5, 15)
        ),
        _share_panel(
            "Recovered before anybody came",
            "Of the occurrences that recovered: those to which nobody had responded, and that had no owner from their "
            "beginning. Many of them mean that the rule fires too early.",
            _share("recovered_untouched", "recovered", "untouched"),
        ),
        _share_panel(
            "Noise",
            "Of the occurrences that ended, merged ones left out: those that people, or rules, have marked as noise. "
            "Undoing a mark takes it back, however late.",
            _share("noise", "ended", "noise"),
        ),
    ],
)
