"""Writing down what people and keys change, in the transaction that changes it.

What Bongsu changes by itself is not written here: it is read from the timelines later, so that alerts wait for nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Any, Protocol

from incidents.actor import SYSTEM, Actor
from incidents.audit.keeping import AuditLog
from incidents.audit.model import NewEntry
from incidents.change import Change
from incidents.model import Event, EventKind, Incident

_OF_THE_MACHINE = {
    "id", "number", "incident_key", "source", "rule_uid", "alert_name", "place", "kind", "version", "event_count",
    "untold", "unfollowed", "check_at", "asked_at", "reminded_episode", "alert_count", "last_alert_time",
    "acknowledged_severity", "acknowledged_firing", "snoozed_severity", "is_overflow",
    "created_at",
}  # fmt: skip
"""Fields that never change, and those in which the machine counts and remembers for itself."""
FIELDS = tuple(field.name for field in fields(Incident) if field.name not in _OF_THE_MACHINE)
_values = attrgetter(*FIELDS)
_BEGINNINGS = frozenset({EventKind.DECLARED, EventKind.OPENED})


class Audited(Protocol):
    """Of a unit of work, what recording needs."""

    @property
    def now(self) -> datetime: ...
    @property
    def audit(self) -> AuditLog: ...


async def note_changes(
    changes: Sequence[Change],
    events: Sequence[Event],
    *,
    by: Actor,
    uow: Audited,
    named: str | None = None,
    also: Sequence[Actor] = (),
) -> None:
    """What somebody did to incidents. ``events`` are the changes' own, with ids. ``named``: as the incident is by now.

    ``also``: who else did some of it.

    Of what Bongsu does by itself nothing is written: the sealer takes it from the timeline.
    """
    if by == SYSTEM:
        return
    pairs = zip(changes, events, strict=True)
    people = {str(one): one for one in (by, *also)}
    await uow.audit.add([_entry(change, event, people, named or change.after.name) for change, event in pairs])


async def note(
    action: str,
    subject: str,
    *,
    by: Actor,
    uow: Audited,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Any other change. ``before`` and ``after``: all its fields, of which those are kept that differ."""
    if before is not None and after is not None:
        before, after = differing(before, after)
    entry = NewEntry(
        at=uow.now,
        actor=str(by),
        action=action,
        subject=subject,
        via=by.via,
        origin=by.origin or by.kind,
        before=_plain(before),
        after=_plain(after),
        data=_plain(data),
    )
    await uow.audit.add([entry])


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of either that the other does not have just so."""
    absent = object()
    names = [name for name in {**before, **after} if before.get(name, absent) != after.get(name, absent)]
    return {n: before[n] for n in names if n in before}, {n: after[n] for n in names if n in after}


def _entry(change: Change, event: Event, people: Mapping[str, Actor], named: str) -> NewEntry:
    """What follows by itself in the same moment (``actor`` is the system) is told like that."""
    by = people.get(event.actor, SYSTEM)
    before, after = _difference(change)
    data = {name: value for name, value in event.data.items() if name != "via"}
    return NewEntry(
        at=event.at,
        actor=event.actor,
        action=f"incident.{event.kind.value}",
        subject=named,
        via=by.via,
        origin=by.origin or by.kind,
        before=before,
        after=after,
        data=data or None,
        incident_id=change.after.id,
        event_id=event.id,
    )


def _difference(change: Change) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    news = _values(change.after)
    if change.event.kind in _BEGINNINGS:
        return None, {name: plain(new) for name, new in zip(FIELDS, news, strict=True) if new}
    pairs = zip(FIELDS, _values(change.before), news, strict=True)
    changed = [(name, old, new) for name, old, new in pairs if old != new]
    return {name: plain(old) for name, old, _ in changed}, {name: plain(new) for name, _, new in changed}


def _plain(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if told is None else {name: plain(value) for name, value in told.items()}


def plain(value: Any) -> Any:
    """As JSON has it: times in ISO 8601, enums by their values."""
    match value:
        case datetime():
            return value.isoformat()
        case Enum():
            return value.value
        case Mapping():
            return {str(plain(name)): plain(one) for name, one in value.items()}
        case str() | int() | float() | bool() | None:
            return value
        case _ if isinstance(value, Sequence | set | frozenset):
            return [plain(one) for one in value]
    return str(value)
