"""Refusing what a person could not have meant, because their card was out of date."""

from incidents.errors import StaleView
from incidents.model import Incident
from incidents.rules.stale_click import Seen, outdated


def refuse_outdated(seen: Seen | None, incident: Incident, *, firing: int | None = None) -> None:
    """Raises StaleView, which says what has changed."""
    changed = outdated(seen, incident, firing=firing)
    if changed is not None:
        raise StaleView(incident.name, changed.text, **changed.values)
