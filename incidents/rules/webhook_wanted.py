"""Does a call to a webhook still matter when its turn has come?"""

from incidents.escalation.webhooks import Action, Unwanted
from incidents.model import Status


def why_unwanted(action: Action, status: Status, *, is_begun: bool, was_told: bool) -> Unwanted | None:
    """Why it is dropped; None: it goes out.

    ``status`` is the incident's. ``is_begun``: the receiver may have heard of it already. ``was_told``: the receiver
    may have heard of the incident at all.
    """
    if is_begun:
        return None
    if action is Action.TRIGGER:
        return Unwanted.RESOLVED if status is Status.RESOLVED else None
    if not was_told:
        return Unwanted.NEVER_TOLD
    return None if status in _WHILE[action] else Unwanted.CHANGED


_WHILE = {
    Action.ACKNOWLEDGE: {Status.ACKNOWLEDGED},
    Action.UNACKNOWLEDGE: {Status.ACTIVE, Status.ACKNOWLEDGED},
    Action.RESOLVE: {Status.RESOLVED},
}
