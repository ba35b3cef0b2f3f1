"""What becomes of a request: a second person approves or declines it, or who asked withdraws it.

Each is decided under the lock of its incident. Of several at once one wins; the others are told what it was.
"""

from dataclasses import replace

from incidents import lifecycle_approvals
from incidents.approvals.ending import end
from incidents.approvals.errors import ApprovalOver, AskedYourself, NothingAsked, NotSecond, NotTheirs
from incidents.approvals.model import Approval, Outcome
from incidents.errors import InvalidInput
from incidents.model import Actor, Incident
from incidents.outbox import Priority
from incidents.ports import UnitOfWork
from incidents.record import record, write_down
from incidents.rules.second_person import why_not_second

LONGEST_REASON = 500
"""Characters."""


async def approve(approval_id: int, *, by: Actor, uow: UnitOfWork) -> Incident:
    """Do what was asked, in the name of who asked.

    Raises NotSecond, ApprovalOver, ApprovalNotFound, IncidentNotFound.
    """
    incident, approval = await _standing(approval_id, uow)
    why_not = why_not_second(approval, by)
    if why_not is not None:
        raise NotSecond(incident.name, why_not)
    await end(approval, Outcome.APPROVED, by=by, uow=uow)
    changes = lifecycle_approvals.approve(incident, approval, by=by, now=uow.now)
    asker = replace(approval.asker, origin="approval")
    *_, done = await write_down(changes, changes[-1].after, by=asker, uow=uow, also=[by])
    await uow.outbox.touch_cards([incident.id], priority=Priority.CLICK)
    if done.id is not None:
        await uow.outbox.add_thread(incident.id, done.id, priority=Priority.CLICK)
    return changes[-1].after


async def decline(approval_id: int, *, by: Actor, uow: UnitOfWork, reason: str = "") -> Incident:
    """The incident stays as it is; who asked hears why.

    Raises AskedYourself, ApprovalOver, InvalidInput for an overlong reason, ApprovalNotFound, IncidentNotFound.
    """
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(
            "reason", "it has {count} characters, {most} fit: shorten it", count=len(reason), most=LONGEST_REASON
        )
    incident, approval = await _standing(approval_id, uow)
    if str(by) == approval.asked_by:
        raise AskedYourself(incident.name)
    await end(approval, Outcome.DECLINED, by=by, reason=reason, uow=uow)
    change = lifecycle_approvals.decline(incident, approval, reason=reason, by=by, now=uow.now)
    await write_down([change], change.after, by=by, uow=uow)
    await uow.outbox.touch_cards([incident.id], priority=Priority.CLICK)
    return change.after


async def withdraw(approval_id: int, *, by: Actor, uow: UnitOfWork) -> Incident:
    """Raises NotTheirs, ApprovalOver, ApprovalNotFound, IncidentNotFound."""
    incident, approval = await _standing(approval_id, uow)
    if str(by) != approval.asked_by:
        raise NotTheirs(incident.name, approval.asked_by)
    await end(approval, Outcome.WITHDRAWN, by=by, uow=uow)
    change = lifecycle_approvals.lapse_approval(incident, approval, outcome=Outcome.WITHDRAWN, by=by, now=uow.now)
    return await record(change, by=by, uow=uow)


async def refuse_over(approval_id: int, *, by: Actor, uow: UnitOfWork) -> None:
    """Before somebody says why they decline. Raises ApprovalOver, AskedYourself, ApprovalNotFound."""
    approval = await uow.approvals.get(approval_id)
    _refuse_ended(approval, uow)
    if str(by) == approval.asked_by:
        raise AskedYourself(approval.name)


async def standing_on(incident: Incident, uow: UnitOfWork) -> int:
    """The id of the request that the incident waits for. Raises NothingAsked."""
    standing = await uow.approvals.open_of(incident.id)
    if standing is None:
        raise NothingAsked(incident.name)
    return standing.id


async def _standing(approval_id: int, uow: UnitOfWork) -> tuple[Incident, Approval]:
    """Both locked, the incident first as everybody does."""
    known = await uow.approvals.get(approval_id)
    incident = await uow.incidents.lock(known.incident_id)
    approval = await uow.approvals.lock(approval_id)
    _refuse_ended(approval, uow)
    return incident, approval


def _refuse_ended(approval: Approval, uow: UnitOfWork) -> None:
    """What is due to lapse has lapsed, though no clock has looked yet."""
    if not approval.is_open:
        raise ApprovalOver(approval)
    if approval.until <= uow.now:
        raise ApprovalOver(approval, Outcome.LAPSED)
