"""Numbers as a person can look at them."""

from typing import Any


def finite(value: Any) -> float | None:
    """A JSON number as a float; None for anything else, and for a whole number that no float is as large as."""
    if type(value) is float:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # more than 308 digits
        return None
