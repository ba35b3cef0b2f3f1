"""What has happened to an incident, entry by entry."""

from incidents.access.model import Scope
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.models.incident import IncidentPath
from receiver.api.models.past import EventShape, TimelineOrder, TimelineQuery
from receiver.api.operation import Operation
from receiver.api.paging import cut
from receiver.api.shapes import Listing


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    query, incident = call.query(TimelineQuery), await incident_of(call, uow)
    newest_first = query.sort is TimelineOrder.NEWEST
    events = await uow.listing.timeline(
        incident.id, newest_first=newest_first, after=call.position(), limit=query.limit + 1
    )
    shown, cursor = cut(call, events, at=lambda one: one.id)
    return Answer(Listing[EventShape](items=[EventShape.of(one) for one in shown], next_cursor=cursor))


OPERATIONS = (
    Operation(
        method="GET",
        path="/incidents/{incident}/timeline",
        name="list_timeline",
        summary="What has happened to an incident",
        tag="incidents",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=IncidentPath,
        query=TimelineQuery,
        answer=Listing[EventShape],
        work=_list,
        refusals=(404,),
    ),
)
