"""The line that says how a resolved incident ended: honest about what is proven and what is not."""

from datetime import datetime, timedelta

from bot.blocks import words
from bot.blocks.approval import approval_line, closed_by_two
from bot.blocks.text import clock, data, duration, person, when
from bot.language import t, tn
from incidents.model import SYSTEM, EventKind, Incident, IncidentView, Resolution
from incidents.rules.critical_still_firing import comes_back_at
from incidents.rules.reopen import reopens_until

_LONGEST_REASON = 300
_BY_HAND = frozenset({Resolution.MANUAL, Resolution.NOISE, Resolution.MERGED})


def ending(view: IncidentView, *, reopen_window: timedelta) -> str:
    """``✅ Recovered <time> after 21 min, acknowledged in 3 min · reopens if it fires by <time>``, in its variants."""
    incident = view.incident
    if incident.resolution is Resolution.TEST:
        return _first(view)
    closed = _first(view) + _reason(view)
    told = [
        closed,
        tn("⚠ {count} still firing", "⚠ {count} still firing", still) if (still := still_firing(view)) else "",
        f"⚠ {unproven}" if (unproven := words.not_followed(incident.unfollowed)) else "",
        approval_line(view) or "",
        *_what_next(view, reopen_window),
        _afterword(view, closed),
    ]
    return " · ".join(part for part in told if part)


def still_firing(view: IncidentView) -> int:
    """How many series are known to fire on; of what fell silent nobody knows."""
    return 0 if view.incident.resolution is Resolution.STALE else view.firing


def closed_by(incident: Incident) -> str | None:
    """Who closed it, as ``str(Actor)``; None where no person did.

    Noise may be called so long after something else had ended it.
    """
    is_by_hand = incident.resolution in _BY_HAND and incident.resolved_by not in {None, str(SYSTEM)}
    return incident.resolved_by if is_by_hand else None


def _first(view: IncidentView) -> str:
    incident = view.incident
    emoji, outcome = words.ended(incident)
    if view.merged_into is not None:
        outcome = t("Merged into {other}", other=view.merged_into.name)
    end, by, ended_at = f"{emoji} {outcome}", closed_by(incident), _ended_at(view)
    if incident.resolution is Resolution.TEST:
        return f"{end} {when(ended_at)}" if ended_at else end
    if ended_at is None:
        return t("{end} by {person}", end=end, person=closed_by_two(by, incident.approved_by)) if by else end
    told = {
        "end": end,
        "time": when(ended_at),
        "lasted": duration(ended_at - incident.start_time),
        "response": _response(view),
    }
    if incident.resolution in words.UNPROVEN:
        return t("{end} · {time} after {lasted}, {response}", **told)
    if by is None:
        return t("{end} {time} after {lasted}, {response}", **told)
    by_whom = closed_by_two(by, incident.approved_by)
    return t("{end} by {person} {time} after {lasted}, {response}", person=by_whom, **told)


def _ended_at(view: IncidentView) -> datetime | None:
    recovered = view.episode.recovered_at if view.incident.resolution is Resolution.RECOVERED else None
    return recovered or view.incident.resolved_time


def _response(view: IncidentView) -> str:
    episode = view.episode
    if episode.acknowledged_at is not None:
        return t("acknowledged in {duration}", duration=duration(episode.acknowledged_at - episode.opened_at))
    return t("acknowledged before") if episode.inherited else t("never acknowledged")


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


def _afterword(view: IncidentView, told: str) -> str:
    """What somebody wrote when it was over, unless that is told already: who looks back knows more."""
    incident, note = view.incident, view.last_note
    if note is None or note.kind is EventKind.RESOLVED or note.episode != incident.episode:
        return ""
    if incident.resolved_time is None or note.at < incident.resolved_time:
        return ""
    text = data(words.note_text(note), _LONGEST_REASON)
    return f"📝 {person(note.actor)}: {text}" if text and text not in told else ""


def _what_next(view: IncidentView, window: timedelta) -> list[str]:
    incident = view.incident
    if view.merged_into is not None:
        return [t("its alerts go to {other} while that is open", other=view.merged_into.name)]
    told = []
    if until := reopens_until(incident, window):
        told.append(_reopening(view, until))
    if incident.snoozed_until:
        told.append(t("snoozed until {time}, also if it reopens", time=when(incident.snoozed_until)))
    return told


def _reopening(view: IncidentView, until: datetime) -> str:
    if back_at := comes_back_at(view.incident):
        times = {"time": clock(until), "later": clock(back_at)}
        return t("reopens if it fires anew by {time}, or fires on at {later}", **times)
    if still_firing(view):
        return t("reopens if it fires anew by {time}", time=clock(until))
    return t("reopens if it fires by {time}", time=clock(until))
