"""The message that asks for a second person, rendered as things stand when it is sent."""

from bot.blocks.approval import approval_message
from bot.blocks.reminder import reminder
from bot.message import Message
from incidents.model import Event, Incident
from incidents.ports import UnitOfWork


async def approval_question(event: Event, incident: Incident, uow: UnitOfWork) -> Message:
    found = await uow.approvals.told_by(incident.id, event.id) if event.id is not None else None
    return reminder(event, incident) if found is None else approval_message(found, event, incident)
