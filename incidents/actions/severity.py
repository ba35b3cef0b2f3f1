"""Somebody says how grave an incident is, whatever its alerts say."""

from incidents import lifecycle
from incidents.actions.together import refuse_merged
from incidents.approvals.asking import second_needed
from incidents.approvals.expiring import not_needed
from incidents.change import Change
from incidents.errors import InvalidInput
from incidents.model import SYSTEM, Actor, Incident, Severity
from incidents.ports import UnitOfWork
from incidents.reasons import Reason
from incidents.record import record
from incidents.rules.snooze import is_graver
from incidents.rules.worsening import worsening

LONGEST_WHY = 500
"""Characters."""


async def set_severity(incident_id: int, *, to: Severity, by: Actor, uow: UnitOfWork, note: str = "") -> Incident:
    """Alerts that tell again what they have told before don't undo it. What it is already changes nothing.

    Raises InvalidInput for an overlong note, MergedAway, IncidentNotFound.
    """
    note = note.strip()
    if len(note) > LONGEST_WHY:
        raise InvalidInput(
            "reason", "it has {count} characters, {most} fit: shorten it", count=len(note), most=LONGEST_WHY
        )
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    if incident.severity is to:
        return incident
    change = lifecycle.set_severity(incident, to=to, by=by, now=uow.now, note=note)
    following = _following(change.after, by, uow)
    settled = await _settled(following[-1].after if following else change.after, uow)
    return await record(change, by=by, uow=uow, then=[*following, *settled])


async def _settled(incident: Incident, uow: UnitOfWork) -> list[Change]:
    """What waits for a second person waits no more where it is not grave enough for that."""
    if incident.approval_until is None:
        return []
    standing = await uow.approvals.open_of(incident.id)
    if standing is None or await second_needed(incident, standing.wanted, uow) is not None:
        return []
    return await not_needed(incident, standing, uow)


def _following(incident: Incident, by: Actor, uow: UnitOfWork) -> list[Change]:
    """A graver one wakes, and its owner hears of it, as if an alert had said so."""
    changes: list[Change] = []
    if is_graver(incident):
        changes.append(lifecycle.wake(incident, by=SYSTEM, now=uow.now, reason=Reason.GRAVER_THAN_SNOOZED))
        incident = changes[-1].after
    worse = worsening(incident, firing=incident.firing)
    if worse is not None and str(by) != incident.owner:
        changes.append(lifecycle.worsen(incident, worse, firing=incident.firing, by=SYSTEM, now=uow.now))
    return changes
