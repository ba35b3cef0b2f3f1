"""Reports: messages of their own in a channel, of more than one incident, by what their subject begins with."""

from collections.abc import Awaitable, Callable, Mapping

from bot.blocks.card import LinkTo
from bot.blocks.handover import HandedOver, handover
from bot.blocks.report import report
from bot.message import Message
from incidents.browse import Filter
from incidents.digests.model import edition_id
from incidents.digests.report import report_of
from incidents.outbox import Job
from incidents.policy import Policy
from incidents.ports import UnitOfWork
from incidents.rules.handed_over import is_handed_over

_MOST_SEARCHED = 200
"""Open incidents, of which those are told that go with the schedule."""

Renderer = Callable[[Job, UnitOfWork, Policy, LinkTo], Awaitable[Message | None]]


async def report_message(job: Job, uow: UnitOfWork, policy: Policy, link_to: LinkTo) -> Message | None:
    """As things stand. None: nothing is to be told. Raises LookupError for a subject that nobody renders."""
    kind = job.subject.partition(":")[0]
    if kind not in RENDERERS:
        raise LookupError(f"nothing is known of a report {job.subject}")
    return await RENDERERS[kind](job, uow, policy, link_to)


async def _digest(job: Job, uow: UnitOfWork, policy: Policy, link_to: LinkTo) -> Message:  # noqa: ARG001 - as all are
    edition = await uow.digests.get(edition_id(job.subject))
    return report(await report_of(edition, uow), link_to=link_to)


async def _handover(job: Job, uow: UnitOfWork, policy: Policy, link_to: LinkTo) -> Message | None:
    """``handover:12``. None: its schedule is gone from bongsu.yaml meanwhile."""
    told = await uow.handovers.get(int(job.subject.partition(":")[2]))
    schedule = None if told is None else policy.schedules.get(told.schedule)
    if told is None or schedule is None:
        return None
    page = await uow.views.page(Filter(), limit=_MOST_SEARCHED)
    theirs = [one for one in page.listed if is_handed_over(one.incident, schedule, policy)]
    return handover(HandedOver(told, theirs, is_more=page.on is not None), link_to=link_to)


RENDERERS: Mapping[str, Renderer] = {"digest": _digest, "handover": _handover}
