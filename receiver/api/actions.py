"""What people do to incidents: the same use cases as Slack's buttons and commands."""

from incidents import actions
from incidents.access.model import Scope
from incidents.ports import UnitOfWork
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.models.incident import IncidentPath, IncidentShape
from receiver.api.operation import Operation


async def _acknowledge(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    after = await actions.acknowledge(incident.id, by=call.by, uow=uow)
    return Answer(IncidentShape.of(after), version=after.version)


OPERATIONS = (
    Operation(
        method="POST",
        path="/incidents/{incident}/acknowledge",
        name="acknowledge_incident",
        summary="Take an incident",
        tag="actions",
        scope=Scope.WRITE,
        path_model=IncidentPath,
        answer=IncidentShape,
        work=_acknowledge,
        refusals=(404, 409, 412),
        has_version=True,
    ),
)
