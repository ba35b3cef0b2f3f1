"""What people write down about an incident: notes, what happened when, and how it ended."""

from incidents import actions
from incidents.errors import InvalidInput
from incidents.ports import UnitOfWork
from receiver.api.acting import action, told
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.mistakes import mistake, told_in
from receiver.api.models.acting import Entry, Note, Summary


async def _note(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    with told_in("body.text"):
        return told(await actions.add_note(incident.id, text=call.body(Note).text, by=call.by, uow=uow))


async def _add_to_timeline(call: Call, uow: UnitOfWork) -> Answer:
    incident, entry = await incident_of(call, uow), call.body(Entry)
    try:
        return told(
            await actions.add_to_timeline(
                incident.id, text=entry.text, happened_at=entry.happened_at, by=call.by, uow=uow
            )
        )
    except InvalidInput as error:
        raise mistake("body.happened_at" if error.field == "time" else "body.text", error.problem) from error


async def _sum_up(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    with told_in("body.text"):
        return told(await actions.sum_up(incident.id, text=call.body(Summary).text, by=call.by, uow=uow))


OPERATIONS = (
    action(
        "notes",
        "Write a note",
        _note,
        name="add_note",
        body=Note,
        examples={"a note": {"text": "the pool was too small"}},
        status=201,
    ),
    action(
        "timeline",
        "Put on the timeline what happened",
        _add_to_timeline,
        name="add_to_timeline",
        body=Entry,
        examples={"a deployment": {"text": "version 1.42 went live", "happened_at": "2026-01-01T10:00:00Z"}},
        status=201,
        description="Such as a deployment, with the time at which it happened.",
    ),
    action(
        "summary",
        "Sum up how it ended",
        _sum_up,
        name="sum_up_incident",
        body=Summary,
        examples={"a summary": {"text": "a bad deployment, rolled back"}},
        description="It stands on the card of a resolved incident, in the place of the one before.",
    ),
)
