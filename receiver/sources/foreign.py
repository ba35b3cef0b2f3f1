"""Whose body is it, if not this source's? A guess, for a hint in the refusal; nothing is decided by it."""

from collections.abc import Mapping
from typing import Any

_MARKS: Mapping[str, tuple[frozenset[str], ...]] = {
    "datadog": (frozenset({"alert_transition"}), frozenset({"event_type", "alert_type"})),
    "newrelic": (
        frozenset({"issueUrl"}),
        frozenset({"impactedEntities", "state"}),
        frozenset({"current_state", "incident_id"}),
    ),
}
"""Keys that are there together."""

_NAMES = {"datadog": "Datadog", "newrelic": "New Relic"}


def looks_like(body: Mapping[str, Any]) -> str | None:
    """The name that the sender's source has in the URL, None if nothing speaks for any."""
    return next((name for name, marks in _MARKS.items() if any(mark <= body.keys() for mark in marks)), None)


def in_words(name: str) -> str:
    """The sender as people call it."""
    return _NAMES.get(name, name)
