"""What people write in an incident's thread is on its timeline as notes, and what becomes of the message is followed.

Slack may tell things out of their order: an edit before the message, a deletion before either. Whatever comes first
stands, and what is older changes nothing any more.
"""

from collections.abc import Iterable
from dataclasses import replace

from incidents.model import SYSTEM, Actor, EventKind, Incident
from incidents.ports import UnitOfWork
from incidents.record import record_message
from incidents.threads import Spoken, Told, ToldAs


async def note_reply(incident_id: int, said: Spoken, *, uow: UnitOfWork, edited_ts: str = "") -> bool:
    """Note it, unless it is known already. ``edited_ts``: of the edit by which it is as told. Raises IncidentNotFound.

    The answer is whether anything has changed; so it is below.
    """
    incident = await uow.incidents.lock(incident_id)
    if any(one.kind is ToldAs.NOTE for one in await _of(incident, said.channel_id, said.ts, uow)):
        return False
    by = Actor.slack(said.author)
    event = await record_message(incident, EventKind.NOTED, said.as_data(), by=by, uow=uow)
    note = Told(said.channel_id, said.ts, incident.id, ToldAs.NOTE, said.author, said.text, said.is_clipped, said.files)
    await uow.threads.save(replace(note, event_id=event.id, edited_ts=edited_ts))
    return True


async def edit_reply(incident_id: int, said: Spoken, *, edited_ts: str, uow: UnitOfWork) -> bool:
    """It says something else now, wherever it is told. Of an edit that was overtaken by a newer one nothing remains."""
    locked = await _lock_all(incident_id, said.channel_id, said.ts, uow)
    changed = False
    for incident in locked:
        known = await _of(incident, said.channel_id, said.ts, uow)
        if incident.id == incident_id and not any(one.kind is ToldAs.NOTE for one in known):
            changed |= await note_reply(incident_id, said, uow=uow, edited_ts=edited_ts)
            incident = await uow.incidents.lock(incident_id)  # noqa: PLW2901 - as it is after that
        changed |= await _edit(incident, known, said, edited_ts, uow)
    return changed


async def delete_reply(incident_id: int | None, channel_id: str, ts: str, *, uow: UnitOfWork) -> bool:
    """It is gone, wherever it is told. ``incident_id`` None: in whose thread it was is not known."""
    changed = False
    for incident in await _lock_all(incident_id, channel_id, ts, uow):
        known = await _of(incident, channel_id, ts, uow)
        if incident.id == incident_id and not any(one.kind is ToldAs.NOTE for one in known):
            never_told = Told(channel_id, ts, incident.id, ToldAs.NOTE, "", "", is_gone=True)
            await uow.threads.save(never_told)
        changed |= await _delete(incident, known, uow)
    return changed


async def _of(incident: Incident, channel_id: str, ts: str, uow: UnitOfWork) -> list[Told]:
    return [one for one in await uow.threads.told(channel_id, ts) if one.incident_id == incident.id]


async def _lock_all(incident_id: int | None, channel_id: str, ts: str, uow: UnitOfWork) -> list[Incident]:
    """All incidents that the message concerns; what is known of it is read again under their locks."""
    known: Iterable[Told] = await uow.threads.told(channel_id, ts)
    ids = {one.incident_id for one in known} | ({incident_id} if incident_id is not None else set())
    return await uow.incidents.lock_for(keys=(), ids=ids, resolved_since=uow.now)


async def _edit(incident: Incident, known: list[Told], said: Spoken, edited_ts: str, uow: UnitOfWork) -> bool:
    shown = [one for one in known if one.is_shown and _is_older(one.edited_ts, edited_ts) and _differs(one, said)]
    if not shown:
        return False
    told = {"of": shown[0].event_id, "now": said.text, "channel": said.channel_id, "ts": said.ts}
    by = Actor.slack(said.author)
    await record_message(incident, EventKind.NOTE_EDITED, told, by=by, uow=uow)
    for one in shown:
        now = replace(one, text=said.text, is_clipped=said.is_clipped, files=said.files, edited_ts=edited_ts)
        await uow.threads.save(now)
    return True


async def _delete(incident: Incident, known: list[Told], uow: UnitOfWork) -> bool:
    """Slack does not tell who deletes a message."""
    shown = [one for one in known if one.is_shown]
    if not shown:
        return False
    first = shown[0]
    told = {"of": first.event_id, "author": first.author, "channel": first.channel_id, "ts": first.ts}
    await record_message(incident, EventKind.NOTE_DELETED, told, by=SYSTEM, uow=uow)
    for one in shown:
        await uow.threads.save(replace(one, text="", is_gone=True))
    return True


def _is_older(known: str, edited_ts: str) -> bool:
    return _moment(known) < _moment(edited_ts)


def _moment(ts: str) -> tuple[int, int]:
    """Slack's timestamps as what they are: seconds and a count within the second."""
    seconds, _, count = ts.partition(".")
    return int(seconds or 0), int(count or 0)


def _differs(told: Told, said: Spoken) -> bool:
    """A link that unfolds changes a message, too, but not what it says."""
    return (told.text, told.files) != (said.text, said.files)
