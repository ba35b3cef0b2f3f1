"""The episodes of an incident: from each opening or reopening to its end."""

from incidents.access.model import Scope
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.models.incident import IncidentPath
from receiver.api.models.past import EpisodeShape
from receiver.api.operation import Operation
from receiver.api.paging import cut
from receiver.api.shapes import Listing, Paging


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    query, incident = call.query(Paging), await incident_of(call, uow)
    episodes = await uow.listing.episodes(incident.id, after=call.position() or 0, limit=query.limit + 1)
    shown, cursor = cut(call, episodes, at=lambda one: one.number)
    return Answer(Listing[EpisodeShape](items=[EpisodeShape.of(one) for one in shown], next_cursor=cursor))


OPERATIONS = (
    Operation(
        method="GET",
        path="/incidents/{incident}/episodes",
        name="list_episodes",
        summary="The episodes of an incident",
        description="Oldest first. The times of an episode are never overwritten by a later one.",
        tag="incidents",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=IncidentPath,
        query=Paging,
        answer=Listing[EpisodeShape],
        work=_list,
        refusals=(404,),
    ),
)
