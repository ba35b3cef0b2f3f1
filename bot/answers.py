"""What people are told when something was not done: what failed, why, and what to do. Seen by that person only."""

from datetime import datetime, timedelta

from bot.blocks.approval_refusal import approval_refusal
from bot.blocks.maintenance_refusal import maintenance_refusal
from bot.blocks.text import data, duration, person, when
from bot.blocks.words import status_inside
from bot.language import mark, t
from incidents.actions.override import LONGEST
from incidents.approvals.errors import ApprovalNotFound, ApprovalRefused
from incidents.errors import (
    AlreadyAcknowledged,
    AlreadyNoise,
    AlreadyOnTimeline,
    AlreadyResolved,
    AlreadySnoozed,
    AnotherIncident,
    AnotherIsOpen,
    AnotherThing,
    BongsuError,
    Conflict,
    HandledElsewhere,
    IncidentGone,
    IncidentNotFound,
    InvalidInput,
    MergedAway,
    MergeIntoItself,
    MergeIntoResolved,
    MergeOfTest,
    NobodyToCall,
    NoSeriesToSplit,
    NotAcknowledged,
    NotAssignable,
    NothingToConfirm,
    NothingToSplit,
    NotMerged,
    NotNoise,
    NotOver,
    NotResolved,
    NotSnoozed,
    NotTaken,
    NotTakenBecause,
    OverrideOver,
    Refused,
    SnoozeOver,
    SnoozeTooLong,
    StaleView,
    Unavailable,
    UnknownSchedule,
)
from incidents.maintenance.errors import NotPlanned, UnknownWindow, WindowOver
from incidents.model import SYSTEM, Status
from incidents.storms import StormNotFound


class NoAnswer(BongsuError):
    """The database took longer than Slack waits. Whether it was done is not known."""


UNAVAILABLE = mark("Bongsu can't reach its database, so nothing was changed. Try again in a moment.")
NO_ANSWER = mark(
    "Bongsu's database did not answer in time, so it is not known whether that was done. "
    "The card will show it; if it doesn't in a moment, try again."
)
CONFLICT = mark("Others are changing the same incident right now, so nothing was changed. Try again.")
OLDER_VERSION = mark(
    "This button is from an older version of Bongsu, so nothing was done. `/incident list` shows what is open; "
    "`/incident help` shows how to work on it."
)
BROKEN = mark(
    "Something broke inside Bongsu, so it is not known whether that was done. Look at the card, then try again; "
    "if it breaks again, tell who runs Bongsu: its log has the cause."
)
UNKNOWN_THING = mark(
    "This message is about something that this database does not know: it was deleted as old data, or the database was "
    "restored from a backup. `/incident list` shows what is open."
)
"""Marked: ``t`` says them in the language of whom they are told."""

_SENTENCES: dict[type[BongsuError], str] = {
    IncidentNotFound: mark("There is no incident {name}."),
    IncidentGone: mark(
        "This card is of an incident that this database does not know: it was deleted as old data, or the database was "
        "restored from a backup. `/incident list` shows what is open."
    ),
    AnotherIncident: mark(
        "This card is of an incident that this database does not know (was it restored from a backup?), so nothing was "
        "done. `/incident list` shows what is open."
    ),
    ApprovalNotFound: UNKNOWN_THING,
    StormNotFound: UNKNOWN_THING,
    AnotherThing: mark(
        "This message is about something that this database does not know (was it restored from a backup?), so nothing "
        "was done. `/incident list` shows what is open."
    ),
    NotAcknowledged: mark("{name} is not acknowledged, so there is nothing to take back."),
    NothingToConfirm: mark("{name} is not waiting for anybody to confirm that they still have it."),
    NotResolved: mark("{name} is still open, so there is nothing to reopen."),
    NotNoise: mark("{name} is not marked as noise."),
    AlreadyNoise: mark("{name} is already marked as noise."),
    NotSnoozed: mark("{name} is not snoozed, so there is nothing to wake."),
    HandledElsewhere: mark("{name} is over: {other} is open for the same alert. Work on {other} instead."),
    NotOver: mark("{name} is open again, so it has no end to sum up. Write a note instead."),
    AnotherIsOpen: mark("{name} can't be reopened: {other} is open for the same alert. Work on {other} instead."),
    AlreadyOnTimeline: mark("{name} has that message on its timeline already."),
    MergedAway: mark("{name} was merged into {into}. Work on {into}, or undo the merge. Nothing was changed."),
    MergeIntoItself: mark("{name} can't be merged into itself: choose another incident."),
    MergeIntoResolved: mark(
        "{into} is resolved, so {name} can't be merged into it: choose an open incident, or reopen {into} first."
    ),
    MergeOfTest: mark("{name} is a test that closes itself: it can't be merged with others."),
    NotMerged: mark("{name} is not merged into another incident, so there is nothing to undo."),
    NothingToSplit: mark("{name} has only one series, so there is nothing to split."),
    NobodyToCall: mark("No escalation policy has a step for {name}, so nobody was called. Assign it to somebody."),
    NoSeriesToSplit: mark("{name} has no series, so there is nothing to split."),
    NoAnswer: NO_ANSWER,
    Conflict: CONFLICT,
}
"""What the domain says in English, told by the error's own attributes."""
_FIELDS = {
    "channel": mark("Channel"),
    "title": mark("Title"),
    "service": mark("Service"),
    "note": mark("Note"),
    "summary": mark("Summary"),
    "reason": mark("Reason"),
    "cluster": mark("Cluster"),
    "namespace": mark("Namespace"),
    "rule": mark("Rule"),
    "length": mark("For how long"),
    "series": mark("Series"),
    "severity": mark("Severity"),
    "time": mark("Time"),
    "what happened": mark("What happened"),
}


def sentence(error: BongsuError, *, to: str, now: datetime) -> str:
    """Harmless mrkdwn. ``to`` is the Slack id of who is told; ``now`` is aware."""
    match error:
        case AlreadyAcknowledged():
            return _acknowledged(error, to, now)
        case AlreadyResolved():
            return _resolved(error, to, now)
        case AlreadySnoozed() | SnoozeTooLong() | SnoozeOver() | NotAssignable():
            return _refused(error)
        case ApprovalRefused():
            return approval_refusal(error, to=to)
        case NotPlanned() | UnknownWindow() | WindowOver():
            return maintenance_refusal(error)
        case NotTaken() | OverrideOver() | UnknownSchedule():
            return _on_call(error)
        case StaleView():
            return _outdated(error)
        case InvalidInput():
            return _invalid(error)
        case Unavailable():
            return t(UNAVAILABLE)
        case _:
            told = _SENTENCES.get(type(error))
            return t(told, **vars(error)) if told else str(error)


def _outdated(error: StaleView) -> str:
    values = dict(error.values)
    if "status" in values:
        values["status"] = status_inside(Status(str(values["status"])))
    return t(
        "{name} has changed since that card was drawn: {changed}. Nothing was done. "
        "Look at the card as it is now, then press again.",
        name=error.name,
        changed=t(error.text, **values),
    )


def _invalid(error: InvalidInput) -> str:
    name = _FIELDS.get(error.field)
    field = t(name) if name else f"{error.field[:1].upper()}{error.field[1:]}"
    return t("{field}: {problem}.", field=field, problem=t(error.text, **error.values))


def _refused(error: AlreadySnoozed | SnoozeTooLong | SnoozeOver | NotAssignable) -> str:
    match error:
        case AlreadySnoozed():
            return _snoozed(error)
        case SnoozeTooLong(is_critical=True):
            return t(
                "{name} is critical, so it can be snoozed for {longest} at most. Choose an earlier end.",
                name=error.name,
                longest=duration(error.longest),
            )
        case SnoozeTooLong():
            most = duration(error.longest)
            return t(
                "{name} can be snoozed for {longest} at most. Choose an earlier end.", name=error.name, longest=most
            )
        case SnoozeOver():
            return t("{when} has passed: choose a later end for {name}.", when=when(error.until), name=error.name)
        case NotAssignable(is_bot=True):
            return t("{person} is a bot and can't take an incident: choose a person.", person=person(error.person))
        case _:
            return t("{person} has left the workspace: choose somebody else.", person=person(error.person))


_NOT_TAKEN = {
    NotTakenBecause.BEGAN: mark("That begins in the past. Choose a later beginning, or none: then it begins now."),
    NotTakenBecause.PAST: mark("That time has passed. Choose a later end."),
    NotTakenBecause.BACKWARDS: mark("That ends before it begins. Choose a later end."),
    NotTakenBecause.TOO_LONG: mark("That is more than {days} days. Choose an earlier end."),
    NotTakenBecause.TOO_FAR: mark("That begins in more than a year. Choose an earlier beginning."),
}


def _on_call(error: NotTaken | OverrideOver | UnknownSchedule) -> str:
    match error:
        case NotTaken():
            return t(_NOT_TAKEN[error.why], days=LONGEST.days)
        case OverrideOver():
            return t("That has ended already, so nothing was changed.")
        case UnknownSchedule(known=[]):
            return t("There are no schedules: they are written in `bongsu.yaml`, below `schedules`.")
        case UnknownSchedule(name=""):
            return t("Which schedule? There are {known}.", known=_names(error))
        case UnknownSchedule(nearest=None):
            return t(
                "There is no schedule “{name}”. There are {known}.", name=data(error.name, 40), known=_names(error)
            )
        case _:
            return t(
                "There is no schedule “{name}”. Did you mean `{nearest}`?",
                name=data(error.name, 40),
                nearest=error.nearest,
            )


def _names(error: UnknownSchedule) -> str:
    return ", ".join(f"`{name}`" for name in error.known)


def _snoozed(error: AlreadySnoozed) -> str:
    """Another person was faster."""
    until = when(error.until) if error.until else t("later")
    return t(
        "{name} is snoozed until {when} by {person} already, so nothing was changed. Extend it on its card.",
        name=error.name,
        when=until,
        person=person(error.by),
    )


def outcome(error: BongsuError) -> str:
    """One word for metrics and logs."""
    match error:
        case StaleView():
            return "stale"
        case Refused():
            return "refused"
        case (
            IncidentNotFound()
            | UnknownSchedule()
            | UnknownWindow()
            | ApprovalNotFound()
            | StormNotFound()
            | AnotherThing()
        ):
            return "not_found"
        case InvalidInput():
            return "invalid"
        case NoAnswer():
            return "no_answer"
        case Unavailable() | Conflict():
            return "unavailable"
        case _:
            return "failed"


def _acknowledged(error: AlreadyAcknowledged, to: str, now: datetime) -> str:
    name, ago = error.name, _ago(error.at, now)
    if error.by == to:
        if ago:
            return t("You have {name} already: acknowledged by you {ago}.", name=name, ago=ago)
        return t("You have {name} already: acknowledged by you.", name=name)
    to_take_over = t("To take {name} over: `/incident assign {name} me`.", name=name)
    return f"{_acknowledged_by(error.by, ago)} {to_take_over}"


def _acknowledged_by(by: str | None, ago: str) -> str:
    told = {"person": person(by), "ago": ago}
    if by and ago:
        return t("Already acknowledged by {person} {ago}, so nothing was changed.", **told)
    if by:
        return t("Already acknowledged by {person}, so nothing was changed.", **told)
    if ago:
        return t("Already acknowledged {ago}, so nothing was changed.", **told)
    return t("Already acknowledged, so nothing was changed.")


def _resolved(error: AlreadyResolved, to: str, now: datetime) -> str:
    again = t("If it is not fixed: `/incident reopen {name}`.", name=error.name)
    return f"{_resolved_by(error, to, _ago(error.at, now))} {again}"


def _resolved_by(error: AlreadyResolved, to: str, ago: str) -> str:
    told = {"name": error.name, "person": person(error.by), "ago": ago}
    if error.by == to:
        if ago:
            return t("{name} is resolved already: by you {ago}.", **told)
        return t("{name} is resolved already: by you.", **told)
    if error.by and error.by != str(SYSTEM):
        if ago:
            return t("Already resolved by {person} {ago}, so nothing was changed.", **told)
        return t("Already resolved by {person}, so nothing was changed.", **told)
    if ago:
        return t("{name} has resolved {ago}, so nothing was changed.", **told)
    return t("{name} has resolved, so nothing was changed.", **told)


def _ago(at: datetime | None, now: datetime) -> str:
    """``2 min ago``, empty where that is not known; the clocks of this process and of the database differ a little."""
    if at is None:
        return ""
    passed = now - at
    return t("{duration} ago", duration=duration(passed)) if passed >= timedelta(seconds=5) else t("just now")
