"""Verifying an export: lines in, a report out. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from base.codec import loads
from incidents.audit.model import ERASED, PRUNED, Head, NewEntry, Seal, Sealed
from incidents.audit.sealing import Secret, genesis
from incidents.audit.verifying import Outside, Report, Walk

_TEXTS = ("actor", "action", "subject", "via", "origin", "salt", "digest", "hash", "previous", "at")
_PARTS = ("before", "after", "data")
_NUMBERS = ("tenant_id", "seq")
_IDS = ("incident_id", "event_id")


@dataclass(frozen=True, slots=True)
class Line:
    """One of an export. ``previous`` is the hash that it follows."""

    tenant_id: int
    previous: str
    entry: Sealed


def read_line(line: bytes) -> Line:
    """Raises ValueError."""
    told = loads(line)
    if not isinstance(told, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - of what it says, as all below
    _check(told, _TEXTS, str)
    _check(told, _NUMBERS, int)
    _check(told, ("keyed",), bool)
    _check(told, _PARTS, dict | None)
    _check(told, _IDS, int | None)
    at = datetime.fromisoformat(told["at"])
    if at.tzinfo is None:
        raise ValueError("its 'at' has no time zone")
    words = {name: told[name] for name in (*_PARTS, *_IDS, "actor", "action", "subject", "via", "origin")}
    seal = Seal(told["seq"], told["salt"], told["digest"], told["keyed"], told["hash"])
    return Line(told["tenant_id"], told["previous"], Sealed(0, NewEntry(at=at, **words), seal))


def _check(told: dict[str, Any], names: Iterable[str], kind: Any) -> None:
    for name in names:
        if name not in told or not isinstance(told[name], kind):
            raise ValueError(f"its '{name}' is missing, or is something else")


def verify_lines(lines: Callable[[], Iterable[Line]], *, secret: Secret, noted: Sequence[Head] = ()) -> Report:
    """``lines`` are read twice. A part begins with whatever its first line follows; a whole log with its tenant's own.

    That something was cut off at its end is seen by a head that was noted outside alone.
    """
    reserved = [one.entry for one in lines() if one.entry.told.action in {ERASED, PRUNED}]
    erased = [one for one in reserved if one.told.action == ERASED]
    outside = Outside.of(erased, [one for one in reserved if one.told.action == PRUNED], noted)
    walk = Walk(None, outside, secret)
    for line in lines():
        if walk.last is None:
            walk.begin(genesis(line.tenant_id).hash if line.entry.seal.seq == 1 else line.previous, line.entry.seal.seq)
        walk.take(line.entry)
    return walk.done(None)
