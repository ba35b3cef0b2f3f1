"""Pages that are messages of their own: in another channel, to a person, of several incidents, of a storm."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from bot.blocks.call import MOST_LISTED, call, calls, storm_call
from bot.blocks.card import LinkTo
from bot.blocks.rollup import SERVICES, WORST
from bot.message import Message
from incidents.escalation.keeping import Page
from incidents.model import Incident, Status
from incidents.ports import Job, UnitOfWork
from incidents.rules.escalates import Why
from incidents.rules.still_matters import still_matters
from incidents.storms import StormNotFound

_MOST_CALLED = 50
"""By one message, which has to fit."""

Mentions = Callable[[Iterable[str]], str]


async def page(job: Job, uow: UnitOfWork, *, mention: Mentions, link_to: LinkTo) -> Message | None:
    """None: what it would tell is settled, and nobody has heard of it."""
    if job.incident_id:
        return await _of_one(job, uow, mention, link_to)
    told = await uow.escalation.told_in(job.id)
    needed = [one for one in told if _needs_somebody(one)]
    if not needed and job.ts is None:
        return None
    called = dict.fromkeys(who for one in needed or told for who in one.told.get("mention", ()))
    people = mention(islice(called, _MOST_CALLED))
    if job.subject.startswith("storm:"):
        return await _of_storm(job, uow, people)
    return await _of_several(needed if job.ts is None else told, uow, people, link_to)


async def _of_one(job: Job, uow: UnitOfWork, mention: Mentions, link_to: LinkTo) -> Message | None:
    event, incident = await uow.timeline.get(job.event_id), await uow.incidents.get(job.incident_id)
    if job.ts is None and not still_matters(event, incident):
        return None
    is_person = job.channel.startswith(("U", "W"))
    people = "" if is_person else mention(event.data.get("mention", ()))
    return call(event, incident, mention=people, url=await _card(incident, uow, link_to))


async def _of_several(pages: Sequence[Page], uow: UnitOfWork, people: str, link_to: LinkTo) -> Message:
    incidents = list({one.incident.id: one.incident for one in pages}.values())
    incidents.sort(key=lambda one: (-one.severity.rank, one.start_time, one.id))
    urls = {one.id: await _card(one, uow, link_to) for one in incidents[:MOST_LISTED]}
    return calls([(one, urls.get(one.id)) for one in incidents], mention=people)


async def _of_storm(job: Job, uow: UnitOfWork, people: str) -> Message | None:
    """``storm:7:1.2``: the second step of the first round."""
    try:
        view = await uow.storms.view(int(job.subject.split(":")[1]), worst=WORST, services=SERVICES)
    except StormNotFound:
        return None
    return storm_call(view, mention=people)


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
