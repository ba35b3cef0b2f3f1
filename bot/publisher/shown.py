"""An incident's card as things stand in a transaction."""

from bot.blocks.card import LinkTo, card
from bot.message import Message
from incidents.escalation.coming import Coming, coming
from incidents.model import IncidentView
from incidents.policy import Policy
from incidents.ports import UnitOfWork


async def card_now(incident_id: int, uow: UnitOfWork, *, link_to: LinkTo) -> Message:
    """Raises IncidentNotFound."""
    return await card_of(await uow.views.incident(incident_id), uow, link_to=link_to)


async def card_of(view: IncidentView, uow: UnitOfWork, *, link_to: LinkTo) -> Message:
    return as_card(view, await coming(view.incident, uow), uow.policy, link_to=link_to)


def as_card(view: IncidentView, next_step: Coming | None, policy: Policy, *, link_to: LinkTo) -> Message:
    return card(view, reopen_window=policy.reopen_window, link_to=link_to, coming=next_step)
