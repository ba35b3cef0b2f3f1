"""What people are told when something was not done: what failed, why, and what to do. Seen by that person only."""

from datetime import datetime, timedelta

from bot.blocks.text import duration, is_slack_person, person, when
from bot.language import t
from incidents.errors import (
    AlreadyAcknowledged,
    AlreadyResolved,
    AlreadySnoozed,
    BongsuError,
    Conflict,
    IncidentNotFound,
    InvalidInput,
    NotAssignable,
    Refused,
    SnoozeOver,
    SnoozeTooLong,
    StaleView,
    Unavailable,
)

UNAVAILABLE = "Bongsu can't reach its database, so nothing was changed. Try again in a moment."
NO_ANSWER = (
    "Bongsu's database did not answer in time, so it is not known whether that was done. "
    "The card will show it; if it doesn't in a moment, try again."
)
CONFLICT = "Others are changing the same incident right now, so nothing was changed. Try again."
OLDER_VERSION = (
    "This button is from an older version of Bongsu, so nothing was done. `/incident list` shows what is open; "
    "`/incident help` shows how to work on it."
)
BROKEN = (
    "Something broke inside Bongsu, so it is not known whether that was done. Look at the card, then try again; "
    "if it breaks again, tell who runs Bongsu: its log has the cause."
)


class NoAnswer(BongsuError):
    """The database took longer than Slack waits. Whether it was done is not known."""


def sentence(error: BongsuError, *, to: str, now: datetime) -> str:
    """Harmless mrkdwn. ``to`` is the Slack id of who is told; ``now`` is aware."""
    match error:
        case AlreadyAcknowledged():
            return _acknowledged(error, to, now)
        case AlreadyResolved():
            return _resolved(error, to, now)
        case AlreadySnoozed() | SnoozeTooLong() | SnoozeOver() | NotAssignable():
            return _refused(error)
        case StaleView():
            return f"{error} Look at the card as it is now, then press again."
        case InvalidInput():
            return f"{error.field[:1].upper()}{error.field[1:]}: {error.problem}."
        case NoAnswer():
            return NO_ANSWER
        case Unavailable():
            return UNAVAILABLE
        case Conflict():
            return CONFLICT
        case _:
            return str(error)


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
        case IncidentNotFound():
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
    if error.by == to:
        return f"You have {error.name} already: acknowledged by you{_ago(error.at, now)}."
    by = f" by {person(error.by)}" if error.by else ""
    return (
        f"Already acknowledged{by}{_ago(error.at, now)}, so nothing was changed. "
        f"To take {error.name} over: `/incident assign {error.name} me`."
    )


def _resolved(error: AlreadyResolved, to: str, now: datetime) -> str:
    again = f"If it is not fixed: `/incident reopen {error.name}`."
    if error.by == to:
        return f"{error.name} is resolved already: by you{_ago(error.at, now)}. {again}"
    if error.by and is_slack_person(error.by):
        return f"Already resolved by {person(error.by)}{_ago(error.at, now)}, so nothing was changed. {again}"
    return f"{error.name} has resolved{_ago(error.at, now)}, so nothing was changed. {again}"


def _ago(at: datetime | None, now: datetime) -> str:
    """`` 2 min ago``; the clocks of this process and of the database may differ by a little."""
    if at is None:
        return ""
    passed = now - at
    return f" {duration(passed)} ago" if passed >= timedelta(seconds=5) else " just now"
