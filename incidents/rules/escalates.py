"""Is anybody to be called about an incident as it stands?"""

from enum import StrEnum
from typing import Any

from incidents.model import AlertKind, Incident, Status


class Why(StrEnum):
    """Why people are called, or are not; and why what was planned is not done."""

    NOBODY_HAS_IT = "nobody_has_it"
    """People are called until somebody takes it."""
    TAKEN = "taken"
    """Somebody has it: nobody else is called, and its owner is asked when they have had it for long."""
    OVER = "over"
    """It is over, or was a test: nobody is called."""
    SNOOZED = "snoozed"
    """Somebody asked for quiet."""
    FLAPPING = "flapping_quietly"
    """It keeps coming back: people know of it, and are called only when it gets graver."""
    IN_MAINTENANCE = "in_maintenance"
    """What it is about is being worked on: nobody is called."""
    CHANGED = "changed"
    """It is another's, or as grave as something else calls for: what was planned before does not hold."""
    OUTSIDE = "outside"
    """Slack had not taken it for a minute: the next webhook was called."""
    NOT_OUTSIDE = "not_outside"
    """Slack had not taken it for a minute, and there was no other way, or no need any more."""
    ASKED = "asked"
    """Its owner is being asked whether they still have it, and need not hear besides that it is open."""
    BY_HAND = "by_hand"
    """Somebody asked for the next step now."""


class Wanted(StrEnum):
    """What its escalation is to do."""

    PAGES = "pages"
    """Nobody has it: somebody must be found."""
    OWNER = "owner"
    """Somebody has it: they must not forget it."""
    QUIET = "quiet"
    """Nobody is to be disturbed."""


def escalates(incident: Incident) -> tuple[Wanted, Why]:
    """What is wanted, and why. Of those that hold it back, the most lasting is named."""
    if not incident.is_open:
        return Wanted.QUIET, Why.OVER
    if incident.kind is AlertKind.TEST:
        return Wanted.QUIET, Why.OVER
    if incident.is_snoozed:
        return Wanted.QUIET, Why.SNOOZED
    if incident.maintenance_id is not None:
        return Wanted.QUIET, Why.IN_MAINTENANCE
    if incident.status is Status.ACKNOWLEDGED:
        return Wanted.OWNER, Why.TAKEN
    if incident.flapping:
        return Wanted.QUIET, Why.FLAPPING
    return Wanted.PAGES, Why.NOBODY_HAS_IT


def stands(incident: Incident) -> tuple[Any, ...]:
    """What a plan depends on: while this stays the same, what is planned does."""
    wanted, why = escalates(incident)
    match wanted:
        case Wanted.PAGES:
            return wanted, incident.episode, incident.severity
        case Wanted.OWNER:
            return wanted, incident.episode, incident.severity, incident.owner, incident.confirm_by is None
        case Wanted.QUIET:
            return wanted, incident.episode, why
