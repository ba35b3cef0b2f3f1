"""Is a heartbeat silent, and does anybody have to be told?"""

from datetime import datetime, timedelta
from enum import StrEnum

from incidents.heartbeats.model import Pulse

REPEATED_EVERY = timedelta(hours=1)
"""A silence that lasts is told again so often, as a monitoring system does: nothing that is told becomes stale."""

AWAY = timedelta(seconds=30)
"""Where nobody has listened for longer, that time counts for nobody: it was our own silence."""


class Turn(StrEnum):
    """What is to be told of a heartbeat."""

    BEGAN = "began"
    """It was not heard of in time."""
    LASTS = "lasts"
    """It is silent still, and was told so a while ago."""
    ENDED = "ended"
    """It was heard of again."""


def turn(pulse: Pulse, *, now: datetime) -> Turn | None:
    """None: there is nothing to tell. A beat moves ``expected_by``, and nothing else does while it is silent."""
    if pulse.silent_since is None:
        return Turn.BEGAN if pulse.expected_by <= now else None
    if pulse.expected_by > pulse.silent_since:
        return Turn.ENDED
    is_old = pulse.told_at is None or pulse.told_at + REPEATED_EVERY <= now
    return Turn.LASTS if is_old else None


def our_own_silence(listened_at: datetime, *, now: datetime) -> timedelta:
    """How long nobody has listened, so that no beat could be heard; zero: somebody did."""
    away = now - listened_at
    return away if away > AWAY else timedelta(0)
