"""Every answer is JSON, and its status comes from one table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web

from base.codec import CodecError, TooDeep, dumps
from incidents.errors import Conflict, InvalidInput, Unavailable
from receiver.api.errors import OutOfScope
from receiver.errors import (
    BodyBroken,
    BodyTooLarge,
    BodyTooLate,
    SenderGone,
    TooMuchHeld,
    Unauthorised,
    UnknownEncoding,
    UnknownHeartbeat,
    UnknownSource,
    WrongShape,
)
from receiver.sources import advice

STATUS: Mapping[type[Exception], int] = MappingProxyType(
    {
        CodecError: 400,
        BodyBroken: 400,
        SenderGone: 400,
        Unauthorised: 401,
        OutOfScope: 403,
        UnknownSource: 404,
        UnknownHeartbeat: 404,
        BodyTooLate: 408,
        BodyTooLarge: 413,
        UnknownEncoding: 415,
        InvalidInput: 422,
        TooDeep: 422,
        TooMuchHeld: 503,
        Unavailable: 503,
        Conflict: 503,
    }
)
"""By exception type; a subclass that is not listed has its parent's. Anything else is a mistake of ours: 500."""

REFUSALS = tuple(STATUS)
"""To be caught: all that is the sender's to mend, or the database's."""

RETRY_AFTER_SECONDS = 5


def status_of(error: Exception) -> int:
    """Raises StopIteration for what is none of ``REFUSALS``."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def answer(value: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(text=dumps(value), status=status, headers=headers, content_type="application/json")


def refusal(error: Exception, *, delivery_id: int | None = None) -> web.Response:
    """``{"error": …, "field"?: …, "delivery"?: …}``; ``delivery_id`` is where the refused body is kept, if it is."""
    told: dict[str, Any] = {"error": _in_words(error)}
    if isinstance(error, InvalidInput):
        told["field"] = error.field
    if delivery_id is not None:
        told["delivery"] = delivery_id
    response = answer(told, status=status_of(error))
    if isinstance(error, Unauthorised):
        response.headers.extend([("WWW-Authenticate", challenge) for challenge in error.challenges])
    if response.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, BodyTooLate | BodyTooLarge):
        response.force_close()
    return response


def _in_words(error: Exception) -> str:
    return advice(error) if isinstance(error, WrongShape) else str(error)
