"""Incidents: finding and reading them."""

from datetime import datetime
from typing import Any

from incidents.access.model import Scope
from incidents.listing import IncidentMark
from incidents.model import Severity
from incidents.ports import UnitOfWork
from incidents.roles import Role
from incidents.search.following import catch_up_before_search
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.models.incident import IncidentPath, IncidentShape
from receiver.api.models.incident_list import IncidentDetail, IncidentsQuery
from receiver.api.operation import Operation
from receiver.api.shapes import Listing


async def _catch_up(call: Call) -> None:
    """What has just opened is found by its words, too."""
    if call.query(IncidentsQuery).text is not None:
        await catch_up_before_search(call.organisation.transactions)


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    query = call.query(IncidentsQuery)
    page = await uow.listing.incidents(query.wanted(), sort=query.sort, after=_mark(call.position()), limit=query.limit)
    cursor = None if page.after is None else call.cursor_at(_position(page.after))
    items = [IncidentShape.of(one) for one in page.incidents]
    return Answer(Listing[IncidentShape](items=items, next_cursor=cursor))


async def _get(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    places = await uow.views.card_places(incident.id)
    return Answer(IncidentDetail.shown(incident, places), version=incident.version)


def _position(mark: IncidentMark) -> list[Any]:
    return [mark.id, mark.at and mark.at.isoformat(), mark.severity]


def _mark(position: Any) -> IncidentMark | None:
    if position is None:
        return None
    id_, at, severity = position
    return IncidentMark(id_, at and datetime.fromisoformat(at), severity and Severity(severity))


OPERATIONS = (
    Operation(
        method="GET",
        path="/incidents",
        name="list_incidents",
        summary="Find incidents",
        description="Filters narrow each other down; a filter may be given several times, or several values with "
        "commas. A page may hold fewer than `limit`, even none, while `next_cursor` is not null: go on until it is.",
        tag="incidents",
        scope=Scope.READ,
        role=Role.VIEWER,
        query=IncidentsQuery,
        answer=Listing[IncidentShape],
        before=_catch_up,
        work=_list,
    ),
    Operation(
        method="GET",
        path="/incidents/{incident}",
        name="get_incident",
        summary="One incident",
        tag="incidents",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=IncidentPath,
        answer=IncidentDetail,
        work=_get,
        refusals=(404,),
        has_version=True,
    ),
)
