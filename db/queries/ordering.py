"""In which order people see incidents, and whose each is, as SQL."""

from sqlalchemy import Case, ColumnElement, case, func

from db.tables import incidents
from incidents.model import Severity, Status


def gravest_first(severity: ColumnElement[str]) -> Case[int]:
    """Orders by such a column; a lower number is graver."""
    return case({one.value: -one.rank for one in Severity}, value=severity)


GRAVEST_FIRST = gravest_first(incidents.c.severity)
ACTIVE_FIRST = case((incidents.c.status == Status.ACTIVE.value, 0), else_=1)
owner_column: ColumnElement[str | None] = func.coalesce(incidents.c.assignee, incidents.c.acknowledged_by)
"""As ``Incident.owner`` says."""
