"""The small language in which blocks and elements are described.

A check takes a value and the JSON pointer where it stands, and yields what is wrong with it.
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sandbox.blockkit.problem import Problem

Problems = Iterator[Problem]
Check = Callable[[Any, str], Problems]
Fields = Mapping[str, Check]


def string(*, most: int | None = None, least: int = 1) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, str):
            yield Problem(pointer, "must provide a string")
        elif len(value) < least:
            yield Problem(pointer, f"must be more than {least - 1} characters")
        elif most is not None and len(value) > most:
            yield Problem(pointer, f"must be less than {most + 1} characters")

    return check


def boolean(value: Any, pointer: str) -> Problems:
    if not isinstance(value, bool):
        yield Problem(pointer, "must provide a boolean")


def integer(*, least: int, most: int) -> Check:
    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem(pointer, "must provide an integer")
        elif value < least:
            yield Problem(pointer, f"must be greater than {least - 1}")
        elif value > most:
            yield Problem(pointer, f"must be less than {most + 1}")

    return check


def number(value: Any, pointer: str) -> Problems:
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield Problem(pointer, "must provide a number")


def enum(*allowed: str) -> Check:
    def check(value: Any, pointer: str) -> Problems:
        if value not in allowed:
            yield Problem(pointer, f"must be a valid enum value, one of: {', '.join(allowed)}")

    return check


def pattern(expression: str, says: str) -> Check:
    compiled = re.compile(expression)

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield Problem(pointer, says)

    return check


def url(*, most: int = 3000, schemes: Container[str] = ("http", "https")) -> Check:
    length = string(most=most)

    def check(value: Any, pointer: str) -> Problems:
        problems = list(length(value, pointer))
        if not problems and not _is_url(value, schemes):
            problems.append(Problem(pointer, "must provide a valid URL"))
        yield from problems

    return check


def _is_url(value: str, schemes: Container[str]) -> bool:
    if re.search(r"\s", value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc or parts.scheme == "mailto")


def list_of(item: Check, *, most: int | None = None, least: int = 1) -> Check:
    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, list):
            yield Problem(pointer, "must provide an array")
            return
        if len(value) < least:
            yield Problem(pointer, f"no fewer than {least} items allowed")
        if most is not None and len(value) > most:
            yield Problem(pointer, f"no more than {most} items allowed")
        for index, element in enumerate(value):
            yield from item(element, f"{pointer}/{index}")

    return check


def shape(required: Fields, optional: Fields | None = None, rules: Sequence[Check] = ()) -> Check:
    """An object with these fields and no others. `rules` look at the object as a whole."""
    known = {**(optional or {}), **required}

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, Mapping):
            yield Problem(pointer, "must provide an object")
            return
        for name in required.keys() - value.keys():
            yield Problem(pointer, f"missing required field: {name}")
        for name, field in value.items():
            yield from _field(known, name, field, pointer)
        for rule in rules:
            yield from rule(value, pointer)

    return check


def _field(known: Fields, name: str, value: Any, pointer: str) -> Problems:
    check = known.get(name)
    if check is None:
        yield Problem(pointer, f"invalid additional property: {name}")
    else:
        yield from check(value, f"{pointer}/{name}")


def by_type(kinds: Callable[[], Mapping[str, Check]]) -> Check:
    """An object whose `type` says which of `kinds` it must match (called late: some contain themselves)."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, Mapping):
            yield Problem(pointer, "must provide an object")
        elif "type" not in value:
            yield Problem(pointer, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds():
            yield Problem(f"{pointer}/type", f"unsupported type: {value['type']}")
        else:
            yield from kinds()[value["type"]](value, pointer)

    return check


def anything(value: Any, pointer: str) -> Problems:  # noqa: ARG001 - a check that refuses nothing
    """For `type`, which was read to get here, and for fields whose content Slack doesn't limit."""
    yield from ()


def exactly_one(*names: str) -> Check:
    def check(value: Any, pointer: str) -> Problems:
        given = [name for name in names if name in value]
        if len(given) > 1:
            yield Problem(pointer, f"only one of {' and '.join(names)} may be given")
        elif not given:
            yield Problem(pointer, f"missing required field: {' or '.join(names)}")

    return check


def at_least_one(*names: str) -> Check:
    def check(value: Any, pointer: str) -> Problems:
        if not any(name in value for name in names):
            yield Problem(pointer, f"missing required field: {' or '.join(names)}")

    return check


def not_above(lower: str, upper: str) -> Check:
    """`lower` must not exceed `upper` when both are numbers (or strings of numbers)."""

    def check(value: Any, pointer: str) -> Problems:
        low, high = _number(value.get(lower)), _number(value.get(upper))
        if low is not None and high is not None and low > high:
            yield Problem(f"{pointer}/{lower}", f"must not be above {upper}")

    return check


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
