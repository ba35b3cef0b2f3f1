"""Somebody writes down what happened, or how it ended."""

from datetime import datetime, timedelta

from incidents import lifecycle
from incidents.actions.note import written
from incidents.errors import InvalidInput
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork
from incidents.record import record

LONGEST_SUMMARY = 300
"""Characters: it stands on the card."""
_CLOCKS_DIFFER = timedelta(minutes=5)


async def add_to_timeline(
    incident_id: int, *, text: str, by: Actor, uow: UnitOfWork, happened_at: datetime | None = None
) -> Incident:
    """``happened_at`` is aware; None: now. Raises InvalidInput (empty, overlong, yet to come), IncidentNotFound."""
    text = written("what happened", text)
    refuse_future(happened_at, now=uow.now)
    incident = await uow.incidents.lock(incident_id)
    change = lifecycle.add_to_timeline(incident, text=text, happened_at=happened_at, by=by, now=uow.now)
    return await record(change, by=by, uow=uow)


def refuse_future(at: datetime | None, *, now: datetime) -> None:
    """Raises InvalidInput for a time that is yet to come; the clocks of people and databases differ a little."""
    if at is not None and at > now + _CLOCKS_DIFFER:
        raise InvalidInput("time", "that is yet to come: the timeline tells what has happened")


async def sum_up(incident_id: int, *, text: str, by: Actor, uow: UnitOfWork) -> Incident:
    """The closing words on the card of what is resolved. Raises NotOver, InvalidInput, IncidentNotFound."""
    text = written("summary", text, longest=LONGEST_SUMMARY)
    incident = await uow.incidents.lock(incident_id)
    return await record(lifecycle.sum_up(incident, text=text, by=by, now=uow.now), by=by, uow=uow)
