"""Incidents: finding and reading them."""

from incidents.access.model import Scope
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.models.incident import IncidentPath, IncidentShape
from receiver.api.operation import Operation


async def _get(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    return Answer(IncidentShape.of(incident), version=incident.version)


OPERATIONS = (
    Operation(
        method="GET",
        path="/incidents/{incident}",
        name="get_incident",
        summary="One incident",
        tag="incidents",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=IncidentPath,
        answer=IncidentShape,
        work=_get,
        refusals=(404,),
        has_version=True,
    ),
)
