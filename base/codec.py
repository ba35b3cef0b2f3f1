"""JSON as Bongsu reads and writes it: lossless, bounded, and with a sentence for whoever sent something else.

Two parsers that agree. orjson takes what is plain, several times faster. Whatever it refuses, or would change, goes
to the standard library's, with its liberties taken away (no NaN or Infinity, no numbers that turn into infinity):
that one decides, and words what is wrong. Neither may nest bottomlessly, and whole numbers keep every digit.
"""

import json
import math
from typing import Any

import orjson

DEEPEST = 30
"""Levels of objects and lists, the outermost included. MariaDB's JSON functions fail at 33."""

_OVER_64_BITS = 2.0**63
"""orjson turns whole numbers over 64 bits into floats: no smaller ones than this."""

_LOOKED_AT = frozenset({dict, list, float})
_PLAIN = frozenset({str, int, bool, type(None)})
_AS_JSON_DOES = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


class CodecError(ValueError):
    """The bytes are not JSON, or the value can't be written as JSON. The message is a sentence for people."""


class TooDeep(CodecError):
    """Objects and lists are nested deeper than ``DEEPEST``."""

    def __init__(self) -> None:
        super().__init__(f"objects and lists are nested more than {DEEPEST} deep")


def loads(data: bytes) -> Any:
    """The value of a UTF-8 JSON text; a byte order mark is passed over. Of repeated keys the last one counts.

    Lone surrogates (``"\\ud800"``) come through as they are. Raises CodecError; TooDeep beyond ``DEEPEST`` levels.
    """
    value = _parsed(data)
    if _has_large_floats(value):
        value = _carefully_parsed(data)
        _has_large_floats(value)
    return value


def dumps(value: Any) -> str:
    """Compact JSON, always encodable as UTF-8: beside a lone surrogate everything is written as ASCII escapes.

    Raises CodecError for NaN and infinities, TooDeep where Python's own limit is reached, TypeError for what JSON
    does not know (an Enum is written as its value, though, and a UUID as text).
    """
    return dumped(value).decode()


def dumped(value: Any) -> bytes:
    """``dumps`` as UTF-8."""
    try:
        text = orjson.dumps(value, option=_AS_JSON_DOES)
    except TypeError:  # over 64 bits, a lone surrogate, a key that is no text, or really nothing that JSON knows
        return canonical(value).encode()
    # It writes null for NaN and infinities: where there is no null, there was none of them. To look from behind takes
    # half of the time.
    return text if text.rfind(b"null") < 0 or _is_plain(value) else canonical(value).encode()


def stored(text: str) -> Any:
    """``loads`` of a text that ``dumps`` has written, in half of its time for a flat object such as most of those are.

    What is flat is not too deep, and a number with more digits than the fast parser keeps would have become a float.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return loads(text.encode())
    is_flat = type(value) is dict and _PLAIN.issuperset(map(type, value.values()))
    return value if is_flat else loads(text.encode())


def canonical(value: Any) -> str:
    """``dumps`` for texts that are hashed or compared: the same text for the same value in every version.

    ``dumps`` may write 1e-7 where this writes 1e-07; in all else they agree.
    """
    text = _written(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _written(value, ensure_ascii=True)
    return text


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return _carefully_parsed(data)


def _carefully_parsed(data: bytes) -> Any:
    text = _decoded(data)
    if not text.strip():
        raise CodecError("the body is empty, JSON was expected")
    return _by_the_standard_library(text)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CodecError(f"not UTF-8: byte {error.start} is 0x{data[error.start]:02x}") from error


def _by_the_standard_library(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_finite, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        # Some of its messages end with "at" themselves.
        raise CodecError(
            f"not JSON: {error.msg.removesuffix(' at')} at line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError as error:
        raise TooDeep from error
    except CodecError:
        raise
    except ValueError as error:  # int() refuses more digits than sys.get_int_max_str_digits()
        raise CodecError("not usable JSON: a whole number has too many digits") from error


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        raise CodecError(f"not usable JSON: the number {shown} is too large")
    return number


def _refuse_constant(name: str) -> float:
    raise CodecError(f"not JSON: {name} is not a JSON number")


def _has_large_floats(value: Any) -> bool:
    """Whether any number in it may have been a whole one over 64 bits. Raises TooDeep.

    Level by level, so that no nesting can exhaust the stack, and both at once: this looks at every value there is.
    """
    level, has_large = [value] if type(value) in _LOOKED_AT else [], False
    for _ in range(DEEPEST + 1):
        if float in map(type, level):
            has_large = has_large or any(type(one) is float and abs(one) >= _OVER_64_BITS for one in level)
            level = [one for one in level if type(one) is not float]
        if not level:
            return has_large
        level = [
            child
            for container in level
            for child in (container.values() if type(container) is dict else container)
            if type(child) is not str and type(child) in _LOOKED_AT
        ]
    raise TooDeep


def _is_plain(value: Any) -> bool:
    """Whether either writer writes it in the same way: all numbers are finite and of a usual size."""
    level = [value]
    while level:
        inner: list[Any] = []
        for one in level:
            kind = type(one)
            if kind is dict:
                inner += one.values()
            elif kind is list or kind is tuple:
                inner += one
            elif kind not in _PLAIN and not (kind is float and (one == 0 or 1e-4 <= abs(one) < 1e16)):
                return False
        level = inner
    return True


def _written(value: Any, *, ensure_ascii: bool) -> str:
    try:
        return json.dumps(value, ensure_ascii=ensure_ascii, allow_nan=False, separators=(",", ":"))
    except RecursionError as error:
        raise TooDeep from error
    except ValueError as error:
        raise CodecError(f"can't be written as JSON: {error}") from error
