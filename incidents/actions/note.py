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
    text = written("note", text)
    incident = await uow.incidents.lock(incident_id)
    return await record(lifecycle.note(incident, text=text, by=by, now=uow.now), by=by, uow=uow)


def written(field: str, text: str, *, longest: int = LONGEST_NOTE) -> str:
    """What somebody wrote, without white space around it. Raises InvalidInput where that is nothing, or too long."""
    text = text.strip()
    if not text:
        raise InvalidInput(field, "it is empty: write what the others should know")
    if len(text) > longest:
        raise InvalidInput(
            field,
            "it has {count} characters, {most} fit: shorten it or link to a document",
            count=len(text),
            most=longest,
        )
    return text
