"""What merging and splitting make of the incidents that they touch. Pure, as all of the state machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from base.records import replace
from incidents.change import Change, changed
from incidents.lifecycle import already_resolved, as_closed, as_taken
from incidents.merges import Counts
from incidents.model import Actor, EventKind, Incident, Resolution, Severity, Status
from incidents.rules.merged_severity import merged_severity, merged_told


def merge(
    incident: Incident, *, into: Incident, left: Counts, told: Mapping[str, Any], by: Actor, now: datetime
) -> Change:
    """People handle it as part of another from now on. ``left`` is what is still at home in it, ``told`` what an undo
    needs to know, beside what closing ends."""
    if incident.status is Status.RESOLVED:
        raise already_resolved(incident)
    closed = as_closed(incident, Resolution.MERGED, by=by, now=now)
    after = replace(_counting(closed, left), merged_into_id=into.id, check_at=None)
    blind_since = incident.blind_since.isoformat() if incident.blind_since else None
    ends = {"firing": incident.firing, "flapping": incident.flapping, "blind_since": blind_since}
    data = {"into": into.name, "into_id": into.id, **ends, **told}
    return changed(incident, after, EventKind.MERGED, by, now, data)


def absorb(
    incident: Incident, *, merged: Incident, counts: Counts, told: Mapping[str, Any], by: Actor, now: datetime
) -> Change:
    """Another was merged into it: it began with the earlier, and counts the series of both.

    Its state and its owner are its own. Who has it and merges another into it knows what they take.
    """
    after = replace(
        _counting(incident, counts),
        severity=merged_severity(incident, merged),
        told_severity=merged_told(incident, merged),
        start_time=min(incident.start_time, merged.start_time),
        last_alert_time=max(incident.last_alert_time, merged.last_alert_time),
        check_at=now,
    )
    if incident.status is Status.ACKNOWLEDGED and incident.owner == str(by):
        after = as_taken(after)
    data = {"merged": merged.name, "merged_id": merged.id, "owner": merged.owner, **told}
    return changed(incident, after, EventKind.ABSORBED, by, now, data)


def give_back(
    incident: Incident,
    *,
    to: Incident,
    counts: Counts,
    severity: Severity,
    told_severity: Severity | None,
    start_time: datetime,
    by: Actor,
    now: datetime,
) -> Change:
    """The merge of another into it is undone."""
    after = replace(_counting(incident, counts), severity=severity, told_severity=told_severity, start_time=start_time)
    after = replace(after, check_at=now) if after.is_open else after
    return changed(incident, after, EventKind.UNMERGED, by, now, {"gave_back": to.name, "gave_back_id": to.id})


@dataclass(frozen=True, slots=True)
class AsItWas:
    """What a merged incident is again. ``ended`` None: it is open, in the state it had; else how its series ended.

    ``ended_at`` is when, and ``recovered_at`` the same as the source tells it, None unless it recovered.
    """

    counts: Counts
    last_alert_time: datetime
    flapping: bool = False
    blind_since: datetime | None = None
    ended: Resolution | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    recovered_at: datetime | None = None


def unmerge(incident: Incident, was: AsItWas, *, out_of: Incident, by: Actor, now: datetime) -> Change:
    """Its own again, in the episode in which it was merged: a merge is no end of what went wrong."""
    back = replace(_counting(incident, was.counts), merged_into_id=None, last_alert_time=was.last_alert_time)
    back = replace(back, resolution=was.ended, resolved_time=was.ended_at, resolved_by=was.ended_by)
    if was.ended is None:
        status = Status.ACKNOWLEDGED if incident.acknowledged_by else Status.ACTIVE
        back = replace(back, status=status, flapping=was.flapping, blind_since=was.blind_since, check_at=now)
    data = {"out_of": out_of.name, "out_of_id": out_of.id, "resolution": was.ended.value if was.ended else None}
    return replace(changed(incident, back, EventKind.UNMERGED, by, now, data), recovered_at=was.recovered_at)


def split_off(
    incident: Incident, *, to: Incident, counts: Counts, told: Mapping[str, Any], by: Actor, now: datetime
) -> Change:
    """Some of its series have an incident of their own from now on."""
    after = replace(_counting(incident, counts), check_at=now)
    return changed(incident, after, EventKind.SPLIT, by, now, {"into": to.name, "into_id": to.id, **told})


def _counting(incident: Incident, counts: Counts) -> Incident:
    return replace(incident, firing=counts.firing, series_count=counts.series, doubts=counts.doubts)
