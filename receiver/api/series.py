"""The series of an incident: what fires and what has ended."""

from datetime import datetime
from typing import Any

from incidents.access.model import Scope
from incidents.inspection import FIRST, Mark, Turn
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.models.incident import IncidentPath
from receiver.api.models.past import SeriesShape
from receiver.api.operation import Operation
from receiver.api.shapes import Listing, Paging


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    page = await uow.inspection.series(incident.id, _turn(call.position()), limit=call.query(Paging).limit)
    mark = None if page.after is None else page.after.mark
    cursor = None if mark is None else call.cursor_at([mark.at.isoformat(), mark.id, mark.rank])
    return Answer(Listing[SeriesShape](items=[SeriesShape.of(one) for one in page.rows], next_cursor=cursor))


def _turn(position: Any) -> Turn:
    if position is None:
        return FIRST
    at, id_, rank = position
    return Turn(Mark(datetime.fromisoformat(at), id_, rank))


OPERATIONS = (
    Operation(
        method="GET",
        path="/incidents/{incident}/series",
        name="list_series",
        summary="The series of an incident",
        description="What fires comes first, longest first; then what has ended.",
        tag="incidents",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=IncidentPath,
        query=Paging,
        answer=Listing[SeriesShape],
        work=_list,
        refusals=(404,),
    ),
)
