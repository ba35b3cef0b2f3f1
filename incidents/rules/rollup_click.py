"""Which incidents may "Acknowledge all" take? Those that the person saw, as they were, and that nobody has yet.

An incident that opened, opened again or became graver after that is left alone: nobody can take what they didn't see.
"""

from enum import StrEnum

from incidents.model import Incident, Status
from incidents.storms import Member


class Standing(StrEnum):
    """What the click does with one incident of the roll-up."""

    TAKEN = "taken"
    """It is acknowledged."""
    UNSEEN = "unseen"
    """It came, or changed, after what the person saw."""
    HELD = "held"
    """Somebody has it."""
    OVER = "over"
    """It has resolved."""


def standing(member: Member, incident: Incident, *, seen_rev: int) -> Standing:
    """``incident`` as it is now, locked; ``seen_rev``: the revision of the roll-up that was clicked."""
    if incident.status is Status.RESOLVED:
        return Standing.OVER
    if incident.status is Status.ACKNOWLEDGED:
        return Standing.HELD
    changed = incident.episode != member.episode or incident.severity.rank > member.severity.rank
    return Standing.UNSEEN if changed or member.since_rev > seen_rev else Standing.TAKEN
