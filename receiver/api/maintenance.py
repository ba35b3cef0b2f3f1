"""Windows of maintenance: looking, planning, and ending before their time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from incidents.access.model import Scope
from incidents.errors import InvalidInput
from incidents.maintenance.errors import NotPlanned, NotPlannedBecause, UnknownWindow
from incidents.maintenance.model import SCOPE_FIELDS, Window
from incidents.maintenance.plan import LONGEST, Plan, end_early, plan, preview
from incidents.maintenance.telling import Moment, subject
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.acting import NOTHING
from receiver.api.call import Answer, Call
from receiver.api.mistakes import check_channel, mistake
from receiver.api.models.maintenance import (
    Planning,
    Previewing,
    PreviewShape,
    WindowPath,
    WindowQuery,
    WindowShape,
    WindowState,
    state_of,
)
from receiver.api.operation import Operation
from receiver.api.paging import cut, moment_and_id, page
from receiver.api.shapes import Listing, Nothing

_WHY = {
    NotPlannedBecause.BEGAN: "it has passed: leave it out to begin now",
    NotPlannedBecause.PAST: "it has passed: choose a later end",
    NotPlannedBecause.BACKWARDS: "it ends before it begins: choose a later end",
    NotPlannedBecause.TOO_SHORT: "it lasts less than a minute: choose a later end",
    NotPlannedBecause.TOO_LONG: f"it lasts more than {LONGEST.days} days: choose an earlier end",
    NotPlannedBecause.TOO_FAR: "it begins in more than a year: choose an earlier beginning",
    NotPlannedBecause.OVERLAPS: "it would begin again before it has ended: choose an earlier end",
    NotPlannedBecause.EVERYTHING: "it names nothing, so it would match everything: name something, or send everything",
}
_NUMBER = {"window": "[0-9]+"}


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    wanted = call.query(WindowQuery).state
    if wanted is WindowState.OVER:
        return await _over(call, uow)
    standing = [(one, state_of(one, now=uow.now)) for one in await uow.maintenance.standing()]
    found = [one for one, state in standing if state is wanted or (wanted is None and state is not WindowState.OVER)]
    windows, cursor = page(call, found, by=_begins)
    return _listed(windows, cursor, uow)


async def _over(call: Call, uow: UnitOfWork) -> Answer:
    limit = call.query(WindowQuery).limit
    found = await uow.maintenance.over(before=moment_and_id(call.position()), limit=limit + 1)
    windows, cursor = cut(call, found, at=_ended)
    return _listed(windows, cursor, uow)


def _ended(window: Window) -> list[str | int]:
    """What is over has an end."""
    return ["" if window.ended_at is None else window.ended_at.isoformat(), window.id]


def _begins(window: Window) -> list[str | int]:
    return [window.starts_at.isoformat(), window.id]


def _listed(windows: Sequence[Window], cursor: str | None, uow: UnitOfWork) -> Answer:
    told = [WindowShape.of(one, now=uow.now) for one in windows]
    return Answer(Listing[WindowShape](items=told, next_cursor=cursor))


async def _get(call: Call, uow: UnitOfWork) -> Answer:
    return Answer(WindowShape.of(await _window(call, uow), now=uow.now))


async def _window(call: Call, uow: UnitOfWork) -> Window:
    """Raises UnknownWindow."""
    window_id = call.path(WindowPath).id
    window = await uow.maintenance.get(window_id)
    if window is None:
        raise UnknownWindow(str(window_id), [])
    return window


async def _known_channel(call: Call) -> None:
    await check_channel(call, call.body(Planning).channel, field="body.channel")


async def _plan(call: Call, uow: UnitOfWork) -> Answer:
    """The channel hears of it, as of one that a form has planned."""
    wanted = call.body(Planning)
    with _told_by_field(wanted):
        window = await plan(_planned(wanted, call, uow), by=call.by, uow=uow)
    named = subject(window.id, Moment.PLANNED, window.starts_at)
    await uow.outbox.add_notice_once(named, channel=window.channel)
    return Answer(WindowShape.of(window, now=uow.now))


async def _where(told: Mapping[str, Any], _: UnitOfWork) -> str:
    return f"/maintenance/{told['id']}"


def _planned(wanted: Planning, call: Call, uow: UnitOfWork) -> Plan:
    return Plan(
        token=call.token,
        scope=wanted.scope.scope(),
        start=wanted.start,
        end=wanted.ends(uow.now),
        zone=ZoneInfo(wanted.zone),
        channel=wanted.channel or call.policy.default_channel,
        repeats=wanted.repeats,
        reason=wanted.reason,
        everything=wanted.everything,
    )


@contextmanager
def _told_by_field(wanted: Planning) -> Iterator[None]:
    """Raises FieldMistake; NotPlanned where nothing that was written is wrong."""
    try:
        yield
    except InvalidInput as error:
        where = "body.scope" if error.field in SCOPE_FIELDS else "body"
        raise mistake(f"{where}.{error.field}", error.problem) from error
    except NotPlanned as error:
        if error.why not in _WHY:
            raise
        fields = {"length": wanted.length_field, "service": "body.scope"}
        raise mistake(fields.get(error.field, f"body.{error.field}"), _WHY[error.why]) from error


async def _preview(call: Call) -> Answer:
    scope = call.body(Previewing).scope.scope()
    seen = await call.organisation.transactions.read(lambda uow: preview(scope, uow=uow))
    return Answer(PreviewShape.of(seen))


async def _end(call: Call, uow: UnitOfWork) -> Answer:
    window = await _window(call, uow)
    await end_early(window.id, by=call.by, uow=uow)
    return Answer(WindowShape.of(await _window(call, uow), now=uow.now))


OPERATIONS = (
    Operation(
        method="GET",
        path="/maintenance",
        name="list_maintenance",
        summary="Windows of maintenance",
        description="Those that are not over, soonest first; with state=over those that are, newest end first.",
        tag="maintenance",
        scope=Scope.READ,
        role=Role.VIEWER,
        query=WindowQuery,
        answer=Listing[WindowShape],
        work=_list,
    ),
    Operation(
        method="GET",
        path="/maintenance/{window}",
        name="get_maintenance",
        summary="One window",
        tag="maintenance",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=WindowPath,
        gaps=_NUMBER,
        answer=WindowShape,
        work=_get,
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path="/maintenance",
        name="plan_maintenance",
        summary="Plan a window, or begin one now",
        description="While it is under way nobody is paged for what it is of. Its channel hears of it.",
        tag="maintenance",
        scope=Scope.WRITE,
        body=Planning,
        examples={
            "a deployment": {"scope": {"service": ["checkout"]}, "duration": "30m", "reason": "version 1.42"},
            "every week": {
                "scope": {"cluster": ["prod-a"], "severity": ["warning"]},
                "duration": "2h",
                "zone": "Asia/Seoul",
                "repeats": "weekly",
            },
        },
        answer=WindowShape,
        status=201,
        before=_known_channel,
        work=_plan,
        location=_where,
        refusals=(409,),
    ),
    Operation(
        method="POST",
        path="/maintenance/preview",
        name="preview_maintenance",
        summary="What a window would have matched",
        description="In the last 30 days. Nothing is planned.",
        tag="maintenance",
        scope=Scope.READ,
        role=Role.VIEWER,
        body=Previewing,
        examples={"of a service": {"scope": {"service": ["checkout"]}}},
        answer=PreviewShape,
        alone=_preview,
    ),
    Operation(
        method="POST",
        path="/maintenance/{window}/end",
        name="end_maintenance",
        summary="End a window before its time",
        description="All of it, repetitions too.",
        tag="maintenance",
        scope=Scope.WRITE,
        path_model=WindowPath,
        gaps=_NUMBER,
        body=Nothing,
        examples=NOTHING,
        body_optional=True,
        answer=WindowShape,
        work=_end,
        refusals=(404, 409),
    ),
)
