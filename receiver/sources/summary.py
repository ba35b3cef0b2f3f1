"""The one sentence that people read first."""

from collections.abc import Mapping

from receiver.sources.text import first_line, one_line, shortened

LONGEST = 500
"""Characters."""

_BY_WORTH = (("summary", False), ("title", False), ("description", True), ("message", True))
"""Annotations, and whether only their first line counts."""


def summary(annotations: Mapping[str, str], otherwise: str) -> str:
    """The annotation ``summary``, else ``title``, else the first line of ``description`` or ``message``.

    On one line, at most ``LONGEST`` characters; ``otherwise`` where none of them says anything.
    """
    for name, is_long in _BY_WORTH:
        told = annotations.get(name)
        if told and (line := one_line(first_line(told) if is_long else told)):
            return shortened(line, LONGEST)
    return shortened(one_line(otherwise), LONGEST)
