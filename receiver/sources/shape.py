"""What a value is instead of what was needed, in words: short and safe to show."""

from typing import Any

from receiver.sources.text import one_line

_LONGEST = 40


def in_words(value: Any) -> str:
    """``null``, ``a list``, ``the string "ok"``."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'the string "{one_line(value)[:_LONGEST]}"'
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
