"""The audit log: who changed what, from where."""

from incidents.access.model import Scope
from incidents.audit.keeping import Place, Wanted
from incidents.audit.sealing import moment
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.models.audit import AuditQuery, AuditShape
from receiver.api.operation import Operation
from receiver.api.paging import cut, moment_and_id
from receiver.api.shapes import Listing


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    asked = call.query(AuditQuery)
    wanted = Wanted(asked.actor, asked.action, asked.subject, asked.since, asked.until)
    position = moment_and_id(call.position())
    before = None if position is None else Place(*position)
    found = await uow.audit.found(wanted, before=before, limit=asked.limit + 1)
    items, cursor = cut(call, found, at=lambda one: [moment(one.told.at), one.id])
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
