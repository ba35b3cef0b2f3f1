"""An incident of which no alert has told."""

from incidents import actions
from incidents.access.model import Scope
from incidents.actions import Declaration
from incidents.ports import UnitOfWork
from receiver.api.acting import told, where_incident
from receiver.api.call import Answer, Call
from receiver.api.mistakes import check_channel
from receiver.api.models.acting import Declaring
from receiver.api.models.incident import IncidentShape
from receiver.api.operation import Operation


async def _known_channel(call: Call) -> None:
    await check_channel(call, call.body(Declaring).channel, field="body.channel")


async def _declare(call: Call, uow: UnitOfWork) -> Answer:
    wanted = call.body(Declaring)
    declaration = Declaration(
        token=call.token,
        title=wanted.title,
        severity=wanted.severity,
        service=wanted.service,
        channel=wanted.channel,
        note=wanted.note,
    )
    incident = await actions.declare(declaration, by=call.by, uow=uow, policy=call.policy)
    return told(incident)


OPERATIONS = (
    Operation(
        method="POST",
        path="/incidents",
        name="declare_incident",
        summary="Declare an incident",
        description=(
            "One that no alert has told of. It is open until somebody closes it. Sent again with the same "
            "Idempotency-Key it is declared once, however much later."
        ),
        tag="actions",
        scope=Scope.WRITE,
        body=Declaring,
        examples={"an outage": {"title": "Checkout is slow", "severity": "critical", "service": "checkout"}},
        answer=IncidentShape,
        status=201,
        before=_known_channel,
        work=_declare,
        location=where_incident,
    ),
)
