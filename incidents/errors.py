"""The one small tree of exceptions. Each message says what failed, why, and what to do."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum


class BongsuError(Exception):
    """Something that Bongsu can name."""


class Unavailable(BongsuError):
    """The database can't be reached. Nothing was stored; try again in a moment."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(f"the database can't be reached{f' ({reason})' if reason else ''}")


class OlderDatabase(Unavailable):
    """Its tables are not yet those that this program needs: it waits for them. ``found`` None: there are none."""

    def __init__(self, found: str | None, wanted: str) -> None:
        if found is None:
            what = "the database has no tables yet"
        elif found == wanted:
            what = f"the database's migration to revision {wanted} has not come to its end"
        else:
            what = f"the database is at revision {found}, this program needs {wanted}"
        BongsuError.__init__(self, f"{what}: run `bongsu migrate`")


class NewerDatabase(Unavailable):
    """Its tables have changed in a way that this program does not know: it must leave them alone."""

    def __init__(self, found: str, newest_known: str) -> None:
        BongsuError.__init__(
            self,
            f"this program (for revision {newest_known}) is older than the database (revision {found}), which it must "
            "not write to: upgrade it",
        )


class ForeignTables(BongsuError):
    """Tables of another tool stand where Bongsu's are to be. Nothing was changed."""

    def __init__(self, names: Sequence[str], what_to_do: str) -> None:
        there = " and ".join(names)
        verb = "is a table" if len(names) == 1 else "are tables"
        super().__init__(f"{there} in this database {verb} of another tool, and Bongsu's are called so: {what_to_do}")


class Conflict(BongsuError):
    """Somebody else changed the incident between reading and writing. The transaction is run again."""


class LeaseLost(BongsuError):
    """Another process has taken the work over. Nothing was changed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"another process has taken {name} over")
        self.name = name


class InvalidInput(BongsuError):
    """A value from outside that can't be used: names the field and what to write instead.

    ``problem`` may have named gaps, which ``values`` fill: so it can be told in another language, too.
    """

    def __init__(self, field: str, problem: str, **values: object) -> None:
        self.field, self.text, self.values = field, problem, values
        self.problem = problem.format(**values) if values else problem
        super().__init__(f"{field}: {self.problem}")


class IncidentNotFound(BongsuError):
    """No incident has that number."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no incident {name}.")
        self.name = name


class AlertNotFound(BongsuError):
    """No alert has that id: there never was one, or it was deleted because of its age."""

    def __init__(self, alert_id: int) -> None:
        super().__init__(f"There is no alert with id {alert_id}.")


class IncidentGone(IncidentNotFound):
    """It had this id, which a card or a form remembers.

    It was deleted because of its age, or the database was restored from a backup that is older than it.
    """

    def __init__(self, incident_id: int) -> None:
        super().__init__(f"with id {incident_id}")


class AnotherIncident(IncidentGone):
    """Another incident has that id: the database was restored from a backup that is older than the one meant."""


class AnotherThing(BongsuError):
    """The same of what is no incident, such as a storm."""

    def __init__(self, id_: int) -> None:
        super().__init__(f"What was meant had the id {id_}, which is something else's now.")


class Refused(BongsuError):
    """The incident is not in a state in which that can be done. Nothing was changed."""


class AlreadyAcknowledged(Refused):
    """It has an owner already."""

    def __init__(self, name: str, by: str | None, at: datetime | None) -> None:
        super().__init__(f"{name} is already acknowledged.")
        self.name, self.by, self.at = name, by, at


class AlreadyResolved(Refused):
    """It is closed already."""

    def __init__(self, name: str, by: str | None, at: datetime | None) -> None:
        super().__init__(f"{name} is already resolved.")
        self.name, self.by, self.at = name, by, at


class NotAcknowledged(Refused):
    """There is no acknowledgement to take back."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not acknowledged, so there is nothing to take back.")
        self.name = name


class NothingToConfirm(Refused):
    """It has not worsened since somebody took it, or that is confirmed already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not waiting for anybody to confirm that they still have it.")
        self.name = name


class NotResolved(Refused):
    """Only a resolved incident can be reopened."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is still open, so there is nothing to reopen.")
        self.name = name


class NotNoise(Refused):
    """Only noise can be marked real again."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not marked as noise.")
        self.name = name


class AlreadyNoise(Refused):
    """It is marked as noise already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is already marked as noise.")
        self.name = name


class NotSnoozed(Refused):
    """It is awake already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not snoozed, so there is nothing to wake.")
        self.name = name


class AlreadySnoozed(Refused):
    """Somebody else has snoozed it meanwhile."""

    def __init__(self, name: str, by: str | None, until: datetime | None) -> None:
        super().__init__(f"{name} is already snoozed.")
        self.name, self.by, self.until = name, by, until


class SnoozeTooLong(Refused):
    """Its severity, or common sense, allows less."""

    def __init__(self, name: str, longest: timedelta, *, is_critical: bool) -> None:
        why = f"{name} is critical: it" if is_critical else name
        super().__init__(f"{why} can't be snoozed for so long.")
        self.name, self.longest, self.is_critical = name, longest, is_critical


class SnoozeOver(Refused):
    """The end of the snooze that was asked for has passed."""

    def __init__(self, name: str, until: datetime) -> None:
        super().__init__(f"{name} can't be snoozed until a time that has passed.")
        self.name, self.until = name, until


class HandledElsewhere(Refused):
    """It is resolved, and its alerts open another incident now: what is asked belongs there."""

    def __init__(self, name: str, other: str) -> None:
        super().__init__(f"{name} is over: {other} is open for the same alert. Work on {other} instead.")
        self.name, self.other = name, other


class NotOver(Refused):
    """Only what is resolved can be summed up."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is open again, so it has no end to sum up. Write a note instead.")
        self.name = name


class NotAssignable(Refused):
    """That account can't have an incident. ``is_bot``, or it belongs to somebody who has left."""

    def __init__(self, person: str, *, is_bot: bool) -> None:
        super().__init__(f"{person} can't take an incident.")
        self.person, self.is_bot = person, is_bot


class AnotherIsOpen(Refused):
    """A newer incident of the same key is open: two can't be."""

    def __init__(self, name: str, other: str) -> None:
        super().__init__(f"{name} can't be reopened: {other} is open for the same alert. Work on {other} instead.")
        self.name, self.other = name, other


class AlreadyOnTimeline(Refused):
    """That message was put on the timeline before."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has that message on its timeline already.")
        self.name = name


class MergedAway(Refused):
    """It was merged into another incident, where people work on it now."""

    def __init__(self, name: str, into: str) -> None:
        super().__init__(f"{name} was merged into {into}. Work on {into}, or undo the merge. Nothing was changed.")
        self.name, self.into = name, into


class MergeIntoItself(Refused):
    """An incident can only be merged into another."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} can't be merged into itself: choose another incident.")
        self.name = name


class MergeIntoResolved(Refused):
    """What is resolved takes no others in."""

    def __init__(self, name: str, into: str) -> None:
        super().__init__(
            f"{into} is resolved, so {name} can't be merged into it: choose an open incident, or reopen {into} first."
        )
        self.name, self.into = name, into


class MergeOfTest(Refused):
    """A test closes itself, whatever else is in it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is a test that closes itself: it can't be merged with others.")
        self.name = name


class NotMerged(Refused):
    """There is no merge to undo."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not merged into another incident, so there is nothing to undo.")
        self.name = name


class NothingToSplit(Refused):
    """It has no two series that could part."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has only one series, so there is nothing to split.")
        self.name = name


class NoSeriesToSplit(Refused):
    """A person declared it, so it has none."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no series, so there is nothing to split.")
        self.name = name


class NobodyToCall(Refused):
    """No escalation policy has a step for it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No escalation policy has a step for {name}, so nobody was called.")
        self.name = name


class StaleView(Refused):
    """The click came from a card that no longer shows the truth. Nothing was changed.

    ``changed`` may have named gaps, which ``values`` fill.
    """

    def __init__(self, name: str, changed: str, **values: object) -> None:
        told = changed.format(**values) if values else changed
        super().__init__(f"{name} has changed since that card was drawn: {told}. Nothing was done.")
        self.name, self.text, self.values = name, changed, values


class UnknownSchedule(BongsuError):
    """There is none of that name. ``nearest`` is what may have been meant, None: nothing; ``known`` are all names."""

    def __init__(self, name: str, nearest: str | None, known: Sequence[str]) -> None:
        super().__init__(f"There is no schedule {name!r}.")
        self.name, self.nearest, self.known = name, nearest, known


class OverrideNotFound(BongsuError):
    """No override has that id."""

    def __init__(self, override_id: int) -> None:
        super().__init__(f"There is no override with id {override_id}.")


class OverrideOver(Refused):
    """It has ended, by itself or by somebody's hand."""

    def __init__(self) -> None:
        super().__init__("That has ended already, so nothing was changed.")


class NotTakenBecause(Enum):
    """What is wrong with the time."""

    BEGAN = "it begins in the past"
    PAST = "it ends in the past"
    BACKWARDS = "it ends before it begins"
    TOO_LONG = "it is too long"
    TOO_FAR = "it begins too late"


class NotTaken(Refused):
    """A schedule can't be taken over for that time. ``field`` is ``start`` or ``end``, which is what to correct."""

    def __init__(self, why: NotTakenBecause) -> None:
        super().__init__(f"The schedule was not taken over: {why.value}.")
        self.why = why

    @property
    def field(self) -> str:
        return "start" if self.why is NotTakenBecause.BEGAN else "end"
