"""Which of an alert's values do people look at?"""

from collections.abc import Mapping


def shown_value(values: Mapping[str, float | None]) -> float | None:
    """The first by query name that is a number; None: the sender had none."""
    for name in sorted(values):
        if (value := values[name]) is not None:
            return value
    return None
