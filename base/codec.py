"""JSON as Bongsu reads and writes it: lossless, bounded, and with a sentence for whoever sent something else.

The standard library's parser, with its liberties taken away: no NaN or Infinity, no numbers that turn into infinity,
no bottomless nesting. Whole numbers keep every digit (orjson would turn those over 64 bits into floats).
"""

import json
import math
from typing import Any

DEEPEST = 30
"""Levels of objects and lists, the outermost included. MariaDB's JSON functions fail at 33."""


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
    text = _decoded(data)
    if not text.strip():
        raise CodecError("the body is empty, JSON was expected")
    value = _parsed(text)
    _refuse_deep(value)
    return value


def dumps(value: Any) -> str:
    """Compact JSON, always encodable as UTF-8: beside a lone surrogate everything is written as ASCII escapes.

    Raises CodecError for NaN and infinities, TooDeep where Python's own limit is reached, TypeError for what JSON
    does not know.
    """
    text = _written(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _written(value, ensure_ascii=True)
    return text


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CodecError(f"not UTF-8: byte {error.start} is 0x{data[error.start]:02x}") from error


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_finite, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise CodecError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
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


def _refuse_deep(value: Any) -> None:
    """Level by level, so that no nesting can exhaust the stack."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        if not level:
            return
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
    if level:
        raise TooDeep


def _written(value: Any, *, ensure_ascii: bool) -> str:
    try:
        return json.dumps(value, ensure_ascii=ensure_ascii, allow_nan=False, separators=(",", ":"))
    except RecursionError as error:
        raise TooDeep from error
    except ValueError as error:
        raise CodecError(f"can't be written as JSON: {error}") from error
