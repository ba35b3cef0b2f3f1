"""Somebody puts a message on an incident's timeline, by 📌 in its thread or by the shortcut, or takes it off again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from incidents.errors import AlreadyOnTimeline
from incidents.model import Actor, EventKind, Incident
from incidents.outbox import Priority
from incidents.ports import UnitOfWork
from incidents.record import record_message
from incidents.threads import Pin, Spoken, Told, ToldAs

_BY_SHORTCUT = "shortcut"
"""Among the pins of a message: it stays whoever else takes theirs off."""


@dataclass(frozen=True, slots=True)
class Found:
    """Incidents for a person to choose from. ``here``: the one in whose thread they are, open or not; None: in none's.

    Of those that were looked for by words it is one like the others.
    """

    incidents: Sequence[Incident]
    here: Incident | None


async def find_incidents(
    words: Collection[str], channel_id: str, thread_ts: str, *, limit: int, uow: UnitOfWork
) -> Found:
    """Open ones: by the words of number, title or place the newest, without words the one here, then the gravest.

    ``thread_ts`` is of the thread in which a message stands, or its own.
    """
    here_id = await uow.threads.incident_of(channel_id, thread_ts)
    here = await uow.incidents.get(here_id) if here_id is not None else None
    if words:
        return Found(await uow.merges.candidates(words, limit=limit), here)
    others = [one for one in await uow.threads.choices(limit=limit) if one.id != here_id]
    return Found([*([here] if here else []), *others][:limit], here)


async def pin(incident_id: int, said: Spoken, *, at: str, by: Actor, uow: UnitOfWork) -> bool:
    """Once for a message, however many pin it. ``at`` is Slack's timestamp of the pin.

    The answer is whether the timeline has changed. Raises IncidentNotFound.
    """
    return await _pin(incident_id, said, Pin(at, is_on=True), by=by, uow=uow)


async def unpin(incident_id: int, said: Spoken, *, at: str, by: Actor, uow: UnitOfWork) -> bool:
    """It goes off the timeline with its last pin. Raises IncidentNotFound."""
    return await _pin(incident_id, said, Pin(at, is_on=False), by=by, uow=uow)


async def add_message(incident_id: int, said: Spoken, *, is_in_thread: bool, by: Actor, uow: UnitOfWork) -> Incident:
    """By the shortcut, from wherever it stands. ``is_in_thread``: in the incident's own, where it is not told again.

    Raises AlreadyOnTimeline, IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    _, entry = await _known(incident, said, uow)
    if entry.is_shown:
        raise AlreadyOnTimeline(incident.name)
    now = replace(entry, pins={**entry.pins, _BY_SHORTCUT: Pin(said.ts, is_on=True)})
    await _show(incident, now, said, by=by, uow=uow, echo=not is_in_thread)
    return incident


async def _pin(incident_id: int, said: Spoken, pin: Pin, *, by: Actor, uow: UnitOfWork) -> bool:
    incident = await uow.incidents.lock(incident_id)
    note, entry = await _known(incident, said, uow)
    before = entry.pins.get(str(by))
    is_overtaken = before is not None and float(before.at) >= float(pin.at)
    if is_overtaken or (note is not None and note.is_gone) or (entry.is_gone and entry.is_pinned):
        return False
    now = replace(entry, pins={**entry.pins, str(by): pin})
    if now.is_pinned == entry.is_shown:
        await uow.threads.save(now)
        return False
    if now.is_pinned:
        await _show(incident, now, said, by=by, uow=uow, echo=False)
    else:
        await _take_off(incident, now, by=by, uow=uow)
    return True


async def _known(incident: Incident, said: Spoken, uow: UnitOfWork) -> tuple[Told | None, Told]:
    """(The note that it is, the entry that it is, or would be)."""
    known = [one for one in await uow.threads.told(said.channel_id, said.ts) if one.incident_id == incident.id]
    note = next((one for one in known if one.kind is ToldAs.NOTE), None)
    entry = next((one for one in known if one.kind is ToldAs.ENTRY), None)
    new = Told(said.channel_id, said.ts, incident.id, ToldAs.ENTRY, said.author, said.text, said.is_clipped, said.files)
    return note, entry or new


async def _show(incident: Incident, entry: Told, said: Spoken, *, by: Actor, uow: UnitOfWork, echo: bool) -> None:
    """What was taken off and is put back stands where it stood."""
    is_back = entry.event_id is not None
    told = {"author": entry.author} | ({"again": True, "of": entry.event_id} if is_back else said.as_data())
    event = await record_message(incident, EventKind.TIMELINE_ENTRY, told, by=by, uow=uow)
    if echo and event.id is not None:
        await uow.outbox.add_thread(incident.id, event.id, priority=Priority.CLICK)
    shown = replace(entry, text=said.text, is_clipped=said.is_clipped, files=said.files, is_gone=False)
    await uow.threads.save(shown if is_back else replace(shown, event_id=event.id))


async def _take_off(incident: Incident, entry: Told, *, by: Actor, uow: UnitOfWork) -> None:
    told = {"of": entry.event_id, "author": entry.author, "reason": "unpinned"}
    await record_message(incident, EventKind.NOTE_DELETED, told, by=by, uow=uow)
    await uow.threads.save(replace(entry, text="", is_gone=True))
