"""The state machine: what may follow what. Pure: an incident in, a change out, or a refusal.

| from | to | by |
|---|---|---|
| active | acknowledged | acknowledge |
| acknowledged | active | unacknowledge; a critical worsening that nobody confirms in time |
| active, acknowledged | resolved | resolve; all series resolved, or quiet after flapping; noise; stale; test over |
| active, acknowledged | resolved | merge |
| resolved | as before it | reopen: by hand, by a series in the window, by the clock; mark real while a series fires |
| resolved by a merge | as before it | unmerge, unless all its series have ended meanwhile |
| any | same | absorb, give back, split off |
| any | same | assign, note, severity; flapping, blinded, sees again; worsened, confirmed; still firing, asked |

Resolving ends flapping, blindness and what was to be confirmed. What an owner took is remembered over a reopening.
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
    NothingToConfirm,
    NotNoise,
    NotResolved,
)
from incidents.model import Actor, Event, EventKind, Incident, Resolution, Severity, Status
from incidents.reasons import Reason
from incidents.rules.critical_still_firing import comes_back_at
from incidents.rules.mention import mention
from incidents.rules.worsening import Worsening, confirm_by


@dataclass(frozen=True, slots=True)
class Change:
    """One step of one incident and the event that tells it.

    ``recovered_at`` is when the source says that the last series ended, None unless it recovered. ``remind``: whom the
    event's data mention must hear of it.
    """

    before: Incident
    after: Incident
    event: Event
    recovered_at: datetime | None = None
    remind: bool = False

    @property
    def opens_episode(self) -> bool:
        return self.after.episode > self.before.episode

    @property
    def closes(self) -> bool:
        return self.before.is_open and not self.after.is_open


def opened(incident: Incident, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> Change:
    """The first step of an incident that was just made."""
    return _change(incident, incident, EventKind.OPENED, by, now, data)


def acknowledge(incident: Incident, *, by: Actor, now: datetime) -> Change:
    if incident.status is Status.RESOLVED:
        raise _already_resolved(incident)
    if incident.status is Status.ACKNOWLEDGED:
        raise AlreadyAcknowledged(incident.name, incident.acknowledged_by, incident.acknowledged_time)
    after = replace(_as_taken(incident), status=Status.ACKNOWLEDGED, acknowledged_time=now, acknowledged_by=str(by))
    return _change(incident, after, EventKind.ACKNOWLEDGED, by, now)


def unacknowledge(incident: Incident, *, by: Actor, now: datetime) -> Change:
    _refuse_unless_acknowledged(incident)
    return _change(incident, _as_nobodys(incident), EventKind.UNACKNOWLEDGED, by, now, {"was": incident.owner})


def lapse(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """It worsened, and nobody has confirmed that they still have it: nobody has it."""
    _refuse_unless_acknowledged(incident)
    told = {"was": incident.owner, "reason": Reason.WORSENING_UNCONFIRMED.value, "mention": mention(incident.owner)}
    change = _change(incident, _as_nobodys(incident), EventKind.UNACKNOWLEDGED, by, now, told)
    return replace(change, remind=True)


def worsen(incident: Incident, worse: Worsening, *, firing: int, by: Actor, now: datetime) -> Change:
    """It is worse than what its owner took, who hears of it; from here the next worsening counts.

    A critical one must be confirmed by a human.
    """
    until = confirm_by(incident, now=now)
    told = {
        "reason": worse.reason.value,
        "from": worse.before,
        "to": worse.after,
        "mention": mention(incident.owner),
        "confirm_by": until.isoformat() if until is not None else None,
    }
    after = replace(incident, acknowledged_severity=incident.severity, acknowledged_firing=firing, confirm_by=until)
    return replace(_change(incident, after, EventKind.WORSENED, by, now, told), remind=True)


def confirm(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """Somebody says that its owner still has it, as it is now."""
    _refuse_unless_acknowledged(incident)
    if incident.confirm_by is None:
        raise NothingToConfirm(incident.name)
    return _change(incident, _as_taken(incident), EventKind.CONFIRMED, by, now)


def resolve(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    resolution: Resolution,
    still_firing: int = 0,
    note: str = "",
    reason: Reason | None = None,
    recovered_at: datetime | None = None,
) -> Change:
    """``reason`` is told where the resolution alone does not say why."""
    if incident.status is Status.RESOLVED:
        raise _already_resolved(incident)
    after = _as_closed(incident, resolution, by=by, now=now)
    data: dict[str, Any] = {"resolution": resolution.value, "still_firing": still_firing, "note": note}
    if reason is not None:
        data["reason"] = reason.value
    if incident.unfollowed:
        data["unfollowed"] = incident.unfollowed
    return replace(_change(incident, after, EventKind.RESOLVED, by, now, data), recovered_at=recovered_at)


def reopen(incident: Incident, *, by: Actor, now: datetime, reason: str, start_time: datetime) -> Change:
    """Open again, as a new episode, in the state it had: acknowledged stays acknowledged, with its owner."""
    if incident.status is not Status.RESOLVED:
        raise NotResolved(incident.name)
    after = _as_new_episode(incident, start_time)
    return _change(incident, after, EventKind.REOPENED, by, now, {"reason": reason})


def come_back(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """Critical, closed by hand, and still firing: open again, and who closed it hears of it."""
    change = reopen(incident, by=by, now=now, reason=Reason.CRITICAL_STILL_FIRING.value, start_time=now)
    told = {**change.event.data, "mention": mention(incident.resolved_by), "firing": incident.firing}
    return replace(change, event=replace(change.event, data=told), remind=True)


def mark_noise(incident: Incident, *, by: Actor, now: datetime, reason: str = "", still_firing: int = 0) -> Change:
    """Noise ends the present episode; one that had ended before keeps its end."""
    if incident.is_noise:
        raise AlreadyNoise(incident.name)
    after = _as_closed(incident, Resolution.NOISE, by=by, now=now) if incident.is_open else incident
    after = replace(after, is_noise=True, noise_reason=reason or None, resolution=Resolution.NOISE, check_at=None)
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
    if to is not None and incident.confirm_by is not None:
        after = _as_taken(after)
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


def fill_timeline(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """The last that its timeline tells of its series."""
    return _change(incident, incident, EventKind.TIMELINE_FULL, by, now, {"events": incident.event_count})


def still_firing(incident: Incident, *, firing: int, by: Actor, now: datetime) -> Change:
    """Closed by hand, and told to fire still: who closed it hears of it, once for this episode."""
    told = {"firing": firing, "mention": mention(incident.resolved_by)}
    after = replace(incident, reminded_episode=incident.episode)
    return replace(_change(incident, after, EventKind.STILL_FIRING, by, now, told), remind=True)


def ask(incident: Incident, *, since: datetime, by: Actor, now: datetime) -> Change:
    """Nothing was heard of it ``since`` then: its owner is asked, or everybody where it has none."""
    told = {"since": since.isoformat(), "mention": mention(incident.owner)}
    after = replace(incident, asked_at=now)
    return replace(_change(incident, after, EventKind.ASKED, by, now, told), remind=True)


def flap(incident: Incident, *, episodes: int, by: Actor, now: datetime) -> Change:
    """It has opened so often within an hour that only quiet will end it."""
    return _change(incident, replace(incident, flapping=True), EventKind.FLAPPING, by, now, {"episodes": episodes})


def go_blind(incident: Incident, *, reason: Resolution, by: Actor, now: datetime) -> Change:
    """Its rule can't see, because of ``reason``: silence is no recovery now."""
    after = replace(incident, blind_since=now)
    return _change(incident, after, EventKind.BLINDED, by, now, {"reason": reason.value})


def see_again(incident: Incident, *, by: Actor, now: datetime) -> Change:
    return _change(incident, replace(incident, blind_since=None), EventKind.SEES_AGAIN, by, now)


def _as_taken(incident: Incident) -> Incident:
    """What it is like now is what its owner has."""
    return replace(
        incident, acknowledged_severity=incident.severity, acknowledged_firing=incident.firing, confirm_by=None
    )


def _as_nobodys(incident: Incident) -> Incident:
    return replace(
        incident,
        status=Status.ACTIVE,
        acknowledged_time=None,
        acknowledged_by=None,
        assignee=None,
        acknowledged_severity=None,
        acknowledged_firing=None,
        confirm_by=None,
    )


def _as_closed(incident: Incident, resolution: Resolution, *, by: Actor, now: datetime) -> Incident:
    closed = replace(
        incident,
        status=Status.RESOLVED,
        resolved_time=now,
        resolved_by=str(by),
        resolution=resolution,
        flapping=False,
        blind_since=None,
        confirm_by=None,
    )
    return replace(closed, check_at=comes_back_at(closed))


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
        doubts={},
        check_at=None,
        episode=incident.episode + 1,
    )


def _refuse_unless_acknowledged(incident: Incident) -> None:
    if incident.status is Status.RESOLVED:
        raise _already_resolved(incident)
    if incident.status is not Status.ACKNOWLEDGED:
        raise NotAcknowledged(incident.name)


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
