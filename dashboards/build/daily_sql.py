"""Pieces of SQL over the tables of days: whose rows, of which days and places, and shares of few told as nothing."""

from dashboards.build.sql import named
from dashboards.names import TENANT

FEWEST = 5
"""A share of fewer is not told: see docs/explanation/figures.md."""
OTHER = "(other)"
"""Where the rarest places and rules of a day are counted together."""

OF_TENANT = f"tenant_id = (SELECT id FROM tenants WHERE slug = ${{{TENANT}:sqlstring}})"
DAYS = "day > $__timeFrom() - INTERVAL 1 DAY AND day < $__timeTo()"
"""Whole days (UTC), the first and the last one too."""
_PARTS = ("service", "cluster", "severity")


def everything(name: str) -> str:
    """Whether All is chosen of that variable."""
    return f"'(all)' IN (${{{name}:sqlstring}})"


def chosen(name: str, column: str = "") -> str:
    """Whether the column, of the variable's name unless told otherwise, is among what is chosen."""
    return f"({everything(name)} OR {column or name} IN (${{{name}:sqlstring}}))"


_LEVEL = f"IF({' AND '.join(everything(part) for part in _PARTS)}, 'all', '{','.join(_PARTS)}')"
COUNTED = f"{OF_TENANT} AND grouped_by = {_LEVEL} AND {DAYS} AND {' AND '.join(chosen(part) for part in _PARTS)}"
"""Rows of ``daily_figures`` or ``daily_rules``, each thing once: one row a day where no place is chosen."""
OF_PLACE = " AND ".join(chosen(part) for part in _PARTS)
"""Of a table with these columns."""


def share(some: str, all_: str) -> str:
    """Of sums; NULL of fewer than FEWEST."""
    return f"CASE WHEN SUM({all_}) >= {FEWEST} THEN SUM({some}) / SUM({all_}) END"


def options(column: str, grouped_by: str, *more: str) -> str:
    """A variable's: names that days in the range have.

    Grafana doubles quotes in a value and leaves backslashes alone, which to MySQL begin an escape: these come doubled.
    """
    conditions = " AND ".join([OF_TENANT, f"grouped_by = '{grouped_by}'", DAYS, *more])
    value = rf"REPLACE({column}, '\\', '\\\\') AS __value"
    return f"SELECT DISTINCT {named(column, '__text')}, {value} FROM daily_figures WHERE {conditions} ORDER BY 1"
