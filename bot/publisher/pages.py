"""Pages that are messages of their own: in another channel, to a person, of several incidents, of a storm."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from bot.blocks.call import MOST_LISTED, call, calls, storm_call, storm_call_elsewhere
from bot.blocks.card import LinkTo
from bot.blocks.rollup import SERVICES, WORST
from bot.blocks.text import is_slack_person
from bot.message import Message
from incidents.escalation.keeping import Page
from incidents.model import Incident, Status
from incidents.outbox import Job
from incidents.ports import UnitOfWork
from incidents.rules.escalates import Why
from incidents.rules.still_matters import still_matters
from incidents.storms import StormNotFound, StormView

_MOST_CALLED = 50
"""By one message, which has to fit."""

Mentions = Callable[[Iterable[str]], str]

_AS, _STORM = "as:", "storm:"
_DIRECT = ("U", "W", "D")
"""How a person's id begins, and that of a conversation with one."""


async def page(job: Job, uow: UnitOfWork, *, mention: Mentions, link_to: LinkTo) -> Message | None:
    """None: what it would tell is settled, and nobody has heard of it."""
    if job.incident_id:
        return await _of_one(job, uow, mention, link_to)
    told = await _told(job, uow)
    if not told and job.subject.startswith(_STORM):
        return await _of_storm_elsewhere(job, uow)
    needed = [one for one in told if _needs_somebody(one)]
    if not needed and job.ts is None:
        return None
    called = dict.fromkeys(who for one in needed or told for who in _concerned(job, one.told))
    people = mention(islice(called, _MOST_CALLED))
    if job.subject.startswith(_STORM):
        return await _of_storm(job, uow, people)
    return await _of_several(needed if job.ts is None else told, uow, people, link_to)


async def _told(job: Job, uow: UnitOfWork) -> list[Page]:
    """``as:12``: what the page 12 tells, as far as it goes to this place, too."""
    if not job.subject.startswith(_AS):
        return await uow.escalation.told_in(job.id)
    pages = await uow.escalation.told_in(int(job.subject.removeprefix(_AS)))
    return [one for one in pages if job.meant_for in (*one.told.get("channels", ()), *one.told.get("direct", ()))]


async def _of_one(job: Job, uow: UnitOfWork, mention: Mentions, link_to: LinkTo) -> Message | None:
    event, incident = await uow.timeline.get(job.event_id), await uow.incidents.get(job.incident_id)
    if job.ts is None and not still_matters(event, incident):
        return None
    return call(event, incident, mention=mention(_concerned(job, event.data)), url=await _card(incident, uow, link_to))


def _concerned(job: Job, told: Mapping[str, Any]) -> Sequence[str]:
    """Nobody in a direct message; whom it was for, where it could not be delivered and others read it."""
    if not is_slack_person(job.meant_for):
        return tuple(told.get("mention", ()))
    return () if job.channel.startswith(_DIRECT) else (f"<@{job.meant_for}>",)


async def _of_several(pages: Sequence[Page], uow: UnitOfWork, people: str, link_to: LinkTo) -> Message:
    incidents = list({one.incident.id: one.incident for one in pages}.values())
    incidents.sort(key=lambda one: (-one.severity.rank, one.start_time, one.id))
    urls = {one.id: await _card(one, uow, link_to) for one in incidents[:MOST_LISTED]}
    return calls([(one, urls.get(one.id)) for one in incidents], mention=people)


async def _storm(job: Job, uow: UnitOfWork) -> StormView | None:
    """``storm:7:1.2``: the second step of the first round. None: it was deleted."""
    try:
        return await uow.storms.view(int(job.subject.split(":")[1]), worst=WORST, services=SERVICES)
    except StormNotFound:
        return None


async def _of_storm(job: Job, uow: UnitOfWork, people: str) -> Message | None:
    view = await _storm(job, uow)
    return None if view is None else storm_call(view, mention=people)


async def _of_storm_elsewhere(job: Job, uow: UnitOfWork) -> Message | None:
    """Beside the one in the storm's own channel, which mentions whom the step does."""
    view = await _storm(job, uow)
    if view is None or (job.ts is None and not view.here.get(Status.ACTIVE)):
        return None
    return storm_call_elsewhere(view)


def _needs_somebody(one: Page) -> bool:
    """Whoever asks for help is to be heard, though somebody has it."""
    now = one.incident
    if now.episode != one.step.episode:
        return False
    if one.step.reason == Why.BY_HAND.value:
        return now.is_open
    return now.status is Status.ACTIVE and not now.is_snoozed


async def _card(incident: Incident, uow: UnitOfWork, link_to: LinkTo) -> str | None:
    places = await uow.views.card_places(incident.id)
    return link_to(*places[0]) if places else None
