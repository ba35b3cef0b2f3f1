"""A series has ended, or its rule sees again: is the incident over?"""

from collections.abc import Mapping
from typing import NamedTuple

from incidents.model import Incident, Resolution
from incidents.reasons import Reason
from incidents.rules.worst_end import worst_end

_UNSEEN_ENDS = (Resolution.SOURCE_ERROR, Resolution.NO_DATA, Resolution.SERIES_MISSING)


class Closing(NamedTuple):
    """``resolution`` None: it stays open, and ``reason`` says why."""

    resolution: Resolution | None
    reason: Reason


def closing(incident: Incident, *, firing: int, doubts: Mapping[Resolution, int]) -> Closing:
    """``firing`` series still fire; ``doubts`` counts those of this episode that ended without having recovered.

    While a rule can't see, an end that only says so proves nothing: it is judged when the rule sees again.
    """
    if firing > 0:
        return Closing(None, Reason.SERIES_RESOLVED)
    if is_held_blind(incident, doubts):
        return Closing(None, Reason.BLIND)
    if incident.flapping:
        return Closing(None, Reason.FLAPPING)
    resolution = worst_end(doubts)
    return Closing(resolution, Reason.RECOVERED if resolution is Resolution.RECOVERED else Reason.ENDED_UNPROVEN)


def is_held_blind(incident: Incident, doubts: Mapping[Resolution, int]) -> bool:
    """Whether only blindness ended some of its series, and lasts."""
    return incident.blind_since is not None and any(doubts.get(one, 0) > 0 for one in _UNSEEN_ENDS)
