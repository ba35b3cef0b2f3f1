"""Is anybody to be called about an incident as it stands?"""

from enum import StrEnum
from typing import Any

from incidents.model import AlertKind, Incident, Status
from incidents.reasons import Reason


class Wanted(StrEnum):
    """What its escalation is to do."""

    PAGES = "pages"
    """Nobody has it: somebody must be found."""
    OWNER = "owner"
    """Somebody has it: they must not forget it."""
    QUIET = "quiet"
    """Nobody is to be disturbed."""


def escalates(incident: Incident) -> tuple[Wanted, Reason]:
    """What is wanted, and why. Of those that hold it back, the most lasting is named."""
    if not incident.is_open:
        return Wanted.QUIET, Reason.ESCALATION_OVER
    if incident.kind is AlertKind.TEST:
        return Wanted.QUIET, Reason.ESCALATION_OVER
    if incident.is_snoozed:
        return Wanted.QUIET, Reason.ESCALATION_SNOOZED
    if incident.maintenance_id is not None:
        return Wanted.QUIET, Reason.ESCALATION_IN_MAINTENANCE
    if incident.status is Status.ACKNOWLEDGED:
        return Wanted.OWNER, Reason.ESCALATION_TAKEN
    if incident.flapping:
        return Wanted.QUIET, Reason.ESCALATION_FLAPPING
    return Wanted.PAGES, Reason.ESCALATION_NOBODY_HAS_IT


def stands(incident: Incident) -> tuple[Any, ...]:
    """What a plan depends on: while this stays the same, what is planned does."""
    wanted, _ = escalates(incident)
    match wanted:
        case Wanted.PAGES:
            return wanted, incident.episode, incident.severity
        case Wanted.OWNER:
            return wanted, incident.episode, incident.severity, incident.owner, incident.confirm_by is None
        case Wanted.QUIET:
            return (wanted,)
