"""Nobody confirmed in time: the incident stays as it is, and who asked hears of it. The clock's part."""

from incidents import lifecycle_approvals
from incidents.approvals.ending import end
from incidents.approvals.model import Approval, Outcome
from incidents.change import Change
from incidents.model import SYSTEM, Incident
from incidents.ports import UnitOfWork


async def expired(incident: Incident, uow: UnitOfWork) -> list[Change]:
    """The end of the request of an incident, which is locked; none where none is due."""
    if incident.approval_until is None or incident.approval_until > uow.now:
        return []
    standing = await uow.approvals.open_of(incident.id)
    if standing is not None:
        await end(standing, Outcome.LAPSED, by=None, uow=uow)
    lapsed = lifecycle_approvals.lapse_approval(incident, standing, outcome=Outcome.LAPSED, by=SYSTEM, now=uow.now)
    return [lapsed]


async def not_needed(incident: Incident, standing: Approval, uow: UnitOfWork) -> list[Change]:
    """The same of one that nobody needs to confirm any more, since somebody says that it is less grave."""
    await end(standing, Outcome.OVERTAKEN, by=None, uow=uow)
    return [lifecycle_approvals.lapse_approval(incident, standing, outcome=Outcome.OVERTAKEN, by=SYSTEM, now=uow.now)]
