"""From a request to values of the shapes that its operation names. Each mistake names its field."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError

from base.codec import TooDeep, loads
from receiver.api.errors import BadJson, FieldMistake, NotJson
from receiver.body import read_body, unpack
from receiver.settings import MEBIBYTE, ReceiverSettings

LARGEST_BODY = MEBIBYTE
_MOST_ERRORS = 20
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})
"""JSON is UTF-8 (RFC 8259, 8.1): whoever says that it is something else is told, or its texts would be wrong."""


def path_values(request: web.Request, kind: type[BaseModel]) -> BaseModel:
    """Raises FieldMistake."""
    return _checked(kind, dict(request.match_info), "path")


def query_values(request: web.Request, kind: type[BaseModel]) -> BaseModel:
    """What is a list may come several times, and each value may name several with commas. Raises FieldMistake."""
    told: dict[str, Any] = {}
    for name in dict.fromkeys(request.query):
        values = request.query.getall(name)
        if _is_list(kind, name):
            told[name] = [part for value in values for part in value.split(",")]
        elif len(values) > 1:
            raise FieldMistake([{"field": f"query.{name}", "message": f"it was sent {len(values)} times"}])
        else:
            told[name] = values[0]
    return _checked(kind, told, "query")


async def body_values(
    request: web.Request, kind: type[BaseModel], *, optional: bool, settings: ReceiverSettings
) -> tuple[BaseModel, bytes]:
    """And the bytes themselves, unpacked. Raises BadJson, NotJson, FieldMistake, and what reading a body raises."""
    raw = await read_body(
        request.content,
        declared=request.content_length,
        limit=LARGEST_BODY,
        within=settings.body_timeout,
        grow=lambda _: None,
    )
    body = unpack(raw, request.headers.get("Content-Encoding", ""), limit=LARGEST_BODY)
    if not body.strip() and optional:
        return _checked(kind, {}, "body"), b""
    is_json = request.content_type == "application/json" or request.content_type.endswith("+json")
    if not is_json or (request.charset or "utf-8").lower() not in _CHARSETS:
        raise NotJson(request.headers.get("Content-Type", ""))
    return _parsed(kind, body), body


def _parsed(kind: type[BaseModel], body: bytes) -> BaseModel:
    """The codec first: it refuses what is too deep, or no JSON though Python takes it."""
    try:
        value = loads(body)
    except TooDeep:
        raise
    except ValueError as error:
        said = str(error)
        raise BadJson(said if said.startswith("the body") else f"the body is {said}") from error
    if not isinstance(value, dict):
        raise BadJson("the body is not a JSON object")
    try:
        return kind.model_validate_json(body.removeprefix(BOM_UTF8), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "json_invalid":  # a lone surrogate, which the codec lets through
            raise BadJson(f"the body is not JSON: {first['ctx']['error']}") from error
        raise FieldMistake(_mistakes(error, "body", kind)) from error


def _checked(kind: type[BaseModel], told: Mapping[str, Any], where: str) -> BaseModel:
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        raise FieldMistake(_mistakes(error, where, kind)) from error


def _mistakes(error: ValidationError, where: str, kind: type[BaseModel]) -> list[dict[str, str]]:
    return [
        {
            "field": ".".join([where, *(str(part) for part in one["loc"])]),
            "message": _in_words(one, kind),
        }
        for one in error.errors(include_url=False)[:_MOST_ERRORS]
    ]


def _in_words(mistake: Mapping[str, Any], kind: type[BaseModel]) -> str:
    match mistake["type"]:
        case "extra_forbidden" if len(mistake["loc"]) == 1 and (names := _names(kind)):
            return f"there is no such field; there are {', '.join(names)}"
        case "extra_forbidden":
            return "there is no such field"
        case "missing":
            return "it is missing"
        case "string_pattern_mismatch":
            return _what_to_write(kind, str(mistake["loc"][0]), mistake["ctx"]["pattern"])
        case "too_long" | "string_too_long" if isinstance(mistake["input"], str):
            return f"write at most {mistake['ctx']['max_length']} characters"
        case _:
            return str(mistake["msg"]).removeprefix("Value error, ")


def _what_to_write(kind: type[BaseModel], name: str, pattern: str) -> str:
    """What is said of this field, for those who read no regular expressions."""
    field = kind.model_json_schema()["properties"][name]
    said = field | next((one for one in _objects(field) if one.get("pattern") == pattern), {})
    description, examples = said.get("description", "it otherwise"), said.get("examples", ())
    return f"write {description[0].lower()}{description[1:]}" + (f", such as {examples[0]}" if examples else "")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """This one, and all below it."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(child)


def _names(kind: type[BaseModel]) -> list[str]:
    """As they are sent."""
    return [field.alias or name for name, field in kind.model_fields.items()]


def _is_list(kind: type[BaseModel], name: str) -> bool:
    fields = {field.alias or name: field for name, field in kind.model_fields.items()}
    return name in fields and _has_list(fields[name].annotation)


def _has_list(annotation: Any) -> bool:
    if get_origin(annotation) in {Union, UnionType}:
        return any(_has_list(one) for one in get_args(annotation) if one is not NoneType)
    return get_origin(annotation) in {list, tuple, set, frozenset}
