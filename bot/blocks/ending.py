"""The line that says how a resolved incident ended: honest about what is proven and what is not."""

from datetime import datetime, timedelta

from bot.blocks import words
from bot.blocks.text import clock, data, duration, person, when
from incidents.model import SYSTEM, EventKind, IncidentView, Resolution
from incidents.rules.reopen import reopens_until

_LONGEST_REASON = 300


def ending(view: IncidentView, *, reopen_window: timedelta) -> str:
    """``✅ Recovered <time> after 21 min, acknowledged in 3 min · reopens if it fires by <time>``, in its variants."""
    emoji, outcome = words.ended(view.incident)
    if view.incident.resolution is Resolution.TEST:
        return f"{emoji} {outcome}{_at(view)}"
    told = [
        f"{emoji} {outcome}{_by(view)} {_times(view)}".rstrip() + _reason(view),
        f"⚠ {view.firing} still firing" if view.firing else "",
        f"⚠ {unproven}" if (unproven := words.not_followed(view.incident.unfollowed)) else "",
        _reopening(view, reopen_window),
    ]
    return " · ".join(part for part in told if part)


def _by(view: IncidentView) -> str:
    """Who closed it; noise may be called so long after something else had ended it."""
    incident = view.incident
    by_hand = incident.resolution in {Resolution.MANUAL, Resolution.NOISE}
    return f" by {person(incident.resolved_by)}" if by_hand and incident.resolved_by not in {None, str(SYSTEM)} else ""


def _times(view: IncidentView) -> str:
    ended_at = _ended_at(view)
    if ended_at is None:
        return ""
    lasted = duration(ended_at - view.incident.start_time)
    return f"{when(ended_at)} after {lasted}, {_response(view)}"


def _at(view: IncidentView) -> str:
    ended_at = _ended_at(view)
    return f" {when(ended_at)}" if ended_at else ""


def _ended_at(view: IncidentView) -> datetime | None:
    recovered = view.episode.recovered_at if view.incident.resolution is Resolution.RECOVERED else None
    return recovered or view.incident.resolved_time


def _response(view: IncidentView) -> str:
    episode = view.episode
    if episode.acknowledged_at is not None:
        return f"acknowledged in {duration(episode.acknowledged_at - episode.opened_at)}"
    return "acknowledged before" if episode.inherited else "never acknowledged"


def _reason(view: IncidentView) -> str:
    """The words given on closing; a note that somebody wrote before explains nothing."""
    incident, note = view.incident, view.last_note
    if view.closing is not None and view.closing.kind is EventKind.NOTED:
        return f': "{data(words.note_text(view.closing), _LONGEST_REASON)}"'
    if incident.is_noise and incident.noise_reason:
        return f": {data(incident.noise_reason, _LONGEST_REASON)}"
    note = view.closing or note
    closing = note is not None and note.kind is EventKind.RESOLVED and note.episode == incident.episode
    text = words.note_text(note) if closing else ""
    return f': "{data(text, _LONGEST_REASON)}"' if text else ""


def _reopening(view: IncidentView, window: timedelta) -> str:
    until = reopens_until(view.incident, window)
    return f"reopens if it fires {'anew ' if view.firing else ''}by {clock(until)}" if until else ""
