"""How did an incident end whose series ended in different ways? As the worst of them."""

from collections.abc import Mapping

from incidents.model import Resolution

WORST_FIRST = (
    Resolution.SOURCE_ERROR,
    Resolution.NO_DATA,
    Resolution.SERIES_MISSING,
    Resolution.RULE_DELETED,
    Resolution.RULE_CHANGED,
    Resolution.PAUSED,
)
"""From what went wrong by itself, where nobody knows whether all is well, to what a person did on purpose."""


def worst_end(doubts: Mapping[Resolution, int]) -> Resolution:
    """``doubts`` counts the series that ended without having recovered. Where there are none it is recovered."""
    return next((one for one in WORST_FIRST if doubts.get(one, 0) > 0), Resolution.RECOVERED)
