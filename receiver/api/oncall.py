"""Schedules, and who is on call."""

from datetime import datetime, timedelta

from incidents.access.model import Scope
from incidents.actions import find_schedule
from incidents.actions.override import FURTHEST
from incidents.ports import UnitOfWork
from incidents.roles import Role
from incidents.schedules import Schedule
from incidents.schedules.now import calendars, standing, standings
from receiver.api.call import Answer, Call
from receiver.api.mistakes import mistake
from receiver.api.models.schedule import OnCallQuery, OnCallShape, SchedulePath, ScheduleShape
from receiver.api.operation import Operation
from receiver.api.paging import page
from receiver.api.shapes import Listing, Paging

_CLOCKS_DIFFER = timedelta(minutes=5)


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    named, cursor = page(call, list(call.policy.schedules.values()), by=_name)
    found = await standings({one.name: one for one in named}, uow)
    told = [ScheduleShape.made(one, call.policy.schedules[one.schedule]) for one in found]
    return Answer(Listing[ScheduleShape](items=told, next_cursor=cursor))


async def _get(call: Call, uow: UnitOfWork) -> Answer:
    schedule = find_schedule(call.path(SchedulePath).schedule, call.policy.schedules)
    [found] = await standings({schedule.name: schedule}, uow)
    return Answer(ScheduleShape.made(found, schedule))


async def _on_call(call: Call, uow: UnitOfWork) -> Answer:
    at = _moment(call.query(OnCallQuery).at, now=uow.now)
    named, cursor = page(call, list(call.policy.schedules.values()), by=_name)
    schedules = {one.name: one for one in named}
    overrides = await uow.overrides.standing(list(schedules)) if schedules else []
    known = await calendars(schedules, uow)
    found = [standing(one, overrides, at=at, calendar=known.get(one.name)) for one in named]
    return Answer(Listing[OnCallShape](items=[OnCallShape.of(one) for one in found], next_cursor=cursor))


def _moment(asked: datetime | None, *, now: datetime) -> datetime:
    """Raises FieldMistake: overrides that are over are not known of any earlier moment."""
    if asked is None:
        return now
    if not now - _CLOCKS_DIFFER <= asked <= now + FURTHEST:
        raise mistake("query.at", "write a time from now on, within a year: who was on call before is not known")
    return max(asked, now)


def _name(schedule: Schedule) -> list[str]:
    return [schedule.name]


OPERATIONS = (
    Operation(
        method="GET",
        path="/schedules",
        name="list_schedules",
        summary="Schedules, and who is on call",
        tag="on call",
        scope=Scope.READ,
        role=Role.VIEWER,
        query=Paging,
        answer=Listing[ScheduleShape],
        work=_list,
    ),
    Operation(
        method="GET",
        path="/schedules/{schedule}",
        name="get_schedule",
        summary="One schedule, and who is on call",
        tag="on call",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=SchedulePath,
        answer=ScheduleShape,
        work=_get,
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/oncall",
        name="list_on_call",
        summary="Who is on call, now or at a time",
        tag="on call",
        scope=Scope.READ,
        role=Role.VIEWER,
        query=OnCallQuery,
        answer=Listing[OnCallShape],
        work=_on_call,
    ),
)
