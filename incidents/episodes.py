"""What a change means for the row of its episode: times that are set once are never set again."""

from datetime import datetime

from base.records import replace
from incidents.change import Change
from incidents.model import Actor, Episode, EventKind, Incident, Resolution

_RESPONSES = frozenset(
    {
        EventKind.ACKNOWLEDGED, EventKind.ASSIGNED, EventKind.RESOLVED, EventKind.MARKED_NOISE,
        EventKind.APPROVAL_ASKED,
    }
)  # fmt: skip
_MOVE_THE_START = frozenset({EventKind.ABSORBED, EventKind.UNMERGED})


def opened(incident: Incident, *, now: datetime, reason: str) -> Episode:
    """The first row of an episode. An acknowledgement that came over from the one before is inherited."""
    return Episode(
        incident_id=incident.id,
        number=incident.episode,
        opened_at=now,
        started_at=incident.start_time,
        severity=incident.severity,
        opened_reason=reason,
        inherited=incident.acknowledged_by is not None,
    )


def advanced(episode: Episode, change: Change, *, by: Actor) -> Episode:
    """The row after a change within the episode."""
    if change.after.severity.rank > episode.severity.rank:
        episode = replace(episode, severity=change.after.severity)
    if by.is_human and change.event.kind in _RESPONSES and episode.responded_at is None:
        episode = replace(episode, responded_at=change.event.at, responded_by=str(by))
    if change.event.kind is EventKind.ACKNOWLEDGED and episode.acknowledged_at is None:
        episode = replace(episode, acknowledged_at=change.event.at, acknowledged_by=str(by))
    if change.event.kind in _MOVE_THE_START:
        episode = replace(episode, started_at=change.after.start_time)
    if change.event.kind is EventKind.UNMERGED:
        return _as_if_never_merged(episode, change)
    if change.closes and episode.resolved_at is None:
        episode = replace(
            episode,
            resolved_at=change.after.resolved_time,
            resolved_by=change.after.resolved_by,
            resolution=change.after.resolution,
            recovered_at=change.recovered_at,
        )
    return episode


def _as_if_never_merged(episode: Episode, change: Change) -> Episode:
    """A merge closes an incident in the books alone: where it is undone, the episode goes on, or ended otherwise.

    And where the one that it was merged into has recovered by now, it did when its own series had.
    """
    after = change.after
    if episode.resolution is not Resolution.MERGED:
        return episode if change.recovered_at is None else replace(episode, recovered_at=change.recovered_at)
    return replace(
        episode,
        resolved_at=after.resolved_time,
        resolved_by=after.resolved_by,
        resolution=after.resolution,
        recovered_at=change.recovered_at,
    )
