"""The state machine: what may follow what. Pure: an incident in, a change out, or a refusal.

| from | to | by |
|---|---|---|
| active | acknowledged | acknowledge |
| acknowledged | active | unacknowledge |
| active, acknowledged | resolved | resolve, all series resolved, mark noise |
| resolved | as before it | reopen, mark real while a series fires |
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from incidents.errors import (
    AlreadyAcknowledged,
    AlreadyNoise,
    AlreadyResolved,
    NotAcknowledged,
    NotNoise,
    NotResolved,
)
from incidents.model import Actor, Event, EventKind, Incident, Resolution, Severity, Status


@dataclass(frozen=True, slots=True)
class Change:
    """One step of one incident and the event that tells it.

    ``recovered_at`` is when the source says that the last series ended, None unless it recovered.
    """

    before: Incident
    after: Incident
    event: Event
    recovered_at: datetime | None = None

    @property
    def opens_episode(self) -> bool:
        return self.after.episode > self.before.episode


def opened(incident: Incident, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> Change:
    """The first step of an incident that was just made."""
    return _change(incident, incident, EventKind.OPENED, by, now, data)


def acknowledge(incident: Incident, *, by: Actor, now: datetime) -> Change:
    if incident.status is Status.RESOLVED:
        raise _already_resolved(incident)
    if incident.status is Status.ACKNOWLEDGED:
        raise AlreadyAcknowledged(incident.name, incident.acknowledged_by, incident.acknowledged_time)
    after = replace(incident, status=Status.ACKNOWLEDGED, acknowledged_time=now, acknowledged_by=str(by))
    return _change(incident, after, EventKind.ACKNOWLEDGED, by, now)


def unacknowledge(incident: Incident, *, by: Actor, now: datetime) -> Change:
    if incident.status is Status.RESOLVED:
        raise _already_resolved(incident)
    if incident.status is not Status.ACKNOWLEDGED:
        raise NotAcknowledged(incident.name)
    after = replace(incident, status=Status.ACTIVE, acknowledged_time=None, acknowledged_by=None, assignee=None)
    return _change(incident, after, EventKind.UNACKNOWLEDGED, by, now, {"was": incident.owner})


def resolve(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    resolution: Resolution,
    still_firing: int = 0,
    note: str = "",
    recovered_at: datetime | None = None,
) -> Change:
    if incident.status is Status.RESOLVED:
        raise _already_resolved(incident)
    after = replace(incident, status=Status.RESOLVED, resolved_time=now, resolved_by=str(by), resolution=resolution)
    data = {"resolution": resolution.value, "still_firing": still_firing, "note": note}
    return replace(_change(incident, after, EventKind.RESOLVED, by, now, data), recovered_at=recovered_at)


def reopen(incident: Incident, *, by: Actor, now: datetime, reason: str, start_time: datetime) -> Change:
    """Open again, as a new episode, in the state it had: acknowledged stays acknowledged, with its owner."""
    if incident.status is not Status.RESOLVED:
        raise NotResolved(incident.name)
    after = _as_new_episode(incident, start_time)
    return _change(incident, after, EventKind.REOPENED, by, now, {"reason": reason})


def mark_noise(incident: Incident, *, by: Actor, now: datetime, reason: str = "", still_firing: int = 0) -> Change:
    """Noise ends the present episode; one that had ended before keeps its end."""
    if incident.is_noise:
        raise AlreadyNoise(incident.name)
    after = replace(incident, is_noise=True, noise_reason=reason or None, resolution=Resolution.NOISE)
    if incident.is_open:
        after = replace(after, status=Status.RESOLVED, resolved_time=now, resolved_by=str(by))
    data = {"reason": reason, "still_firing": still_firing, "was": incident.status.value}
    return _change(incident, after, EventKind.MARKED_NOISE, by, now, data)


def mark_real(
    incident: Incident, *, by: Actor, now: datetime, firing_since: datetime | None, resolution: Resolution
) -> Change:
    """No noise after all. ``firing_since`` not None: it still fires, so it opens again; else it ended as told."""
    if not incident.is_noise:
        raise NotNoise(incident.name)
    if firing_since is not None:
        after = _as_new_episode(incident, firing_since)
    else:
        after = replace(incident, is_noise=False, noise_reason=None, resolution=resolution)
    return _change(incident, after, EventKind.MARKED_REAL, by, now, {"reason": "marked_real"})


def assign(incident: Incident, *, to: str | None, by: Actor, now: datetime) -> Change:
    after = replace(incident, assignee=to)
    kind = EventKind.ASSIGNED if to else EventKind.UNASSIGNED
    return _change(incident, after, kind, by, now, {"to": to, "was": incident.assignee})


def note(incident: Incident, *, text: str, by: Actor, now: datetime) -> Change:
    return _change(incident, incident, EventKind.NOTED, by, now, {"text": text})


def raise_severity(incident: Incident, *, to: Severity, by: Actor, now: datetime) -> Change:
    after = replace(incident, severity=to)
    return _change(
        incident, after, EventKind.SEVERITY_RAISED, by, now, {"from": incident.severity.value, "to": to.value}
    )


def series_event(incident: Incident, kind: EventKind, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> Change:
    """A series fired or ended: the incident itself stays as it is, but what people see has changed."""
    return _change(incident, incident, kind, by, now, data)


def _as_new_episode(incident: Incident, start_time: datetime) -> Incident:
    return replace(
        incident,
        status=Status.ACKNOWLEDGED if incident.acknowledged_by else Status.ACTIVE,
        resolved_time=None,
        resolved_by=None,
        resolution=None,
        is_noise=False,
        noise_reason=None,
        start_time=start_time,
        episode=incident.episode + 1,
    )


def _change(
    before: Incident,
    after: Incident,
    kind: EventKind,
    by: Actor,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> Change:
    after = replace(after, version=before.version + 1, event_count=before.event_count + 1)
    event = Event(at=now, actor=str(by), kind=kind, data=data or {}, episode=after.episode)
    return Change(before, after, event)


def _already_resolved(incident: Incident) -> AlreadyResolved:
    return AlreadyResolved(incident.name, incident.resolved_by, incident.resolved_time)
