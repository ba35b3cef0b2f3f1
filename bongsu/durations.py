"""Lengths of time as people write them: ``90d``, ``12h``, ``10m``."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WRITTEN = re.compile(r"([0-9]+)\s*([smhdw])")


def parse_duration(text: str) -> timedelta:
    """A whole number and a unit: s, m, h, d or w. Raises ValueError, which says what to write."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text}' is no duration: write a whole number and one of s, m, h, d, w, such as 90d or 12h")
    number, unit = found.groups()
    try:
        return timedelta(**{_UNITS[unit]: int(number)})
    except (OverflowError, ValueError) as error:
        raise ValueError(f"'{text}' is longer than anything lasts") from error
