"""What asking for a second person makes of an incident. Pure, as all of the state machine."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from base.records import replace
from incidents import lifecycle
from incidents.approvals.model import Approval, Outcome, Wanted
from incidents.change import Change, changed
from incidents.model import Actor, EventKind, Incident, Resolution
from incidents.rules.mention import mention


def ask_approval(
    incident: Incident, *, wanted: Wanted, words: str, until: datetime, by: Actor, now: datetime
) -> Change:
    """It stays as it is, and says until when it waits."""
    after = replace(incident, approval_until=until, check_at=min(until, incident.check_at or until))
    told = {"wanted": wanted.value, "note": words, "until": until.isoformat(), "still_firing": incident.firing}
    return changed(incident, after, EventKind.APPROVAL_ASKED, by, now, told)


def approve(incident: Incident, approval: Approval, *, by: Actor, now: datetime) -> list[Change]:
    """A second person agrees: what was asked is done, in the name of who asked. Raises what doing it raises."""
    told = {"wanted": approval.wanted.value, "asked_by": approval.asked_by}
    agreed = changed(incident, replace(incident, approval_until=None), EventKind.APPROVED, by, now, told)
    return [agreed, _approved(_done(agreed.after, approval, now), by)]


def _done(incident: Incident, approval: Approval, now: datetime) -> Change:
    by, words = approval.asker, approval.words
    match approval.wanted:
        case Wanted.RESOLVE:
            return lifecycle.resolve(
                incident, by=by, now=now, resolution=Resolution.MANUAL, still_firing=incident.firing, note=words
            )
        case Wanted.NOISE:
            return lifecycle.mark_noise(incident, by=by, now=now, reason=words, still_firing=incident.firing)


def _approved(change: Change, by: Actor) -> Change:
    told = {**change.event.data, "approved_by": str(by), **({"approved_via": by.via} if by.via else {})}
    after = replace(change.after, approved_by=str(by))
    return replace(change, after=after, event=replace(change.event, data=told))


def decline(incident: Incident, approval: Approval, *, reason: str, by: Actor, now: datetime) -> Change:
    """Who asked hears of it."""
    told = {"note": reason, **_about(approval)}
    after = replace(incident, approval_until=None)
    return replace(changed(incident, after, EventKind.DECLINED, by, now, told), remind=True)


def lapse_approval(
    incident: Incident, approval: Approval | None, *, outcome: Outcome, by: Actor, now: datetime
) -> Change:
    """It ends without an answer: withdrawn, timed out, or not needed any more. Who did not end it hears of it."""
    told: Mapping[str, Any] = {} if approval is None else _about(approval)
    after = replace(incident, approval_until=None)
    change = changed(incident, after, EventKind.APPROVAL_LAPSED, by, now, {**told, "outcome": outcome.value})
    return replace(change, remind=outcome is not Outcome.WITHDRAWN)


def _about(approval: Approval) -> Mapping[str, Any]:
    return {
        "wanted": approval.wanted.value,
        "asked_by": approval.asked_by,
        "mention": mention(approval.asked_by),
    }
