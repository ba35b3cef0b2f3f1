"""Every mistake as a problem of RFC 9457: what failed, why, which field, and what to do."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from base.codec import CodecError, dumps
from incidents.access.errors import KeyNotFound, RoleTooHigh
from incidents.approvals.errors import ApprovalNotFound
from incidents.deliveries import DeliveryNotFound, NotRefused
from incidents.errors import (
    AlertNotFound,
    AlreadyAcknowledged,
    AlreadyResolved,
    AnotherIsOpen,
    BongsuError,
    Conflict,
    ForeignTables,
    HandledElsewhere,
    IncidentNotFound,
    InvalidInput,
    MergedAway,
    OverrideNotFound,
    Refused,
    Unavailable,
    UnknownSchedule,
)
from incidents.maintenance.errors import UnknownWindow
from receiver.answers import RETRY_AFTER_SECONDS
from receiver.api.errors import (
    CHALLENGE,
    BadCursor,
    BadHeader,
    BadJson,
    BodyNotKept,
    FieldMistake,
    NoKey,
    NotAllowed,
    NotJson,
    NoWorkspace,
    OutOfScope,
    PersonUnknown,
    SlackAway,
    TooManyRequests,
    VersionChanged,
)
from receiver.errors import BodyBroken, BodyTooLarge, BodyTooLate, SenderGone, UnknownEncoding

STATUS: Mapping[type[Exception], int] = MappingProxyType(
    {
        BadJson: 400,
        CodecError: 400,
        BadCursor: 400,
        BadHeader: 400,
        BodyBroken: 400,
        SenderGone: 400,
        NoKey: 401,
        OutOfScope: 403,
        NotAllowed: 403,
        RoleTooHigh: 403,
        IncidentNotFound: 404,
        AlertNotFound: 404,
        DeliveryNotFound: 404,
        BodyNotKept: 404,
        KeyNotFound: 404,
        OverrideNotFound: 404,
        ApprovalNotFound: 404,
        UnknownSchedule: 404,
        UnknownWindow: 404,
        BodyTooLate: 408,
        Refused: 409,
        NotRefused: 409,
        VersionChanged: 412,
        BodyTooLarge: 413,
        NotJson: 415,
        UnknownEncoding: 415,
        InvalidInput: 422,
        FieldMistake: 422,
        PersonUnknown: 422,
        NoWorkspace: 422,
        BongsuError: 422,
        TooManyRequests: 429,
        SlackAway: 503,
        Unavailable: 503,
        Conflict: 503,
    }
)
"""By exception type; a subclass that is not listed has its parent's. Anything else is a mistake of ours: 500."""

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:bongsu:problem:"
TITLES = {
    400: "The request can't be read",
    401: "No valid API key",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "The request did not arrive in time",
    409: "The state does not allow it",
    412: "It has changed meanwhile",
    413: "The body is too large",
    415: "The body has the wrong type",
    422: "A value can't be used",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Try again in a moment",
}


class FieldError(BaseModel):
    """One value that can't be used."""

    field: str = Field(description="Where it stands: body.until, query.limit, path.incident")
    message: str


class Problem(BaseModel):
    """RFC 9457. ``type`` never changes for the same mistake, ``detail`` is for people."""

    type: str = Field(examples=["urn:bongsu:problem:already-acknowledged"])
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = Field(default=None, description="The values that can't be used")
    version: int | None = Field(default=None, description="The version that it has now")
    changed: list[dict[str, Any]] | None = Field(default=None, description="What has happened since that version")
    by: str | None = Field(default=None, description="Who was faster: a Slack user id, or `key:` and a key's name")
    at: str | None = Field(default=None, description="When they were")
    instead: str | None = Field(default=None, description="The incident to work on instead", examples=["INC-3"])


REFUSALS = tuple(STATUS)
"""To be caught: all that is the sender's to mend, or the database's."""


def problem_of(error: Exception) -> web.Response:
    """Raises StopIteration for what is none of ``REFUSALS``."""
    status = _status_of(type(error))
    told = Problem(
        type=TYPE + _kebab(type(error).__name__), title=TITLES[status], status=status, detail=str(error),
        errors=_errors(error),
    )  # fmt: skip
    response = answer_of(told.model_copy(update=_beside(error)))
    if isinstance(error, NoKey):
        response.headers["WWW-Authenticate"] = CHALLENGE
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(max(1, round(error.wait)))
    if isinstance(error, BodyTooLate | BodyTooLarge):
        response.force_close()
    return response


def _beside(error: Exception) -> Mapping[str, Any]:
    """What a client may act upon, besides the words."""
    match error:
        case VersionChanged():
            return {"version": error.now, "changed": list(error.changed)}
        case AlreadyAcknowledged() | AlreadyResolved():
            return {"by": error.by, "at": error.at.isoformat() if error.at is not None else None}
        case MergedAway():
            return {"instead": error.into}
        case AnotherIsOpen() | HandledElsewhere():
            return {"instead": error.other}
        case _:
            return {}


def plain_problem(status: int, name: str, detail: str) -> web.Response:
    """One that no exception of ours tells."""
    return answer_of(Problem(type=TYPE + name, title=TITLES.get(status, "Error"), status=status, detail=detail))


def answer_of(problem: Problem) -> web.Response:
    told = problem.model_dump(exclude_none=True)
    return web.Response(text=dumps(told), status=problem.status, content_type=MEDIA_TYPE)


_ALSO = (
    ("no-such-path", 404, "There is nothing at that path."),
    ("no-such-method", 405, "The path is there, and does not take this method; `Allow` says which."),
    ("internal", 500, "A mistake of ours. It has been logged."),
)
_NEVER = frozenset({BongsuError, ForeignTables, SenderGone})
"""No answer is of this type itself, or nobody reads it."""
_ROOMS = ("incidents.", "receiver.api.", "base.")


def types_of_problems() -> list[tuple[str, int, str]]:
    """All that there are, by name, with status and meaning: what is imported by now, and this room's own."""
    found = {kind for root in STATUS for kind in (root, *_below(root)) if kind in STATUS or _is_ours(kind)}
    told = [(_kebab(kind.__name__), _status_of(kind), _meaning(kind)) for kind in found - _NEVER]
    return sorted({*told, *_ALSO})


def _below(kind: type[Exception]) -> Iterator[type[Exception]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _is_ours(kind: type[Exception]) -> bool:
    return kind.__module__.startswith(_ROOMS)


def _meaning(kind: type[Exception]) -> str:
    """The first paragraph of its docstring."""
    return " ".join((kind.__doc__ or "").strip().partition("\n\n")[0].replace("``", "`").replace("|", "\\|").split())


def _status_of(kind: type[Exception]) -> int:
    return next(STATUS[one] for one in kind.__mro__ if one in STATUS)


def _errors(error: Exception) -> list[FieldError] | None:
    if isinstance(error, FieldMistake):
        return [FieldError(field=one["field"], message=one["message"]) for one in error.errors]
    if isinstance(error, InvalidInput):
        return [FieldError(field=f"body.{error.field}", message=error.problem)]
    return None


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
