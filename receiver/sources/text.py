"""Text from outside, made fit for columns and cards. The raw element keeps what was replaced here.

Most text is printable, which Python tells much faster than a regular expression: control characters, lone surrogates
and every space but the common one are not.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from base import codec

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_ESCAPES_UNFIT = re.compile(rb'\\(?![nrt"/]|u0026|u003[ce])')
"""But for those of line ends, tabs, quotes, slashes and what Go escapes for the sake of HTML: ``&``, ``<``, ``>``."""


def clean(text: str) -> str:
    """Control characters and lone surrogates become U+FFFD; tabs and line ends stay.

    A lone surrogate can't be bound to a column, and NUL ends a text for too many readers.
    """
    return text if text.isprintable() else _UNFIT.sub(REPLACEMENT, text)


def has_clean_texts(body: bytes) -> bool:
    """Whether all texts of a JSON body are clean, which saves looking at each; False where that is not sure.

    Control characters and lone surrogates can only be there as escapes: JSON says so.
    """
    return body.isascii() and b"\x7f" not in body and not _ESCAPES_UNFIT.search(body)


def one_line(text: str) -> str:
    """Clean, on one line, with single spaces."""
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
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
    for key, value in told.items():
        if type(value) is not str or not (value.isprintable() and key.isprintable()):
            return {clean(name): clean(as_text(told[name])) for name in told if told[name] is not None}
    return dict(told)


def are_texts(values: Iterable[Any]) -> bool:
    """Whether all are strings. Joining them finds out at a third of what it takes to ask each."""
    try:
        "".join(values)
    except TypeError:
        return False
    return True


def as_text(value: Any) -> str:
    """A string as it is, any other JSON value as its JSON text: ``true``, ``2``, ``["a"]``."""
    return value if isinstance(value, str) else codec.canonical(value)
