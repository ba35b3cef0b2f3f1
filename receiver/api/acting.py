"""What operations that change one incident have in common."""

from collections.abc import Awaitable, Callable, Mapping
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

REFUSALS = (404, 409, 412)
NOTHING: Mapping[str, object] = MappingProxyType({"nothing": {}})
"""The example of a body in which there is nothing to say."""


def told(after: Incident) -> Answer:
    """The incident as it is now."""
    return Answer(IncidentShape.of(after), version=after.version)


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
        **(given | more),
    )
