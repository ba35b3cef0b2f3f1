"""May one incident be merged into another?"""

from enum import StrEnum

from incidents.model import AlertKind, Incident


class Obstacle(StrEnum):
    """Why not."""

    ITSELF = "itself"
    MERGED_ALREADY = "merged_already"
    """It is part of another already: that one may be merged."""
    INTO_MERGED = "into_merged"
    """The other is part of a third: that one takes it."""
    TEST = "test"
    RESOLVED = "resolved"
    """It is over: there is nothing to handle together."""
    INTO_RESOLVED = "into_resolved"


def obstacle(merged: Incident, *, into: Incident) -> Obstacle | None:
    """None: it may."""
    if merged.id == into.id:
        return Obstacle.ITSELF
    if merged.merged_into_id is not None:
        return Obstacle.MERGED_ALREADY
    if into.merged_into_id is not None:
        return Obstacle.INTO_MERGED
    if AlertKind.TEST in {merged.kind, into.kind}:
        return Obstacle.TEST
    if not merged.is_open:
        return Obstacle.RESOLVED
    return None if into.is_open else Obstacle.INTO_RESOLVED
