"""The OpenAPI document (https://spec.openapis.org/oas/v3.1.1), made of the same operations as the routes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from incidents.roles import Role
from receiver.api import openapi_parts as parts
from receiver.api.openapi_schemas import Schemas
from receiver.api.operation import PREFIX, Operation
from receiver.api.problem import Problem

TAGS: Mapping[str, str] = MappingProxyType(
    {
        "incidents": "Find and read them.",
        "alerts": "What monitoring systems sent, as it was stored.",
        "actions": "What people do to incidents: the same as Slack's buttons and commands, shown in Slack at once.",
        "maintenance": "Windows in which nobody is paged.",
        "on call": "Schedules, who is on call, and who has taken it over.",
        "stats": "How much there was, and how long it took.",
        "deliveries": "What came in, what became of it, and refused ones taken after all.",
        "keys": "Who may use the API, and who may send alerts. For keys of the role admin.",
        "audit": "Who changed what, and from where.",
        "approvals": "What somebody wants to close, and a second person must confirm.",
    }
)
"""In the order in which they are shown."""

_DESCRIPTION = """\
What Slack shows and does, for programs.

Make a key with `bongsu apikey create --name me --role write`, press *Authorize* and paste it. Mistakes are problems
of RFC 9457: `type` never changes for the same mistake, `detail` says what to do. Answers may get new fields, and
lists of values new ones, at any time: ignore what you don't know."""


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """JSON, always the same for the same operations."""
    schemas = Schemas([*(model for one in operations for model in _models(one)), (Problem, "serialization")])
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Bongsu",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": _tags(operations),
        "paths": _paths(operations, schemas),
        "components": {
            "securitySchemes": dict(parts.SECURITY_SCHEMES),
            "parameters": dict(parts.PARAMETERS),
            "headers": dict(parts.HEADERS),
            "responses": {**parts.problems(), parts.TOO_LONG: parts.too_long()},
            "schemas": schemas.shared(),
        },
    }


def statuses_of(operation: Operation) -> tuple[int, ...]:
    """All that it may refuse with."""
    found = {400, 401, 403, 422, 429, 500, 503, *operation.refusals}
    found |= {408, 413, 415} if operation.body is not None else set()
    found |= {409} if operation.is_idempotent else set()
    found |= {412} if operation.has_version and operation.writes else set()
    return tuple(sorted(found))


def _models(operation: Operation) -> Iterator[tuple[Any, Any]]:
    for asked in (operation.path_model, operation.query, operation.body):
        if asked is not None:
            yield asked, "validation"
    if operation.answer is not None:
        yield operation.answer, "serialization"


def _tags(operations: Sequence[Operation]) -> list[dict[str, str]]:
    used = {one.tag for one in operations}
    known = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
    return known + [{"name": name} for name in sorted(used - TAGS.keys())]


def _paths(operations: Sequence[Operation], schemas: Schemas) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return paths


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": _description(operation),
        "security": [{parts.KEY: [operation.scope.value]}],
        "parameters": _parameters(operation, schemas),
    }
    if operation.body is not None:
        told["requestBody"] = _request_body(operation, schemas)
    refused = {str(status): parts.problem_ref(status) for status in statuses_of(operation)}
    return told | {"responses": _success(operation, schemas) | refused | {"431": parts.TOO_LONG_REF}}


def _description(operation: Operation) -> str:
    needs = f"Scope: `{operation.scope.value}`."
    if operation.role is not Role.VIEWER:
        needs += f" On behalf of somebody: they need the role `{operation.role.name.lower()}`."
    return "\n\n".join(part for part in (operation.description, needs) if part)


def _parameters(operation: Operation, schemas: Schemas) -> list[dict[str, Any]]:
    found = [*_path_parameters(operation, schemas), *_query_parameters(operation, schemas)]
    found.append(parts.parameter_ref("OnBehalfOf"))
    if operation.has_version and operation.writes:
        found.append(parts.parameter_ref("IfMatch"))
    if operation.is_idempotent:
        found.append(parts.parameter_ref("IdempotencyKey"))
    return found


def _path_parameters(operation: Operation, schemas: Schemas) -> Iterator[dict[str, Any]]:
    """In the order of the path."""
    if operation.path_model is None:
        return
    fields, _ = schemas.fields_of(operation.path_model)
    for name in re.findall(r"{(\w+)}", operation.path):
        yield _parameter("path", name, fields[name], required=True)


def _query_parameters(operation: Operation, schemas: Schemas) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    fields, required = schemas.fields_of(operation.query)
    for name, schema in fields.items():
        yield _parameter("query", name, schema, required=name in required)


def _parameter(where: str, name: str, field: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    """What is said of the field is said of the parameter; an absent one is not ``null`` but absent."""
    schema = parts.without_null(field)
    told: dict[str, Any] = {"name": name, "in": where, "required": required}
    if description := schema.pop("description", None):
        told["description"] = description
    if examples := schema.pop("examples", None):
        told["example"] = examples[0]
    return told | {"schema": schema}


def _request_body(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schemas.ref(operation.body, "validation")}
    if operation.examples:
        content["examples"] = {name: {"value": value} for name, value in operation.examples.items()}
    return {"required": not operation.body_optional, "content": {"application/json": content}}


def _success(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    headers = dict(parts.RATE_HEADERS)
    if operation.has_version:
        headers["ETag"] = parts.header_ref("ETag")
    if operation.is_idempotent:
        headers["Idempotent-Replayed"] = parts.header_ref("Idempotent-Replayed")
    if operation.answer is None and operation.media_type == "application/json":
        return {"204": {"description": "It is done.", "headers": headers}}
    is_json = operation.media_type.endswith("json") and "ndjson" not in operation.media_type
    schema = schemas.ref(operation.answer, "serialization") if is_json else {"type": "string"}
    content = {operation.media_type: {"schema": schema}}
    located = {**headers, "Location": parts.header_ref("Location")} if operation.location is not None else headers
    told = {
        "description": operation.summary,
        "headers": located if operation.status == 201 else headers,
        "content": content,
    }
    description = "Nothing is closed yet: a second person was asked. The incident as it is, and where the approval is."
    asked = {"202": {"description": description, "headers": located, "content": content}}
    return {str(operation.status): told, **(asked if operation.may_ask else {})}
