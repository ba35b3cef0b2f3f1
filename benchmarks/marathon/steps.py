"""Was each escalation step done exactly once? What the database holds of them, and what Slack shows of their pages."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from benchmarks.loopback import Json
from bot.blocks.call import MOST_LISTED
from db import rows
from db.escalation_tables import escalation_steps
from db.gate import Row
from db.tables import incident_events, incidents, outbox
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.escalation.model import StepState, Timer
from incidents.model import EventKind, Incident
from incidents.outbox import OutboxKind
from incidents.rules.escalates import Wanted, Why, escalates

_PATIENCE = timedelta(seconds=60)
_TOLD_BY = {Timer.ASK_OWNER: EventKind.OWNER_ASKED, Timer.STILL_OPEN: EventKind.STILL_OPEN}
CALLS = (EventKind.ESCALATED, *_TOLD_BY.values())
_TELL_NOTHING_NEW = {
    EventKind.ESCALATED, EventKind.NOTED, EventKind.SERIES_FIRING, EventKind.SERIES_RESOLVED, EventKind.BLINDED,
    EventKind.SEES_AGAIN, EventKind.SEVERITY_RAISED, EventKind.STILL_OPEN, EventKind.TIMELINE_FULL,
}  # fmt: skip
"""Nothing of that settles a call."""
Shown = Mapping[int, Sequence[Json]]
Span = tuple[datetime, datetime]
"""From the first to the second."""


@dataclass(frozen=True)
class Books:
    """All rows at one moment."""

    steps: Sequence[Row]
    events: Sequence[Row]
    messages: Sequence[Row]
    incidents: Mapping[int, Incident]

    @cached_property
    def pages(self) -> list[Row]:
        return [step for step in self.done if step["timer"] == Timer.PAGE.value]

    @cached_property
    def done(self) -> list[Row]:
        return [step for step in self.steps if step["state"] == StepState.DONE.value]

    @cached_property
    def by_id(self) -> Mapping[int, Row]:
        """Messages."""
        return {row["id"]: row for row in self.messages}

    @cached_property
    def by_subject(self) -> Mapping[tuple[int, str, str], Row]:
        """Messages: (incident, kind, subject); with the channel in front of the subject where it is a page."""
        return {(row["incident_id"], row["kind"], _subject(row)): row for row in self.messages}

    @cached_property
    def last_news(self) -> Mapping[int, int]:
        """By incident the id of the last event that may have settled what was asked before it."""
        last: dict[int, int] = {}
        for event in self.events:
            if event["kind"] not in _TELL_NOTHING_NEW:
                last[event["incident_id"]] = max(event["id"], last.get(event["incident_id"], 0))
        return last

    def may_be_settled(self, incident_id: int, event_id: int) -> bool:
        """Whether something has happened since that may have spared people a call."""
        return self.last_news.get(incident_id, 0) > event_id


def _subject(row: Row) -> str:
    return f"{row['channel']} {row['subject']}" if row["kind"] == OutboxKind.PAGE.value else str(row["subject"])


@dataclass
class Amiss:
    """How often there was what must not be, by its kind, and the rows of the first of each."""

    found: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, times: int | bool, *where: Row | None) -> None:
        if times:
            self.found[what] += int(times)
            self.examples.setdefault(what, str(where))


async def amiss(transactions: SqlTransactions, shown: Shown) -> Amiss:
    """``shown``: Slack's messages by the outbox row of which they say they are. At rest nothing of it may be."""
    return reckoned(await transactions.read(_books, patience=_PATIENCE), shown)


def reckoned(books: Books, shown: Shown) -> Amiss:
    """What is amiss in these books, and in what Slack shows."""
    found = Amiss()
    _told_once(books, found)
    _numbered(books, found)
    _in_time(books, found)
    _planned(books, found)
    _messages(books, shown, found)
    return found


@dataclass(frozen=True, slots=True)
class DoneStep:
    """One that the clock did, not a person."""

    due_at: datetime
    done_at: datetime

    @property
    def late(self) -> float:
        """Seconds."""
        return (self.done_at - self.due_at).total_seconds()

    def overlaps(self, span: Span) -> bool:
        return span[0] < self.done_at and self.due_at < span[1]

    def late_without(self, spans: Sequence[Span]) -> float:
        """Seconds, without those that lie in the spans."""
        lost = [(min(end, self.done_at) - max(begin, self.due_at)).total_seconds() for begin, end in spans]
        return self.late - sum(seconds for seconds in lost if seconds > 0)


async def direct_twice(transactions: SqlTransactions, shown: Shown) -> int:
    """Messages to people beyond the first of each: those of a post of unknown fate can't be looked up."""
    books = await transactions.read(_books, patience=_PATIENCE)
    return sum(max(len(shown.get(row["id"], ())) - 1, 0) for row in books.messages if _is_direct(row))


async def done_steps(transactions: SqlTransactions) -> list[DoneStep]:
    books = await transactions.read(_books, patience=_PATIENCE)
    return [DoneStep(step["planned_for"], step["done_at"]) for step in books.done if step["reason"] is None]


def _told_once(books: Books, found: Amiss) -> None:
    """A step is done if, and only if, one event tells it."""
    telling = Counter(step["event_id"] for step in books.pages)
    events = {event["id"]: event for event in books.events if event["kind"] is EventKind.ESCALATED}
    found.note("pages of two steps told by one event", sum(times - 1 for times in telling.values()))
    found.note("pages told by no step", len(events.keys() - telling.keys()))
    for step in books.pages:
        event = events.get(step["event_id"])
        is_its = event is not None and _episode(event) == _episode(step)
        found.note("steps told by no event", not is_its, step, event)
    for timer, kind in _TOLD_BY.items():
        done = Counter(_moment(one, "done_at") for one in books.done if one["timer"] == timer.value)
        told = Counter(_moment(one, "at") for one in books.events if one["kind"] is kind)
        found.note(f"{timer.value} without its event", (done - told).total())
        found.note(f"{timer.value} told without its step", (told - done).total())


def _episode(row: Row) -> tuple[int, int]:
    return row["incident_id"], row["episode"]


def _moment(row: Row, column: str) -> tuple[int, int, datetime]:
    return (*_episode(row), row[column])


def _numbered(books: Books, found: Amiss) -> None:
    numbers: dict[tuple[int, int], list[int]] = defaultdict(list)
    for step in books.steps:
        numbers[_episode(step)].append(step["step"])
    for some in numbers.values():
        found.note("gaps in numbers", sorted(some) != list(range(1, len(some) + 1)))


def _in_time(books: Books, found: Amiss) -> None:
    for step in books.steps:
        is_planned = step["state"] == StepState.PLANNED.value
        found.note("due though settled, or planned and never due", (step["due_at"] is not None) != is_planned, step)
    for step in books.done:
        found.note("done before its time", step["reason"] is None and step["done_at"] < step["planned_for"], step)


def _planned(books: Books, found: Amiss) -> None:
    """What is planned is what each incident wants now, and all of it. (Every policy here repeats.)"""
    planned: dict[int, Counter[tuple[str, int]]] = defaultdict(Counter)
    for step in books.steps:
        if step["state"] == StepState.PLANNED.value:
            planned[step["incident_id"]][step["timer"], step["episode"]] += 1
    for incident in books.incidents.values():
        wanted = Counter((timer.value, incident.episode) for timer in _wanted(incident))
        standing = planned.get(incident.id, Counter())
        if escalates(incident)[1] is Why.FLAPPING and standing.total() == 1:
            standing = standing - Counter({(Timer.PAGE.value, incident.episode): 1})  # it got graver
        where = next((step for step in reversed(books.steps) if step["incident_id"] == incident.id), None)
        found.note("planned though nobody is to be called", (standing - wanted).total(), where)
        found.note("nobody will be called", (wanted - standing).total(), where)


def _wanted(incident: Incident) -> Iterable[Timer]:
    match escalates(incident)[0]:
        case Wanted.PAGES:
            return (Timer.PAGE,)
        case Wanted.OWNER:
            return (Timer.STILL_OPEN,) if incident.confirm_by is not None else (Timer.ASK_OWNER, Timer.STILL_OPEN)
        case Wanted.QUIET:
            return ()


def _messages(books: Books, shown: Shown, found: Amiss) -> None:
    """Each call is asked for wherever it is to be heard, and stands there once, unless it was settled before."""
    told_in = {step["event_id"]: step["told_in_id"] for step in books.pages}
    for event in books.events:
        if event["kind"] not in CALLS:
            continue
        incident_id, subject = event["incident_id"], f"event:{event['id']}"
        own = books.by_subject.get((incident_id, OutboxKind.REMINDER.value, subject))
        together = books.by_id.get(told_in.get(event["id"]) or 0)
        found.note("calls without a message", own is None and together is None, event)
        found.note("calls with two messages", own is not None and together is not None, event)
        for row in (own, *(_elsewhere(event, subject, together, books, found))):
            if row is not None:
                settled = books.may_be_settled(incident_id, event["id"]) and event["kind"] is EventKind.ESCALATED
                _stands_once(row, shown, settled, found)
    merged: dict[int, list[Row]] = defaultdict(list)
    for step in books.pages:
        if step["told_in_id"] is not None:
            merged[step["told_in_id"]].append(step)
    for row_id, steps in merged.items():
        _stands_for_all(books.by_id.get(row_id), steps, books, shown, found)


def _elsewhere(event: Row, subject: str, together: Row | None, books: Books, found: Amiss) -> list[Row]:
    """Its own messages in other channels, and to people. What is told together there stands in a message for all."""
    data: Mapping[str, Any] = event["data"]
    places = [*data.get("channels", ()), *data.get("direct", ())]
    wanted = [(event["incident_id"], OutboxKind.PAGE.value, f"{place} {subject}") for place in places]
    for_all = [] if together is None else [f"as:{together['id']}", together["subject"]]
    is_told = [
        own in books.by_subject or any((0, own[1], f"{place} {one}") in books.by_subject for one in for_all)
        for place, own in zip(places, wanted, strict=True)
    ]
    found.note("calls elsewhere without a message", is_told.count(False), event)
    return [books.by_subject[one] for one in wanted if one in books.by_subject]


def _stands_once(row: Row, shown: Shown, may_be_settled: bool, found: Amiss) -> None:
    """A message to a person must stand there; whether it does already can't be looked up: it may be sent again."""
    messages = len(shown.get(row["id"], ()))
    if _is_direct(row):
        found.note("messages missing", not messages and (row["ts"] is not None or not may_be_settled), row)
        return
    found.note("messages twice", max(messages - 1, 0), row)
    if row["ts"] is None:
        found.note("settled, and shown all the same", messages > 0, row)
        found.note("never sent, and nothing had settled it", not may_be_settled, row)
    else:
        found.note("messages missing", messages == 0, row)


def _is_direct(row: Row) -> bool:
    return str(row["channel"]).startswith("U")


def _stands_for_all(row: Row | None, steps: Sequence[Row], books: Books, shown: Shown, found: Amiss) -> None:
    """A message of several: it names each incident of which nothing has settled the call."""
    if row is None:
        found.note("calls without a message", len(steps))
        return
    standing = [one for one in steps if not books.may_be_settled(one["incident_id"], one["event_id"])]
    _stands_once(row, shown, may_be_settled=not standing, found=found)
    text = str([message["blocks"] for message in shown.get(row["id"], ())])
    if row["ts"] is not None and not row["subject"].startswith("storm:") and len(steps) <= MOST_LISTED:
        names = {books.incidents[one["incident_id"]].name for one in standing}
        unnamed = [name for name in names if not re.search(rf"\b{name}\b", text)]
        found.note("incidents that their message does not name", len(unnamed), row)


async def _books(uow: SqlUnitOfWork) -> Books:
    kinds = (OutboxKind.REMINDER.value, OutboxKind.PAGE.value)
    messages = await _all(uow, sa.select(outbox).where(outbox.c.kind.in_(kinds)))
    found = [rows.incident(row) for row in await _all(uow, sa.select(incidents))]
    events = [{**row, "kind": EventKind(row["kind"])} for row in await _all(uow, sa.select(incident_events))]
    return Books(await _all(uow, sa.select(escalation_steps)), events, messages, {one.id: one for one in found})


async def _all(uow: SqlUnitOfWork, statement: sa.Select[Any]) -> list[Row]:
    return [dict(row) for row in (await uow.gate.connection.execute(statement)).mappings()]


def percentiles(seconds: Collection[float]) -> str:
    """Median and 99th percentile; ``–``: of none."""
    ranked = sorted(seconds)
    if not ranked:
        return "–"
    return f"{ranked[len(ranked) // 2]:.1f}, {ranked[min(len(ranked) * 99 // 100, len(ranked) - 1)]:.1f} s"
