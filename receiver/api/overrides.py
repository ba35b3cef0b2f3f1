"""Taking a schedule over for a while, and giving it back."""

from incidents.access.model import Scope
from incidents.actions import find_schedule, give_back, take_over
from incidents.actions.override import LONGEST
from incidents.errors import NotTaken, NotTakenBecause, OverrideNotFound
from incidents.ports import UnitOfWork
from incidents.roles import Role
from incidents.schedules import Override
from receiver.api.call import Answer, Call
from receiver.api.mistakes import check_person, mistake
from receiver.api.models.schedule import OverridePath, OverrideShape, SchedulePath, TakingOver
from receiver.api.operation import Operation
from receiver.api.paging import page
from receiver.api.shapes import Listing, Paging

_WHY = {
    NotTakenBecause.BEGAN: "it has passed: leave it out to begin now",
    NotTakenBecause.PAST: "it has passed: choose a later end",
    NotTakenBecause.BACKWARDS: "it ends before it begins: choose a later end",
    NotTakenBecause.TOO_LONG: f"it lasts more than {LONGEST.days} days: choose an earlier end",
    NotTakenBecause.TOO_FAR: "it begins in more than a year: choose an earlier beginning",
}
_OF_START = frozenset({NotTakenBecause.BEGAN, NotTakenBecause.TOO_FAR})


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    schedule = find_schedule(call.path(SchedulePath).schedule, call.policy.schedules)
    overrides, cursor = page(call, await uow.overrides.standing([schedule.name]), by=_begins)
    return Answer(Listing[OverrideShape](items=[OverrideShape.of(one) for one in overrides], next_cursor=cursor))


def _begins(override: Override) -> list[str | int]:
    return [override.start.isoformat(), override.id]


async def _known_person(call: Call) -> None:
    await check_person(call, call.body(TakingOver).person, field="body.person")


async def _take_over(call: Call, uow: UnitOfWork) -> Answer:
    schedule, wanted = find_schedule(call.path(SchedulePath).schedule, call.policy.schedules), call.body(TakingOver)
    end = wanted.ends(uow.now)
    try:
        taken = await take_over(schedule, person=wanted.person, start=wanted.start, end=end, by=call.by, uow=uow)
    except NotTaken as error:
        field = "body.start" if error.why in _OF_START else wanted.length_field
        raise mistake(field, _WHY[error.why]) from error
    return Answer(OverrideShape.of(taken))


async def _give_back(call: Call, uow: UnitOfWork) -> Answer:
    override_id = call.path(OverridePath).id
    if await uow.overrides.get(override_id) is None:
        raise OverrideNotFound(override_id)
    await give_back(override_id, by=call.by, uow=uow)
    return Answer()


OPERATIONS = (
    Operation(
        method="GET",
        path="/schedules/{schedule}/overrides",
        name="list_overrides",
        summary="Who has taken it over, and will",
        description="Those that are not over, soonest first.",
        tag="on call",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=SchedulePath,
        query=Paging,
        answer=Listing[OverrideShape],
        work=_list,
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path="/schedules/{schedule}/overrides",
        name="take_schedule_over",
        summary="Take a schedule over for a while",
        description="It counts before the schedule's own turns, and before earlier overrides.",
        tag="on call",
        scope=Scope.WRITE,
        path_model=SchedulePath,
        body=TakingOver,
        examples={"from now on": {"person": "U024BE7LH", "duration": "4h"}},
        answer=OverrideShape,
        status=201,
        before=_known_person,
        work=_take_over,
        refusals=(404,),
    ),
    Operation(
        method="DELETE",
        path="/overrides/{override}",
        name="give_schedule_back",
        summary="End an override",
        description="One that has not begun never does.",
        tag="on call",
        scope=Scope.WRITE,
        path_model=OverridePath,
        answer=None,
        status=204,
        work=_give_back,
        refusals=(404, 409),
    ),
)
