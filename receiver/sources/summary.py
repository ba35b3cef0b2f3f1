"""The one sentence that people read first."""

from collections.abc import Mapping

from receiver.sources.text import first_line, one_line, shortened

LONGEST = 500
"""Characters."""


def summary(annotations: Mapping[str, str], alert_name: str) -> str:
    """The annotation ``summary``, else ``title``, else the first line of ``description`` or ``message``, else the name.

    On one line, at most ``LONGEST`` characters.
    """
    candidates = (
        annotations.get("summary", ""),
        annotations.get("title", ""),
        first_line(annotations.get("description", "")),
        first_line(annotations.get("message", "")),
        alert_name,
    )
    return next((shortened(line, LONGEST) for text in candidates if (line := one_line(text))), "")
