"""The state machine: what may follow what. Pure: an incident in, a change out, or a refusal.

| from | to | by |
|---|---|---|
| active | acknowledged | acknowledge |
| acknowledged | active | unacknowledge; nobody confirms in time that it worsened or is still worked on; owner left |
| active, acknowledged | resolved | resolve; all series resolved, or quiet after flapping; noise; stale; test over |
| active, acknowledged | resolved | merge |
| resolved | as before it | reopen: by hand, by a series in the window, by the clock; mark real while a series fires |
| resolved by a merge | as before it | unmerge, unless all its series have ended meanwhile |
| any | same | absorb, give back, split off |
| any | same | assign, note, severity; flapping, blinded, sees again; worsened, confirmed; still firing, asked |
| any | same | snooze; wake: by hand, at its end, as it is graver; timeline entry, summary |

Resolving ends flapping, blindness and what was to be confirmed, by its owner or a second person. What an owner took is
remembered over a reopening, and so are a snooze and a severity that a person has set.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from base.records import replace
from incidents.change import Change, changed
from incidents.errors import (
    AlreadyAcknowledged,
    AlreadyNoise,
    AlreadyResolved,
    NotAcknowledged,
    NothingToConfirm,
    NotNoise,
    NotOver,
    NotResolved,
    NotSnoozed,
)
from incidents.model import Actor, EventKind, Incident, Resolution, Severity, Status
from incidents.reasons import Reason
from incidents.rules.mention import mention
from incidents.rules.next_check import due_when_closed
from incidents.rules.worsening import Worsening, confirm_by


def opened(incident: Incident, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> Change:
    """The first step of an incident that was just made."""
    return changed(incident, incident, EventKind.OPENED, by, now, data)


def declared(incident: Incident, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> Change:
    """The same of one that a person declares."""
    return changed(incident, incident, EventKind.DECLARED, by, now, data)


def acknowledge(incident: Incident, *, by: Actor, now: datetime) -> Change:
    if incident.status is Status.RESOLVED:
        raise already_resolved(incident)
    if incident.status is Status.ACKNOWLEDGED:
        raise AlreadyAcknowledged(incident.name, incident.acknowledged_by, incident.acknowledged_time)
    after = replace(as_taken(incident), status=Status.ACKNOWLEDGED, acknowledged_time=now, acknowledged_by=str(by))
    return changed(incident, after, EventKind.ACKNOWLEDGED, by, now)


def unacknowledge(incident: Incident, *, by: Actor, now: datetime) -> Change:
    _refuse_unless_acknowledged(incident)
    return changed(incident, _as_nobodys(incident), EventKind.UNACKNOWLEDGED, by, now, {"was": incident.owner})


def lapse(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """Its owner was asked, and nobody has confirmed that they still have it: nobody has it."""
    _refuse_unless_acknowledged(incident)
    why = Reason.FOR_LONG_UNCONFIRMED if incident.confirm_reason else Reason.WORSENING_UNCONFIRMED
    told = {"was": incident.owner, "reason": why.value, "mention": mention(incident.owner)}
    change = changed(incident, _as_nobodys(incident), EventKind.UNACKNOWLEDGED, by, now, told)
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
    after = replace(
        incident,
        acknowledged_severity=incident.severity,
        acknowledged_firing=firing,
        confirm_by=until,
        confirm_reason=None,
    )
    return replace(changed(incident, after, EventKind.WORSENED, by, now, told), remind=True)


def ask_owner(incident: Incident, *, within: timedelta, by: Actor, now: datetime) -> Change:
    """Its owner has had it for long: do they still? A human must say so ``within`` that time."""
    _refuse_unless_acknowledged(incident)
    until, why = now + within, Reason.ACKNOWLEDGED_FOR_LONG.value
    told = {
        "owner": incident.owner,
        "mention": mention(incident.owner),
        "confirm_by": until.isoformat(),
        "since": incident.acknowledged_time.isoformat() if incident.acknowledged_time else None,
    }
    after = replace(incident, confirm_by=until, confirm_reason=why, check_at=min(until, incident.check_at or until))
    return replace(changed(incident, after, EventKind.OWNER_ASKED, by, now, told), remind=True)


def confirm(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """Somebody says that its owner still has it, as it is now."""
    _refuse_unless_acknowledged(incident)
    if incident.confirm_by is None:
        raise NothingToConfirm(incident.name)
    return changed(incident, as_taken(incident), EventKind.CONFIRMED, by, now)


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
        raise already_resolved(incident)
    after = as_closed(incident, resolution, by=by, now=now)
    data: dict[str, Any] = {"resolution": resolution.value, "still_firing": still_firing, "note": note}
    if reason is not None:
        data["reason"] = reason.value
    if incident.unfollowed:
        data["unfollowed"] = incident.unfollowed
    return replace(changed(incident, after, EventKind.RESOLVED, by, now, data), recovered_at=recovered_at)


def reopen(incident: Incident, *, by: Actor, now: datetime, reason: str, start_time: datetime) -> Change:
    """Open again, as a new episode, in the state it had: acknowledged stays acknowledged, with its owner."""
    if incident.status is not Status.RESOLVED:
        raise NotResolved(incident.name)
    after = _as_new_episode(incident, start_time)
    return changed(incident, after, EventKind.REOPENED, by, now, {"reason": reason})


def come_back(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """Critical, closed by hand, and still firing: open again, and who closed it hears of it."""
    change = reopen(incident, by=by, now=now, reason=Reason.CRITICAL_STILL_FIRING.value, start_time=now)
    told = {**change.event.data, "mention": mention(incident.resolved_by), "firing": incident.firing}
    return replace(change, event=replace(change.event, data=told), remind=True)


def mark_noise(incident: Incident, *, by: Actor, now: datetime, reason: str = "", still_firing: int = 0) -> Change:
    """Noise ends the present episode; one that had ended before keeps its end."""
    if incident.is_noise:
        raise AlreadyNoise(incident.name)
    after = as_closed(incident, Resolution.NOISE, by=by, now=now) if incident.is_open else incident
    after = replace(after, is_noise=True, noise_reason=reason or None, resolution=Resolution.NOISE, approval_until=None)
    after = replace(after, check_at=due_when_closed(after))
    data = {"reason": reason, "still_firing": still_firing, "was": incident.status.value}
    return changed(incident, after, EventKind.MARKED_NOISE, by, now, data)


def mark_real(
    incident: Incident, *, by: Actor, now: datetime, firing_since: datetime | None, resolution: Resolution
) -> Change:
    """No noise after all. ``firing_since`` not None: it still fires, so it opens again; else it ended as told."""
    if not incident.is_noise:
        raise NotNoise(incident.name)
    if firing_since is not None:
        after = _as_new_episode(incident, firing_since)
    else:
        after = replace(incident, is_noise=False, noise_reason=None, resolution=resolution, approved_by=None)
    return changed(incident, after, EventKind.MARKED_REAL, by, now, {"reason": "marked_real"})


def assign(incident: Incident, *, to: str | None, by: Actor, now: datetime) -> Change:
    after = replace(incident, assignee=to)
    if to is not None and incident.confirm_by is not None:
        after = as_taken(after)
    kind = EventKind.ASSIGNED if to else EventKind.UNASSIGNED
    return changed(incident, after, kind, by, now, {"to": to, "was": incident.assignee})


def leave(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """Its owner is not there any more. Whoever acknowledged it has it, if that was another; else nobody has."""
    if incident.status is Status.RESOLVED:
        raise already_resolved(incident)
    other = incident.acknowledged_by if incident.acknowledged_by != incident.owner else None
    after = _as_nobodys(incident) if other is None else replace(incident, assignee=None)
    told = {"to": None, "was": incident.owner, "reason": Reason.LEFT.value, "owner": other}
    return replace(changed(incident, after, EventKind.UNASSIGNED, by, now, told), remind=True)


def note(incident: Incident, *, text: str, by: Actor, now: datetime) -> Change:
    return changed(incident, incident, EventKind.NOTED, by, now, {"text": text})


def add_to_timeline(incident: Incident, *, text: str, happened_at: datetime | None, by: Actor, now: datetime) -> Change:
    """Something that happened, and when, where that is not now."""
    told = {"text": text, **({"happened_at": happened_at.isoformat()} if happened_at is not None else {})}
    return changed(incident, incident, EventKind.TIMELINE_ENTRY, by, now, told)


def sum_up(incident: Incident, *, text: str, by: Actor, now: datetime) -> Change:
    """The words on how it ended, in the place of those that were said before."""
    if incident.is_open:
        raise NotOver(incident.name)
    return changed(incident, incident, EventKind.NOTED, by, now, {"text": text, "is_closing": True})


def snooze(incident: Incident, *, until: datetime, by: Actor, now: datetime) -> Change:
    """Nothing is heard of it until then. Who asks for that has seen it as it is."""
    after = as_taken(incident) if incident.confirm_by is not None else incident
    check_at = min(until, incident.check_at or until)
    after = replace(
        after, snoozed_until=until, snoozed_by=str(by), snoozed_severity=incident.severity, check_at=check_at
    )
    return changed(incident, after, EventKind.SNOOZED, by, now, {"until": until.isoformat()})


def take_snooze_over(incident: Incident, older: Incident, *, by: Actor, now: datetime) -> Change:
    """Its key is snoozed, by what was done to an older incident of it.

    Who snoozed that one knew what alerts had told of it, though a person may have said that it was less grave.
    """
    until, check_at = older.snoozed_until, incident.check_at
    known = [one for one in (older.snoozed_severity, older.told_severity) if one is not None]
    after = replace(
        incident,
        snoozed_until=until,
        snoozed_by=older.snoozed_by,
        snoozed_severity=max(known, key=lambda one: one.rank, default=None),
        check_at=min((at for at in (until, check_at) if at is not None), default=None),
    )
    told = {
        "until": until.isoformat() if until is not None else None,
        "reason": Reason.SNOOZE_INHERITED.value,
        "snoozed_by": older.snoozed_by,
        "was_on": older.number,
    }
    return changed(incident, after, EventKind.SNOOZED, by, now, told)


def without_snooze(incident: Incident) -> Incident:
    return replace(incident, snoozed_until=None, snoozed_by=None, snoozed_severity=None)


def wake(incident: Incident, *, by: Actor, now: datetime, reason: Reason | None = None) -> Change:
    """``reason`` None: somebody wakes it. Else who snoozed it hears of it, unless it is over."""
    if not incident.is_snoozed:
        raise NotSnoozed(incident.name)
    told: dict[str, Any] = {"snoozed_by": incident.snoozed_by}
    if reason is not None:
        told |= {"reason": reason.value, "mention": mention(incident.snoozed_by)}
    if reason is Reason.GRAVER_THAN_SNOOZED and incident.snoozed_severity is not None:
        told |= {"from": incident.snoozed_severity.value, "to": incident.severity.value}
    after = replace(without_snooze(incident), check_at=now)
    return replace(changed(incident, after, EventKind.WOKE, by, now, told), remind=reason is not None and after.is_open)


def set_severity(incident: Incident, *, to: Severity, by: Actor, now: datetime, note: str = "") -> Change:
    """A person says how grave it is. What alerts have told so far is remembered, for only more than that is news.

    Lowered, there is nothing to confirm any more; and who has it took what they set themselves.
    """
    told = incident.told_severity or incident.severity
    after = replace(incident, severity=to, told_severity=told if told is not to else None, check_at=now)
    is_lower, took = to.rank < incident.severity.rank, incident.acknowledged_severity
    if took is not None and (to.rank < took.rank or str(by) == incident.owner):
        after = replace(after, acknowledged_severity=to)
    if is_lower:
        after = replace(after, confirm_by=None)
    data = {"from": incident.severity.value, "to": to.value, "note": note}
    return changed(incident, after, EventKind.SEVERITY_SET, by, now, data)


def raise_severity(incident: Incident, *, to: Severity, by: Actor, now: datetime) -> Change:
    after = replace(incident, severity=to, told_severity=None)
    return changed(
        incident, after, EventKind.SEVERITY_RAISED, by, now, {"from": incident.severity.value, "to": to.value}
    )


def series_event(incident: Incident, kind: EventKind, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> Change:
    """A series fired or ended, or a message was told: the incident stays as it is, but what people see has changed."""
    return changed(incident, incident, kind, by, now, data)


def fill_timeline(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """The last that its timeline tells of its series."""
    return changed(incident, incident, EventKind.TIMELINE_FULL, by, now, {"events": incident.event_count})


def still_firing(incident: Incident, *, firing: int, by: Actor, now: datetime) -> Change:
    """Closed by hand, and told to fire still: who closed it hears of it, once for this episode."""
    told = {"firing": firing, "mention": mention(incident.resolved_by)}
    after = replace(incident, reminded_episode=incident.episode)
    return replace(changed(incident, after, EventKind.STILL_FIRING, by, now, told), remind=True)


def ask(incident: Incident, *, since: datetime, by: Actor, now: datetime) -> Change:
    """Nothing was heard of it ``since`` then: its owner is asked, or everybody where it has none."""
    told = {"since": since.isoformat(), "mention": mention(incident.owner)}
    after = replace(incident, asked_at=now)
    return replace(changed(incident, after, EventKind.ASKED, by, now, told), remind=True)


def flap(incident: Incident, *, episodes: int, by: Actor, now: datetime) -> Change:
    """It has opened so often within an hour that only quiet will end it."""
    return changed(incident, replace(incident, flapping=True), EventKind.FLAPPING, by, now, {"episodes": episodes})


def go_blind(incident: Incident, *, reason: Resolution, by: Actor, now: datetime) -> Change:
    """Its rule can't see, because of ``reason``: silence is no recovery now."""
    after = replace(incident, blind_since=now)
    return changed(incident, after, EventKind.BLINDED, by, now, {"reason": reason.value})


def see_again(incident: Incident, *, by: Actor, now: datetime) -> Change:
    return changed(incident, replace(incident, blind_since=None), EventKind.SEES_AGAIN, by, now)


def as_taken(incident: Incident) -> Incident:
    """What it is like now is what its owner has."""
    return replace(
        incident,
        acknowledged_severity=incident.severity,
        acknowledged_firing=incident.firing,
        confirm_by=None,
        confirm_reason=None,
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
        confirm_reason=None,
    )


def as_closed(incident: Incident, resolution: Resolution, *, by: Actor, now: datetime) -> Incident:
    closed = replace(
        incident,
        status=Status.RESOLVED,
        resolved_time=now,
        resolved_by=str(by),
        resolution=resolution,
        flapping=False,
        blind_since=None,
        confirm_by=None,
        confirm_reason=None,
        approval_until=None,
    )
    return replace(closed, check_at=due_when_closed(closed))


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
        approval_until=None,
        approved_by=None,
        episode=incident.episode + 1,
    )


def _refuse_unless_acknowledged(incident: Incident) -> None:
    if incident.status is Status.RESOLVED:
        raise already_resolved(incident)
    if incident.status is not Status.ACKNOWLEDGED:
        raise NotAcknowledged(incident.name)


def already_resolved(incident: Incident) -> AlreadyResolved:
    return AlreadyResolved(incident.name, incident.resolved_by, incident.resolved_time)
