"""Messages into a channel that are no card, and are posted once: which renderer a subject has, by its prefix."""

from collections.abc import Awaitable, Callable, Mapping

from bot.blocks.card import LinkTo
from bot.blocks.handover import HandedOver, handover
from bot.message import Message
from incidents.browse import Filter
from incidents.policy import Policy
from incidents.ports import UnitOfWork
from incidents.rules.handed_over import is_handed_over

_MOST_SEARCHED = 200
"""Open incidents, of which those are told that go with the schedule."""

Renderer = Callable[[str, UnitOfWork, Policy, LinkTo], Awaitable[Message | None]]
"""What stands behind the prefix → the message, None: there is nothing to say."""


async def report(subject: str, uow: UnitOfWork, policy: Policy, link_to: LinkTo) -> Message | None:
    """``handover:12``. Raises LookupError for a subject that nobody renders."""
    prefix, _, rest = subject.partition(":")
    return await REPORTS[prefix](rest, uow, policy, link_to)


async def _handover(number: str, uow: UnitOfWork, policy: Policy, link_to: LinkTo) -> Message | None:
    """None: its schedule is gone from bongsu.yaml meanwhile."""
    told = await uow.handovers.get(int(number))
    schedule = None if told is None else policy.schedules.get(told.schedule)
    if told is None or schedule is None:
        return None
    page = await uow.views.page(Filter(), limit=_MOST_SEARCHED)
    theirs = [one for one in page.listed if is_handed_over(one.incident, schedule, policy)]
    return handover(HandedOver(told, theirs, is_more=page.on is not None), link_to=link_to)


REPORTS: Mapping[str, Renderer] = {"handover": _handover}
