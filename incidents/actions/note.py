"""Somebody writes something down."""

from incidents import lifecycle
from incidents.errors import InvalidInput
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork
from incidents.record import record

LONGEST_NOTE = 2500
"""Characters: a note must fit into one section of a Slack message, with its escapes."""


async def add_note(incident_id: int, *, text: str, by: Actor, uow: UnitOfWork) -> Incident:
    """Raises InvalidInput for an empty or overlong text, IncidentNotFound."""
    text = text.strip()
    if not text:
        raise InvalidInput("note", "it is empty: write what the others should know")
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(
            "note", f"it has {len(text)} characters, {LONGEST_NOTE} fit: shorten it or link to a document"
        )
    incident = await uow.incidents.lock(incident_id)
    return await record(lifecycle.note(incident, text=text, by=by, now=uow.now), by=by, uow=uow)
