"""Incidents of the API as a person reads them on a terminal."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bongsu.columns import columns
from bongsu.why.plain import ago, line, moment
from incidents.approvals.model import Outcome
from incidents.model import Status

Json = Mapping[str, Any]

NOTHING = "There is no such incident.\n"
_HEADINGS = ("incident", "severity", "status", "owner", "firing", "where", "since", "title")
_PLACE = ("cluster", "namespace", "service", "phase")
_LONGEST_TITLE = 200
_LONGEST_DATA = 300
_TECHNICAL = {"mention"}
"""What entries of the timeline tell Slack alone."""
_EMPTY: tuple[object, ...] = (None, "", [], {})
_WRITTEN_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def listed(incidents: Sequence[Json], *, now: datetime, width: int | None) -> str:
    """One line each. ``width``: of the terminal, at which titles are cut; None: it is none."""
    if not incidents:
        return NOTHING
    table = columns(_HEADINGS, [_row(one, now) for one in incidents], numbers={4})
    if width is None:
        return table
    return "".join(f"{row if len(row) <= width else row[: width - 1] + '…'}\n" for row in table.splitlines())


def _row(one: Json, now: datetime) -> tuple[str, ...]:
    started = _time(one.get("start_time"))
    return (
        _text(one, "name", 24),
        _text(one, "severity", 16),
        status(one),
        _text(one, "owner", 40) or "nobody",
        str(one.get("firing", "")),
        where(one),
        ago(started, now) if started else "",
        _text(one, "title", _LONGEST_TITLE),
    )


def status(one: Json) -> str:
    """``active, flapping``"""
    flags = {
        "waits for a second person": one.get("approval_until"),
        "noise": one.get("is_noise"),
        "snoozed": one.get("snoozed_until"),
        "flapping": one.get("flapping"),
        "maintenance": one.get("in_maintenance"),
        "merged": one.get("merged_into_id"),
    }
    return ", ".join([_text(one, "status", 24), *(name for name, value in flags.items() if value)])


def where(one: Json) -> str:
    """``prod-a/pay/checkout``, without what no label tells."""
    place = one.get("place")
    return "/".join(_text(place, part, 64) for part in _PLACE if place.get(part)) if isinstance(place, Mapping) else ""


def changed(one: Json) -> str:
    """What became of it, in one line."""
    owner = _text(one, "owner", 40)
    return f"{_text(one, 'name', 24)} is {status(one)} ({owner or 'nobody has it'}): {_text(one, 'title', 200)}\n"


def asked(one: Json) -> str:
    """Of one that somebody wants to close, or to mark as noise, which takes a second person."""
    name, until = _text(one, "name", 24), _moment(one.get("approval_until"))
    wanted = "marked as noise" if one.get("status") == Status.RESOLVED else "closed"
    return (
        f"nothing is {wanted} yet: {name} is {_text(one, 'status', 24)} as before, "
        f"and a second person is asked until {until}\n"
        f"to approve, as another person and with another key than asked: bongsu incidents approve {name}\n"
    )


def decided(one: Json) -> str:
    """Of an approval: what became of it, in one line."""
    name, asker, by = _text(one, "incident", 24), _text(one, "asked_by", 64), _text(one, "decided_by", 64)
    wanted, reason = _text(one, "wanted", 16), _text(one, "reason", 200)
    what = "is done" if one.get("outcome") == Outcome.APPROVED else "is not done"
    why = f": {reason}" if reason else ""
    return f"{name}: {_text(one, 'outcome', 16)} by {by}; what {asker} asked for ({wanted}) {what}{why}\n"


def shown(one: Json, timeline: Iterable[Json]) -> str:
    """All of it, and what has happened to it, oldest first."""
    title = f"{_text(one, 'name', 24)}  {_text(one, 'title', _LONGEST_TITLE)}\n"
    facts = {
        "status": status(one),
        "severity": _text(one, "severity", 16),
        "owner": _text(one, "owner", 40) or "nobody",
        "where": where(one),
        "rule": f"{_text(one, 'alert_name', 100)} ({_text(one, 'source', 32)})",
        "series": f"{one.get('firing', '?')} of {one.get('series_count', '?')} fire",
        "alerts": str(one.get("alert_count", "")),
        "began": _moment(one.get("start_time")),
        "acknowledged": _by(one, "acknowledged_time", "acknowledged_by"),
        "snoozed until": _by(one, "snoozed_until", "snoozed_by"),
        "resolved": _by(one, "resolved_time", "resolved_by"),
        "approved by": _text(one, "approved_by", 64),
        "waits until": _moment(one.get("approval_until")),
        "resolution": _text(one, "resolution", 32),
        "noise": _text(one, "noise_reason", 200),
    }
    lines = [f"  {name:<14}{value}\n" for name, value in facts.items() if value]
    return "".join([title, *lines, "\n", *(f"  {_entry(entry)}\n" for entry in timeline)])


def _entry(entry: Json) -> str:
    data = entry.get("data")
    known = {name: value for name, value in data.items() if name not in _TECHNICAL} if isinstance(data, Mapping) else {}
    told = " ".join(f"{name}={_plain(value)}" for name, value in known.items() if value not in _EMPTY)
    words = f"{_moment(entry.get('at'))}  {_text(entry, 'kind', 32):<18} {_text(entry, 'actor', 64)}"
    return f"{words}  {line(told, _LONGEST_DATA)}".rstrip()


def _plain(value: object) -> str:
    """Times to the second."""
    return str(value) if not (isinstance(value, str) and _WRITTEN_TIME.match(value)) else _moment(value) or value


def _by(one: Json, at: str, who: str) -> str:
    time, person = _moment(one.get(at)), _text(one, who, 64)
    return f"{time} by {person}" if time and person else time


def _moment(told: object) -> str:
    time = _time(told)
    return f"{moment(time)} UTC" if time else ""


def _time(told: object) -> datetime | None:
    """None: there is none, or nobody can read it."""
    try:
        time = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def _text(one: Json, name: str, longest: int) -> str:
    value = one.get(name)
    return "" if value is None else line(str(value), longest)
