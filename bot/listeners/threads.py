"""What happens when somebody writes below a card, or puts a 📌 on what stands there.

In a busy channel nearly all that Slack tells is about something else: that is seen in memory, or by one look through
an index, and nothing is written.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.client import SLACK_ERRORS
from bot.desk import Desk
from bot.heard import Deleted, Pinned, Said, heard, name_of
from bot.spoken import NoMessage, Unreadable, find_message, spoken_message, spoken_reply
from incidents.actions.thread_notes import delete_reply, edit_reply, note_reply
from incidents.actions.timeline_entry import pin, unpin
from incidents.errors import BongsuError, IncidentNotFound
from incidents.model import Actor
from incidents.ports import UnitOfWork
from incidents.threads import Spoken, Told, ToldAs

_EVENTS = ("message", "reaction_added", "reaction_removed")
_FRESH = timedelta(seconds=60)
"""A card that was posted so lately may not be known to be one yet."""
_FETCH_SECONDS = 1.5

logger = logging.getLogger(__name__)

Change = Callable[[UnitOfWork], Awaitable[bool]]


class NotYet(BongsuError):
    """What it is about is not known yet: Slack is to tell it again."""


def register(app: AsyncApp, desk: Desk) -> None:
    """As middleware, since Bolt acknowledges an event before its listener runs: Slack would never tell it again."""

    async def hear(body: dict[str, Any]) -> BoltResponse:
        started = time.monotonic()
        status = 200
        try:
            became = await follow(desk, body["event"], str(body.get("event_id") or ""))
        except (BongsuError, TimeoutError, *SLACK_ERRORS) as error:
            became, status = "again", 503
            told = {"action": "slack_event", "event": name_of(body["event"]), "error": str(error)}
            logger.warning("an event could not be followed, slack is to send it again", extra=told)
        seconds = time.monotonic() - started
        desk.metrics.handled("event", name_of(body["event"]), became, seconds=seconds)
        return BoltResponse(status=status, body="")

    for event in _EVENTS:
        app.event(event, middleware=[hear])(_never)


async def _never() -> None:
    """The middleware has answered."""


async def follow(desk: Desk, event: dict[str, Any], event_id: str) -> str:
    """What became of it, in one word for the metrics. Raises BongsuError and what Slack's client raises: try again."""
    match heard(event, us=desk.identity.user_id):
        case Said() as said:
            return await _follow_reply(desk, said, event_id)
        case Deleted() as deleted:
            return await _follow_deletion(desk, deleted, event_id)
        case Pinned() as pinned:
            return await _follow_pin(desk, pinned, event_id)
        case _:
            return "ignored"


async def _follow_reply(desk: Desk, said: Said, event_id: str) -> str:
    incident_id = await desk.look(lambda uow: uow.threads.incident_of(said.channel_id, said.thread_ts))
    if incident_id is None:
        return _unknown_thread(desk, said)
    spoken = await spoken_reply(desk, said)

    async def work(uow: UnitOfWork) -> bool:
        if said.edited_ts:
            return await edit_reply(incident_id, spoken, edited_ts=said.edited_ts, uow=uow)
        return await note_reply(incident_id, spoken, uow=uow)

    return await _once(desk, event_id, work)


def _unknown_thread(desk: Desk, said: Said) -> str:
    """Slack may tell of a reply before the card's own post is known to have come to its end. Raises NotYet."""
    if said.below_us and desk.now().timestamp() - float(said.thread_ts) < _FRESH.total_seconds():
        raise NotYet("the message above it is not known yet")
    return "foreign"


async def _follow_deletion(desk: Desk, deleted: Deleted, event_id: str) -> str:
    channel_id, ts, thread_ts = deleted.channel_id, deleted.ts, deleted.thread_ts

    async def look(uow: UnitOfWork) -> tuple[int | None, bool]:
        incident_id = await uow.threads.incident_of(channel_id, thread_ts) if thread_ts else None
        return incident_id, incident_id is not None or bool(await uow.threads.told(channel_id, ts))

    incident_id, concerns_us = await desk.look(look)
    if not concerns_us:
        return "foreign"
    return await _once(desk, event_id, lambda uow: delete_reply(incident_id, channel_id, ts, uow=uow))


async def _follow_pin(desk: Desk, pinned: Pinned, event_id: str) -> str:
    found = await (_to_pin(desk, pinned) if pinned.is_on else _to_unpin(desk, pinned))
    if not found:
        return "foreign"
    person = await desk.directory.person(pinned.user)
    if person is not None and person.is_bot:
        return "ignored"
    by = Actor.slack(pinned.user)
    use_case = pin if pinned.is_on else unpin

    async def work(uow: UnitOfWork) -> bool:
        changed = False
        for incident_id, said in found:
            changed |= await use_case(incident_id, said, at=pinned.at, by=by, uow=uow)
        return changed

    return await _once(desk, event_id, work)


async def _to_pin(desk: Desk, pinned: Pinned) -> list[tuple[int, Spoken]]:
    """A note that is known, else what Slack tells of the message: it names no thread with a reaction."""
    known = await _told(desk, pinned)
    if notes := [one for one in known if one.kind is ToldAs.NOTE]:
        return [(one.incident_id, _as_spoken(desk, one)) for one in notes]
    if not await desk.look(lambda uow: uow.threads.has_cards(pinned.channel_id)):
        return []
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            message = await find_message(desk, pinned.channel_id, pinned.ts)
    except (Unreadable, NoMessage):
        return []
    thread_ts = str(message.get("thread_ts") or "")
    if thread_ts in {"", pinned.ts} or message.get("user") == desk.identity.user_id:
        return []
    incident_id = await desk.look(lambda uow: uow.threads.incident_of(pinned.channel_id, thread_ts))
    return [] if incident_id is None else [(incident_id, await spoken_message(desk, pinned.channel_id, message))]


async def _to_unpin(desk: Desk, pinned: Pinned) -> list[tuple[int, Spoken]]:
    known = await _told(desk, pinned)
    mine = [one for one in known if one.kind is ToldAs.NOTE or pinned.user in one.pins]
    return [(one.incident_id, _as_spoken(desk, one)) for one in {one.incident_id: one for one in mine}.values()]


async def _told(desk: Desk, pinned: Pinned) -> list[Told]:
    return list(await desk.look(lambda uow: uow.threads.told(pinned.channel_id, pinned.ts)))


def _as_spoken(desk: Desk, told: Told) -> Spoken:
    link = desk.identity.link_to(told.channel_id, told.ts)
    return Spoken(told.channel_id, told.ts, told.author, told.text, told.is_clipped, told.files, link)


async def _once(desk: Desk, event_id: str, work: Change) -> str:
    """However often Slack sends the event, to whichever process: one effect. With it the event is remembered."""

    async def heard_once(uow: UnitOfWork) -> str:
        if event_id and not await uow.threads.hear(event_id):
            return "duplicate"
        return "done" if await work(uow) else "unchanged"

    try:
        return await desk.do(heard_once)
    except IncidentNotFound:
        return "foreign"
