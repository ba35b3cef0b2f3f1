"""Entries and chains for tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents.audit.model import Head, NewEntry, Sealed
from incidents.audit.sealing import Secret, genesis, head_of, seal
from incidents.audit.verifying import Outside, Report, Walk

T0 = datetime(2026, 3, 1, 10, tzinfo=UTC)
TENANT = 1


def told(number: int, **more: Any) -> NewEntry:
    """What somebody did, each a little different."""
    given: dict[str, Any] = {
        "at": T0 + timedelta(seconds=number),
        "actor": f"U{number % 3}",
        "action": "incident.acknowledged",
        "subject": f"INC-{number}",
        "via": "",
        "origin": "slack",
        "before": {"status": "active"},
        "after": {"status": "acknowledged", "n": number},
        "data": None,
        "incident_id": number,
        "event_id": number,
    }
    return NewEntry(**{**given, **more})


def chained(entries: Sequence[NewEntry], *, secret: Secret = None, after: Head | None = None) -> list[Sealed]:
    """Sealed one after the other, by ids from 1."""
    head, made = after or genesis(TENANT), list[Sealed]()
    for number, one in enumerate(entries, start=1):
        sealed = seal(one, after=head, secret=secret)
        made.append(Sealed(number, one, sealed))
        head = head_of(sealed)
    return made


def chain(count: int, *, secret: Secret = None) -> list[Sealed]:
    return chained([told(number) for number in range(1, count + 1)], secret=secret)


def head(entries: Sequence[Sealed]) -> Head:
    return head_of(entries[-1].seal)


def walked(
    entries: Sequence[Sealed],
    *,
    kept: Head | None = None,
    secret: Secret = None,
    outside: Outside | None = None,
) -> Report:
    walk = Walk(genesis(TENANT), outside or Outside(), secret)
    for one in entries:
        walk.take(one)
    return walk.done(kept)


def edited(entry: Sealed, **words: Any) -> Sealed:
    return replace(entry, told=replace(entry.told, **words))


def resealed(entry: Sealed, **parts: Any) -> Sealed:
    return replace(entry, seal=replace(entry.seal, **parts))
