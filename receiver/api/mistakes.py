"""What a use case can't use, told by the field in which the client wrote it."""

from collections.abc import Iterator
from contextlib import contextmanager

from base.durations import written
from incidents.errors import (
    BongsuError,
    IncidentNotFound,
    InvalidInput,
    NotAssignable,
    SnoozeOver,
    SnoozeTooLong,
)
from incidents.model import Incident
from incidents.ports import UnitOfWork
from receiver.api.call import Call
from receiver.api.errors import FieldMistake, PersonUnknown
from receiver.api.finding import find_incident


def mistake(field: str, message: str) -> FieldMistake:
    """``field``: ``body.until``."""
    return FieldMistake([{"field": field, "message": message}])


@contextmanager
def told_in(field: str, *kinds: type[BongsuError]) -> Iterator[None]:
    """Any InvalidInput, and these, are mistakes in this field. Raises FieldMistake in their place."""
    try:
        yield
    except InvalidInput as error:
        raise mistake(field, error.problem) from error
    except kinds as error:
        raise mistake(field, str(error)) from error


@contextmanager
def snoozing(field: str) -> Iterator[None]:
    """An end of a snooze that has passed, or is too far away, is a mistake in this field. Raises FieldMistake."""
    try:
        yield
    except SnoozeOver as error:
        raise mistake(field, "it has passed: choose a later end") from error
    except SnoozeTooLong as error:
        what = f"{error.name} is critical, so it" if error.is_critical else error.name
        most = written(error.longest)
        raise mistake(field, f"{what} can be snoozed for {most} at most: choose an earlier end") from error


async def check_person(call: Call, user_id: str | None, *, field: str) -> None:
    """That they can have an incident or a schedule; None: nobody. Raises FieldMistake, SlackAway, NoWorkspace."""
    if user_id is None:
        return
    try:
        await call.organisation.people.check_assignable(user_id)
    except PersonUnknown as error:
        raise mistake(field, str(error)) from error
    except NotAssignable as error:
        why = "is a bot: choose a person" if error.is_bot else "has left the workspace: choose somebody else"
        raise mistake(field, f"{user_id} {why}") from error


async def check_channel(call: Call, channel_id: str | None, *, field: str) -> None:
    """That messages can be sent there; None: where the routes say. Raises FieldMistake."""
    if channel_id is not None:
        with told_in(field):
            await call.organisation.people.check_channel(channel_id)


async def incident_in(field: str, ref: str, uow: UnitOfWork) -> Incident:
    """One that the body names. Raises FieldMistake."""
    with told_in(field, IncidentNotFound):
        return await find_incident(ref, uow)
