"""What channels hear of maintenance: rendered as things stand when it is sent."""

from bot.blocks.card import LinkTo
from bot.blocks.maintenance import MOST_FIRING, NOTICE, began_notice, ended_notice, gone_notice, made
from bot.message import Message
from incidents.maintenance.telling import Moment, told
from incidents.ports import UnitOfWork


async def maintenance_notice(subject: str, uow: UnitOfWork, link_to: LinkTo) -> Message:
    found = await told(subject, uow, most_cards=MOST_FIRING)
    if found is None:
        return gone_notice()
    match found.moment:
        case Moment.PLANNED:
            return made(found.window, None, now=found.window.created_at, block=NOTICE)
        case Moment.BEGAN:
            return began_notice(found.window, found.occurrence)
        case Moment.ENDED:
            links = {incident_id: link_to(*place) for incident_id, place in found.cards}
            return ended_notice(found.window, found.occurrence, found.incidents, links)
