"""Somebody plans maintenance, sees what it would have been of, and ends it before its time."""

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.audit.recording import note
from incidents.errors import InvalidInput
from incidents.maintenance.covers import matches
from incidents.maintenance.errors import AmbiguousWindow, NotPlanned, NotPlannedBecause, UnknownWindow, WindowOver
from incidents.maintenance.keeping import PastIncidents
from incidents.maintenance.model import NewWindow, Repeat, Scope, Window
from incidents.maintenance.occurrences import occurrence_at
from incidents.model import Actor, Severity
from incidents.ports import UnitOfWork

LONGEST = timedelta(days=30)
SHORTEST = timedelta(minutes=1)
FURTHEST = timedelta(days=366)
"""Ahead: who plans a later time has mistyped the year."""
MOST_STANDING = 100
LONGEST_REASON = 300
"""Characters."""
LONGEST_VALUE = 255
MOST_VALUES = 20
PREVIEWED = timedelta(days=30)
_MOST_PREVIEWED = 10_000
_MOST_RULES = 3
_JUST_NOW = timedelta(minutes=5)
"""Somebody chose the present minute, and filled in the rest of the form."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody asks for. ``start`` None: from now on. ``everything``: they know that the scope limits nothing.

    ``token`` is of the form or the command that asks: what arrives twice makes one. ``channel``: a Slack channel's id.
    """

    token: str
    scope: Scope
    start: datetime | None
    end: datetime
    zone: ZoneInfo
    channel: str
    repeats: Repeat = Repeat.NONE
    reason: str = ""
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What it would have matched in the last ``PREVIEWED``. ``rules`` are the most frequent: (alert's name, incidents).

    ``is_more``: so much happened that only the newest was looked at. ``nearest``: what may have been meant where
    nothing was found, (as written, as it should be); None: nothing.
    """

    incidents: int = 0
    alerts: int = 0
    rules: tuple[tuple[str, int], ...] = ()
    is_more: bool = False
    nearest: tuple[str, str] | None = None


async def plan(wanted: Plan, *, by: Actor, uow: UnitOfWork) -> Window:
    """Raises NotPlanned, InvalidInput."""
    new = await checked(wanted, by=by, uow=uow)
    window = await uow.maintenance.add(new)
    if window.created_at == uow.now:
        await note("maintenance.planned", _subject(window), by=by, uow=uow, after=_told(window))
    return window


def _subject(window: Window) -> str:
    return f"maintenance {window.id}"


def _told(window: Window) -> dict[str, object]:
    """For the audit log."""
    scope = {field: list(values) for field, values in window.scope.limits()}
    when = {"starts_at": window.starts_at, "ends_at": window.ends_at, "zone": str(window.zone)}
    return {"scope": scope, **when, "repeats": window.repeats, "reason": window.reason, "ended_at": window.ended_at}


async def checked(wanted: Plan, *, by: Actor, uow: UnitOfWork) -> NewWindow:
    """What ``plan`` would make. Raises NotPlanned, InvalidInput."""
    scope, reason = _checked_scope(wanted.scope), " ".join(wanted.reason.split())
    if len(reason) > LONGEST_REASON:
        told = {"count": len(reason), "most": LONGEST_REASON}
        raise InvalidInput("reason", "it has {count} characters, {most} fit: shorten it", **told)
    start = wanted.start
    begins = uow.now if start is None or uow.now - _JUST_NOW <= start < uow.now else start
    if (why := _why_not(replace(wanted, scope=scope), begins, uow.now)) is not None:
        raise NotPlanned(why)
    if len(await uow.maintenance.standing()) >= MOST_STANDING:
        raise NotPlanned(NotPlannedBecause.TOO_MANY)
    return NewWindow(
        token=wanted.token,
        scope=scope,
        starts_at=begins.replace(microsecond=0),
        ends_at=wanted.end.replace(microsecond=0),
        zone=wanted.zone,
        by=str(by),
        channel=wanted.channel,
        repeats=wanted.repeats,
        reason=reason,
    )


def _why_not(wanted: Plan, start: datetime, now: datetime) -> NotPlannedBecause | None:
    length, period = wanted.end - start, wanted.repeats.period
    refusals = {
        NotPlannedBecause.EVERYTHING: wanted.scope.is_everything and not wanted.everything,
        NotPlannedBecause.BEGAN: start < now,
        NotPlannedBecause.PAST: wanted.end < now,
        NotPlannedBecause.BACKWARDS: length < timedelta(0),
        NotPlannedBecause.TOO_SHORT: length < SHORTEST,
        NotPlannedBecause.TOO_FAR: start > now + FURTHEST,
        NotPlannedBecause.TOO_LONG: length > LONGEST,
        NotPlannedBecause.OVERLAPS: period is not None and length > period,
    }
    return next((why for why, is_so in refusals.items() if is_so), None)


def _checked_scope(scope: Scope) -> Scope:
    """In lower case, each value once, without the white space at its edges. Raises InvalidInput."""
    told = {field: _checked(field, values) for field, values in scope.limits()}
    for value in told.get("severity", ()):
        if value not in set(Severity):
            known = ", ".join(Severity)
            raise InvalidInput("severity", "“{value}” is none: write one of {known}", value=value, known=known)
    return Scope(**told)


def _checked(field: str, values: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(told for value in values if (told := value.strip().lower())))
    if len(found) > MOST_VALUES:
        raise InvalidInput(field, "{count} are named, {most} fit", count=len(found), most=MOST_VALUES)
    if any(len(value) > LONGEST_VALUE for value in found):
        raise InvalidInput(field, "it is longer than any name can be")
    return found


async def preview(scope: Scope, *, uow: UnitOfWork) -> Preview:
    """Nothing is written. Raises InvalidInput."""
    scope = _checked_scope(scope)
    past, is_more = await uow.maintenance.past(uow.now - PREVIEWED, most=_MOST_PREVIEWED)
    found = [one for one in past if _matches(scope, one)]
    rules = Counter[str]()
    for one in found:
        rules[one.alert_name or one.rule_uid] += one.incidents
    return Preview(
        incidents=sum(one.incidents for one in found),
        alerts=sum(one.alerts for one in found),
        rules=tuple(rules.most_common(_MOST_RULES)),
        is_more=is_more,
        nearest=None if found else _nearest(scope, past),
    )


def _matches(scope: Scope, one: PastIncidents) -> bool:
    return matches(scope, one.place, rules=(one.rule_uid, one.alert_name), severity=one.severity)


def _nearest(scope: Scope, past: Sequence[PastIncidents]) -> tuple[str, str] | None:
    """Of the first value that was never seen in its field: the nearest that was."""
    for field, values in scope.limits():
        seen = {value.lower() for one in past for value in _values(field, one) if value}
        for value in values:
            near = difflib.get_close_matches(value, seen, n=1, cutoff=0.6) if value not in seen else []
            if near:
                return value, near[0]
    return None


def _values(field: str, one: PastIncidents) -> tuple[str, ...]:
    if field == "rule":
        return one.rule_uid, one.alert_name
    return (one.severity.value,) if field == "severity" else (getattr(one.place, field),)


async def end_early(window_id: int, *, by: Actor, uow: UnitOfWork) -> Window:
    """All of it is over now, repetitions too; the clock lets go what stands in it. As it was. Raises WindowOver."""
    window = await uow.maintenance.lock(window_id)
    if window is None or window.ended_at is not None:
        raise WindowOver
    present = occurrence_at(window, uow.now)
    begun = window.under_way or (present.start if present is not None else None)
    over = replace(window, ended_at=uow.now, ended_by=str(by), under_way=begun)
    await uow.maintenance.save(over, due_at=uow.now)
    await note("maintenance.ended", _subject(window), by=by, uow=uow, before=_told(window), after=_told(over))
    return window


async def find_window(named: str, *, uow: UnitOfWork) -> Window:
    """By its number, or by its name where only one stands of it. Raises UnknownWindow, AmbiguousWindow."""
    standing, wanted = await uow.maintenance.standing(), " ".join(named.split()).casefold().removeprefix("#")
    if not wanted and len(standing) == 1:
        return standing[0]
    found = [one for one in standing if wanted in {str(one.id), one.name.casefold()}]
    if len(found) == 1:
        return found[0]
    if found:
        raise AmbiguousWindow(named, [(one.id, one.name) for one in found])
    raise UnknownWindow(named, [(one.id, one.name) for one in standing])
