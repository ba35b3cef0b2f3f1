"""One step of an incident: what it was, what it is, and the event that tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from base.records import made, replace
from incidents.model import Actor, Event, EventKind, Incident


@dataclass(frozen=True)
class Change:
    """One step of one incident and the event that tells it.

    ``recovered_at`` is when the source says that the last series ended, None unless it recovered. ``remind``: whom the
    event's data mention must hear of it.
    """

    before: Incident
    after: Incident
    event: Event
    recovered_at: datetime | None = None
    remind: bool = False

    @property
    def opens_episode(self) -> bool:
        return self.after.episode > self.before.episode

    @property
    def closes(self) -> bool:
        return not self.after.is_open and self.before.is_open


def changed(
    before: Incident,
    after: Incident,
    kind: EventKind,
    by: Actor,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> Change:
    """From ``before`` to ``after``, told by an event of this kind: with ``via``, where an API key acts for somebody."""
    after = replace(after, version=before.version + 1, event_count=before.event_count + 1)
    told = {**(data or {}), "via": by.via} if by.via else data or {}
    values = {"at": now, "actor": str(by), "kind": kind, "data": told, "episode": after.episode, "id": None}
    return Change(before, after, made(Event, values))
