"""The audit log: who changed what, from where."""

from datetime import datetime

from incidents.access.model import Scope
from incidents.audit.keeping import Place, Wanted
from incidents.audit.sealing import moment
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.models.audit import AuditQuery, AuditShape
from receiver.api.operation import Operation
from receiver.api.shapes import Listing


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    asked = call.query(AuditQuery)
    wanted = Wanted(asked.actor, asked.action, asked.subject, asked.since, asked.until)
    position = call.position()
    before = Place(datetime.fromisoformat(position[0]), position[1]) if position is not None else None
    found = await uow.audit.found(wanted, before=before, limit=asked.limit + 1)
    items, more = found[: asked.limit], len(found) > asked.limit
    cursor = call.cursor_at([moment(items[-1].told.at), items[-1].id]) if more else None
    return Answer(Listing[AuditShape](items=[AuditShape.of(one) for one in items], next_cursor=cursor))


OPERATIONS = (
    Operation(
        method="GET",
        path="/audit",
        name="list_audit_entries",
        summary="Who changed what, newest first",
        description=(
            "Every change by anybody: people in Slack, API keys, the command line, and Bongsu itself, whose changes to "
            "incidents come about a minute later. Whether the log is whole, `bongsu audit verify` says."
        ),
        tag="audit",
        scope=Scope.ADMIN,
        role=Role.ADMIN,
        query=AuditQuery,
        answer=Listing[AuditShape],
        work=_list,
    ),
)
