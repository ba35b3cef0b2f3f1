"""Alerts as they were stored: of an incident, or of all."""

from incidents.access.model import Scope
from incidents.inspection import Mark
from incidents.listing import AlertsWanted
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.finding import find_incident, incident_of
from receiver.api.models.alert import AlertDetail, AlertPath, AlertShape, AlertsQuery, RawAlert
from receiver.api.models.incident import IncidentPath
from receiver.api.operation import Operation
from receiver.api.paging import moment_and_id
from receiver.api.shapes import Listing, Paging


async def _of_incident(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    return await _page(call, uow, AlertsWanted(incident_id=incident.id), call.query(Paging).limit)


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    query = call.query(AlertsQuery)
    incident_id = None if query.incident is None else (await find_incident(query.incident, uow)).id
    return await _page(call, uow, query.wanted(incident_id), query.limit)


async def _page(call: Call, uow: UnitOfWork, wanted: AlertsWanted, limit: int) -> Answer:
    position = moment_and_id(call.position())
    page = await uow.listing.alerts(wanted, after=None if position is None else Mark(*position), limit=limit)
    cursor = None if page.after is None else call.cursor_at([page.after.at.isoformat(), page.after.id])
    return Answer(Listing[AlertShape](items=[AlertShape.of(one) for one in page.alerts], next_cursor=cursor))


async def _get(call: Call, uow: UnitOfWork) -> Answer:
    found = await uow.listing.alert(int(call.path(AlertPath).alert))
    return Answer(AlertDetail.whole(found))


async def _raw(call: Call, uow: UnitOfWork) -> Answer:
    return Answer(text=await uow.listing.raw_alert(int(call.path(AlertPath).alert)))


OPERATIONS = (
    Operation(
        method="GET",
        path="/incidents/{incident}/alerts",
        name="list_alerts_of_incident",
        summary="The alerts that arrived in an incident",
        description="Newest first, wherever their series are now.",
        tag="alerts",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=IncidentPath,
        query=Paging,
        answer=Listing[AlertShape],
        work=_of_incident,
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/alerts",
        name="list_alerts",
        summary="Find alerts",
        description="Newest first. Filters narrow each other down. A page may hold fewer than `limit`, even none, "
        "while `next_cursor` is not null: go on until it is. Narrow rare ones down by `since` and `until`, or by "
        "`incident`.",
        tag="alerts",
        scope=Scope.READ,
        role=Role.VIEWER,
        query=AlertsQuery,
        answer=Listing[AlertShape],
        work=_list,
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/alerts/{alert}",
        name="get_alert",
        summary="One alert",
        tag="alerts",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=AlertPath,
        answer=AlertDetail,
        work=_get,
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/alerts/{alert}/raw",
        name="get_raw_alert",
        summary="What the monitoring system sent of an alert",
        tag="alerts",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=AlertPath,
        answer=RawAlert,
        work=_raw,
        refusals=(404,),
    ),
)
