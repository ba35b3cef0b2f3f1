"""Text from outside, made fit for columns and cards. The raw element keeps what was replaced here."""

import re
from collections.abc import Mapping
from typing import Any

from base import codec

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Control characters and lone surrogates become U+FFFD; tabs and line ends stay.

    A lone surrogate can't be bound to a column, and NUL ends a text for too many readers.
    """
    return _UNFIT.sub(REPLACEMENT, text)


def one_line(text: str) -> str:
    """Clean, on one line, with single spaces."""
    return clean(_SPACES.sub(" ", text)).strip()


def shortened(text: str, longest: int) -> str:
    """At most ``longest`` characters, the last one ``…`` where it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def first_line(text: str) -> str:
    """The first line that holds something, ``""`` if none does."""
    return next((line for line in text.splitlines() if line.strip()), "")


def text_map(told: Mapping[str, Any]) -> dict[str, str]:
    """Labels or annotations as text: strings as they are, null is absent, anything else is its JSON text.

    Nobody's alert is lost because a template wrote ``"level": 2``.
    """
    return {clean(key): clean(as_text(value)) for key, value in told.items() if value is not None}


def as_text(value: Any) -> str:
    """A string as it is, any other JSON value as its JSON text: ``true``, ``2``, ``["a"]``."""
    return value if isinstance(value, str) else codec.canonical(value)
