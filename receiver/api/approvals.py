"""Approvals: what waits for a second person, and what became of it."""

from collections.abc import Awaitable

from incidents.access.model import Scope
from incidents.approvals import deciding
from incidents.approvals.model import Approval
from incidents.model import Incident
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.finding import find_incident
from receiver.api.models.approval import ApprovalPath, ApprovalQuery, ApprovalShape, ApprovalStatus, DeclineBody
from receiver.api.operation import Operation
from receiver.api.paging import cut, moment_and_id
from receiver.api.shapes import Listing


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    asked = call.query(ApprovalQuery)
    incident = None if asked.incident is None else await find_incident(asked.incident, uow)
    found = await uow.approvals.page(
        is_open=None if asked.status is None else asked.status is ApprovalStatus.OPEN,
        incident_id=None if incident is None else incident.id,
        before=moment_and_id(call.position()),
        limit=asked.limit + 1,
    )
    shown, more = cut(call, found, at=lambda one: [one.asked_at.isoformat(), one.id])
    return Answer(Listing[ApprovalShape](items=[ApprovalShape.of(one) for one in shown], next_cursor=more))


async def _get(call: Call, uow: UnitOfWork) -> Answer:
    return Answer(ApprovalShape.of(await uow.approvals.get(_id(call))))


async def _approve(call: Call, uow: UnitOfWork) -> Answer:
    return await _decided(call, deciding.approve(_id(call), by=call.by, uow=uow), uow)


async def _decline(call: Call, uow: UnitOfWork) -> Answer:
    reason = call.body(DeclineBody).reason
    return await _decided(call, deciding.decline(_id(call), by=call.by, uow=uow, reason=reason), uow)


async def _withdraw(call: Call, uow: UnitOfWork) -> Answer:
    return await _decided(call, deciding.withdraw(_id(call), by=call.by, uow=uow), uow)


async def _decided(call: Call, deciding_it: Awaitable[Incident], uow: UnitOfWork) -> Answer:
    await deciding_it
    after: Approval = await uow.approvals.get(_id(call))
    return Answer(ApprovalShape.of(after))


def _id(call: Call) -> int:
    return call.path(ApprovalPath).approval


_WHO = "Never who asked, nor by the API key by which it was asked."

OPERATIONS = (
    Operation(
        method="GET",
        path="/approvals",
        name="list_approvals",
        summary="What waits for a second person, and what did",
        description="The newest first.",
        tag="approvals",
        scope=Scope.READ,
        role=Role.VIEWER,
        query=ApprovalQuery,
        answer=Listing[ApprovalShape],
        work=_list,
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/approvals/{approval}",
        name="get_approval",
        summary="One approval",
        tag="approvals",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=ApprovalPath,
        answer=ApprovalShape,
        work=_get,
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path="/approvals/{approval}/approve",
        name="approve_request",
        summary="Be the second person: what was asked is done",
        description=f"{_WHO} It is done in the name of who asked, and says who approved it.",
        tag="approvals",
        scope=Scope.WRITE,
        path_model=ApprovalPath,
        answer=ApprovalShape,
        work=_approve,
        refusals=(404, 409),
    ),
    Operation(
        method="POST",
        path="/approvals/{approval}/decline",
        name="decline_request",
        summary="Say no: the incident stays as it is",
        description="Who asked hears of it. They withdraw instead.",
        tag="approvals",
        scope=Scope.WRITE,
        path_model=ApprovalPath,
        body=DeclineBody,
        body_optional=True,
        examples={"not yet": {"reason": "pod-b still fails its health check"}},
        answer=ApprovalShape,
        work=_decline,
        refusals=(404, 409),
    ),
    Operation(
        method="POST",
        path="/approvals/{approval}/withdraw",
        name="withdraw_request",
        summary="Take your own request back",
        description="Only who asked may.",
        tag="approvals",
        scope=Scope.WRITE,
        path_model=ApprovalPath,
        answer=ApprovalShape,
        work=_withdraw,
        refusals=(404, 409),
    ),
)
