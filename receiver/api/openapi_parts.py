"""What all operations have in common in the OpenAPI document: the key, headers, and problems by status."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from receiver.api.problem import MEDIA_TYPE, TITLES, TYPE

KEY = "key"
"""The name of the security scheme."""
SECURITY_SCHEMES: Mapping[str, Any] = MappingProxyType(
    {
        KEY: {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, which `bongsu apikey create` makes. Each operation says which scope it needs: "
            "a key of the role `read` has the scope `read`, `write` has `read` and `write`, `admin` has all.",
        }
    }
)


def _header(description: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"description": description, "required": required, "schema": schema}


_COUNT = {"type": "integer", "minimum": 0}
HEADERS: Mapping[str, Any] = MappingProxyType(
    {
        "ETag": _header("The incident's `version`, in quotes: what `If-Match` takes", {"type": "string"}),
        "Idempotent-Replayed": _header(
            "`true`: this was done before, by a request with the same `Idempotency-Key`; here is its answer again",
            {"type": "string", "enum": ["true"]},
        ),
        "Location": _header("Where that is which was made, or asked for", {"type": "string"}),
        "RateLimit-Limit": _header("How many requests may come at once", _COUNT, required=True),
        "RateLimit-Remaining": _header("How many of them are left", _COUNT, required=True),
        "RateLimit-Reset": _header("Seconds until all are there again", _COUNT, required=True),
        "RateLimit-Policy": _header("The same as a policy: `200;w=4`", {"type": "string"}, required=True),
        "Retry-After": _header("Seconds after which to try again", _COUNT, required=True),
        "WWW-Authenticate": _header("How to send a key", {"type": "string"}, required=True),
    }
)

PARAMETERS: Mapping[str, Any] = MappingProxyType(
    {
        "OnBehalfOf": {
            "name": "On-Behalf-Of",
            "in": "header",
            "description": "A Slack user id: the key acts for this person, who must be allowed to do it themselves. "
            "Slack shows who it was, and via which key.",
            "schema": {"type": "string", "pattern": "^[UW][A-Z0-9]{1,30}$", "maxLength": 31},
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "description": 'The `ETag` that was read, such as `"7"`: changes only that version. Where it has changed '
            "meanwhile, 412 says what has happened.",
            "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$', "maxLength": 20},
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Any text that you make up for this request. Sent again within 24 hours, it is done once "
            "and answered the same.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "maxLength": 255},
        },
    }
)

_WHEN: Mapping[int, str] = MappingProxyType(
    {
        400: "A header, a cursor or the body can't be read.",
        401: "There is no key, or it is unknown, expired or revoked.",
        403: "The key has not the scope, or the person on whose behalf it acts may not do that.",
        404: "It is not there, or not this organisation's.",
        408: "The body did not arrive in time. The connection closes.",
        409: "The state does not allow it, or the `Idempotency-Key` was used for another request.",
        412: "`If-Match` names a version that is no more. `changed` says what has happened since.",
        413: "The body is larger than 1 MiB. The connection closes.",
        415: "The body is not sent as JSON in UTF-8, or packed in a way that is not unpacked here.",
        422: "A value can't be used. `errors` names the field and says what to write.",
        429: "Too many requests, by this key or with unknown keys from this address.",
        500: "A mistake of ours; it has been logged.",
        503: "The database or Slack is away. Nothing was changed: try again.",
    }
)

_EXAMPLES: Mapping[int, tuple[Any, ...]] = MappingProxyType(
    {
        400: ("bad-json", "the body is not JSON: Expecting value at line 1, column 1"),
        401: (
            "no-key",
            "this API key is unknown: send Authorization: Bearer <API key>, which `bongsu apikey create` makes",
        ),
        403: ("out-of-scope", "this key has the role read, which does not allow write"),
        404: ("incident-not-found", "There is no incident INC-7."),
        408: ("body-too-late", "the body did not arrive within 15 s"),
        409: ("other-request", "this Idempotency-Key was used for another request: make a new one for each"),
        412: (
            "version-changed",
            "INC-1 is at version 8, not 7: read it again. Nothing was changed.",
            {"version": 8, "changed": [{"at": "2026-03-02T10:15:00Z", "actor": "U0ALICE", "kind": "acknowledged"}]},
        ),
        413: ("body-too-large", "the body is larger than 1048576 bytes"),
        415: ("not-json", "the body is text/plain: send Content-Type: application/json, in UTF-8"),
        422: (
            "field-mistake",
            "query.limit: Input should be less than or equal to 200",
            {"errors": [{"field": "query.limit", "message": "Input should be less than or equal to 200"}]},
        ),
        429: ("too-many-requests", "this key has sent too many requests: wait 1 s"),
        500: ("internal", "something went wrong here; it has been logged"),
        503: ("unavailable", "the database can't be reached"),
    }
)


TOO_LONG = "TooLong431"
TOO_LONG_REF: Mapping[str, str] = {"$ref": f"#/components/responses/{TOO_LONG}"}


def too_long() -> dict[str, Any]:
    """The one answer that is no problem: the connection gives it, before anybody looks at the path."""
    error = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
    return {
        "description": "The request line, or a header, is longer than 8,190 bytes.",
        "content": {"application/json": {"schema": error}},
    }


def header_ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def parameter_ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def problem_ref(status: int) -> dict[str, str]:
    """Raises KeyError for a status whose problem has no words yet."""
    return {"$ref": f"#/components/responses/{_name(status)}"}


RATE_HEADERS: Mapping[str, dict[str, str]] = MappingProxyType(
    {name: header_ref(name) for name in HEADERS if name.startswith("RateLimit-")}
)
_PROBLEM_HEADERS: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
)


def problems() -> dict[str, Any]:
    """All answers that are problems, by name."""
    return {_name(status): _problem(status) for status in _WHEN}


def _problem(status: int) -> dict[str, Any]:
    told: dict[str, Any] = {"description": _WHEN[status]}
    if headers := {name: header_ref(name) for name in _PROBLEM_HEADERS.get(status, ())}:
        told["headers"] = headers
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(status)}
    return told | {"content": {MEDIA_TYPE: content}}


def _example(status: int) -> dict[str, Any]:
    name, detail, *more = _EXAMPLES[status]
    told = {"type": TYPE + name, "title": TITLES[status], "status": status, "detail": detail}
    return told | (more[0] if more else {})


def _name(status: int) -> str:
    return f"Problem{status}"


def without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a field takes besides null. A default of null says nothing."""
    told = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    kinds: list[dict[str, Any]] = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) == 1:
        return kinds[0] | told
    return told | ({"anyOf": kinds} if kinds else {})
