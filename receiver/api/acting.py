"""What operations that change one incident have in common."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from incidents.access.model import Scope
from incidents.model import Incident
from incidents.ports import UnitOfWork
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.models.incident import IncidentPath, IncidentShape
from receiver.api.operation import Operation, Work
from receiver.api.shapes import Nothing

_MOST_APPROVALS = 200
"""Of one incident, within the day that an answer is remembered."""
REFUSALS = (404, 409, 412)
NOTHING: Mapping[str, object] = MappingProxyType({"nothing": {}})
"""The example of a body in which there is nothing to say."""


def told(after: Incident) -> Answer:
    """The incident as it is now."""
    return Answer(IncidentShape.of(after), version=after.version)


def told_or_asked(after: Incident) -> Answer:
    """The same of what closes: 202 where a second person was asked, and nothing is closed yet."""
    return replace(told(after), status=202 if after.approval_until is not None else None)


async def where_incident(told: Mapping[str, Any], _: UnitOfWork) -> str:
    """Where the incident is that was answered."""
    return f"/incidents/{told['name']}"


async def where_approval(told: Mapping[str, Any], uow: UnitOfWork) -> str | None:
    """Where the request is for which a second person was asked, though it may be over by now. None: it was deleted."""
    if told["approval_until"] is None:
        return None
    until = datetime.fromisoformat(told["approval_until"])
    asked = await uow.approvals.page(is_open=None, incident_id=told["id"], before=None, limit=_MOST_APPROVALS)
    return next((f"/approvals/{one.id}" for one in asked if one.until == until), None)


def just(use_case: Callable[..., Awaitable[Incident]]) -> Work:
    """What needs to know nothing but which incident, and by whom."""

    async def work(call: Call, uow: UnitOfWork) -> Answer:
        incident = await incident_of(call, uow)
        return told(await use_case(incident.id, by=call.by, uow=uow))

    return work


def action(
    verb: str, summary: str, work: Work, *, name: str, body: type[BaseModel] = Nothing, **more: Any
) -> Operation:
    """``POST /incidents/{incident}/<verb>``, which answers the incident."""
    given: dict[str, Any] = {"body_optional": body is Nothing, "examples": NOTHING}
    return Operation(
        method="POST",
        path=f"/incidents/{{incident}}/{verb}",
        name=name,
        summary=summary,
        tag="actions",
        scope=Scope.WRITE,
        path_model=IncidentPath,
        body=body,
        answer=IncidentShape,
        work=work,
        refusals=REFUSALS,
        has_version=True,
        **(given | ({"location": where_approval} if more.get("may_ask") else {}) | more),
    )
