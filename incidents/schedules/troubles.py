"""Telling who runs Bongsu what is wrong with schedules: each trouble once, and when it is over in the same message."""

from incidents.policy import Policy
from incidents.ports import UnitOfWork
from incidents.schedules.trouble import Found, Trouble, TroubleKind


async def tell_troubles(kind: TroubleKind, found: Found, uow: UnitOfWork, policy: Policy) -> bool:
    """``found``: all that there is of this kind now. Whether anything is news."""
    before = {(one.schedule, one.about): one for one in await uow.troubles.of(kind)}
    for (schedule, about), detail in found.items():
        known = before.get((schedule, about))
        if known is None:
            begun = await uow.troubles.begin(Trouble(kind, schedule, about, detail))
            await uow.outbox.add_notice_once(begun.subject, channel=policy.channel_for_admins)
        elif known.detail != detail:
            await uow.troubles.change(known.as_told(detail))
            await uow.outbox.touch_notice(known.subject)
    over = [one for key, one in before.items() if key not in found]
    for one in over:
        await uow.troubles.end(one)
        await uow.outbox.touch_notice(one.subject)
    return bool(over) or any(key not in before or before[key].detail != found[key] for key in found)
