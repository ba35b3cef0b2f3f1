"""May this one be the second person?"""

from incidents.actor import SYSTEM, Actor
from incidents.approvals.errors import NotSecondBecause
from incidents.approvals.model import Approval


def why_not_second(approval: Approval, by: Actor) -> NotSecondBecause | None:
    """None: they may. Whoever holds a key can speak for all for whom it acts, so one key is never two people.

    What Bongsu does by itself is nobody's word.
    """
    if str(by) == approval.asked_by or by == SYSTEM:
        return NotSecondBecause.SAME_PERSON
    if _keys(by) & _keys(approval.asker):
        return NotSecondBecause.SAME_KEY
    return None


def _keys(actor: Actor) -> set[str]:
    """The names of the keys that speak here."""
    own = {actor.id} if actor.kind == "key" else set()
    return own | ({actor.via} if actor.via else set())
