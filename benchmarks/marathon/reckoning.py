"""After a marathon: what Slack shows and what the database holds, side by side."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.loopback import Json
from benchmarks.marathon.steps import CALLS
from bot.blocks.card import nowhere
from bot.blocks.rollup import SERVICES, WORST, rollup
from bot.message import Message
from bot.publisher.shown import card_now
from db.tables import alerts, incident_events, outbox
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.outbox import OutboxKind
from incidents.storms import storm_named

MARK = "marathon"
"""The annotation by which each alert sent is told apart."""
_BOT = "U0BONGSU"
_AT_ONCE = 100
_PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How much of what must not be. All must be 0.

    ``lost`` (L): alerts that were answered 2xx and are stored nowhere. ``twice`` (2×): alerts that are stored more
    than once. ``doubled`` (D): messages in a channel beyond the one of each incident, and any that nobody asked for.
    ``stale`` (S): incidents that Slack does not show, or otherwise than the database has them. ``entries`` (R): thread
    entries that are missing or there twice. ``reminders`` (E): the same of reminders, and escalation steps that were
    not done once, with all that they tell, or are not planned as they should be.
    """

    lost: int = 0
    twice: int = 0
    doubled: int = 0
    stale: int = 0
    entries: int = 0
    reminders: int = 0

    @property
    def is_clean(self) -> bool:
        return not any(self.counts())

    def counts(self) -> tuple[int, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    def __add__(self, other: "Reckoning") -> "Reckoning":
        return Reckoning(*(one + another for one, another in zip(self.counts(), other.counts(), strict=True)))


@dataclass(frozen=True, slots=True)
class Row:
    """One message that is wanted: a row of the outbox.

    ``subject``: the event that it tells. ``shown_in_id``: of a card, the row of the roll-up or digest that shows the
    incident in its place, None: its own.
    """

    id: int
    kind: str
    incident_id: int
    shown_in_id: int | None
    subject: str = ""


async def waiting(transactions: SqlTransactions) -> int:
    """Outbox rows that Slack does not show yet."""
    pending = sa.or_(outbox.c.due_at.is_not(None), outbox.c.lease_until.is_not(None))

    async def read(uow: SqlUnitOfWork) -> int:
        found = await uow.gate.connection.execute(sa.select(sa.func.count()).select_from(outbox).where(pending))
        return int(found.scalar_one())

    return await transactions.read(read)


async def reckon(
    transactions: SqlTransactions, messages: Sequence[Json], confirmed: set[int], *, archive: Path | None = None
) -> Reckoning:
    """``messages``: all of the sandbox's. ``confirmed``: marks of alerts. ``archive``: where alerts may be instead."""

    stored = Counter(await transactions.read(_marks, patience=_PATIENCE))
    rows = await transactions.read(_rows, patience=_PATIENCE)
    calls = await transactions.read(_calls, patience=_PATIENCE)
    kept = stored.keys() | (_archived(archive) if archive else set())
    shown = by_row(messages)
    cards = [row for row in rows if row.kind == "card"]
    return Reckoning(
        lost=len(confirmed - kept),
        twice=sum(times - 1 for times in stored.values()),
        doubled=doubled(rows, shown),
        stale=sum([await _untrue(some, shown, transactions) for some in _batches(cards)]),
        entries=other_than_once(rows, shown, "thread"),
        reminders=other_than_once([row for row in rows if row.subject not in calls], shown, "reminder"),
    )


def _batches(cards: Sequence[Row]) -> Iterator[Sequence[Row]]:
    yield from (cards[first : first + _AT_ONCE] for first in range(0, len(cards), _AT_ONCE))


def by_row(messages: Sequence[Json]) -> Mapping[int, list[Json]]:
    """Bongsu's messages that were not deleted, by the outbox row of which they say they are; 0: of none."""
    shown: dict[int, list[Json]] = {}
    for message in messages:
        if message["user"] == _BOT and not message["deleted"]:
            payload: dict[str, Any] = (message["metadata"] or {}).get("event_payload") or {}
            shown.setdefault(int(payload.get("outbox_id", 0)), []).append(message)
    return shown


def doubled(rows: Sequence[Row], shown: Mapping[int, Sequence[Json]]) -> int:
    """Messages in channels beyond the first of each row; of a row that there is not, all of them. Pages are E."""
    in_threads = {row.id for row in rows if row.kind in {"thread", "reminder", "page"}}
    wanted = {row.id for row in rows}
    return sum(
        len(messages) - (1 if row_id in wanted else 0) for row_id, messages in shown.items() if row_id not in in_threads
    )


def other_than_once(rows: Sequence[Row], shown: Mapping[int, Sequence[Json]], kind: str) -> int:
    """Messages that are missing, and those beyond the first, of this kind's rows."""
    return sum(abs(len(shown.get(row.id, ())) - 1) for row in rows if row.kind == kind)


async def _untrue(cards: Sequence[Row], shown: Mapping[int, Sequence[Json]], transactions: SqlTransactions) -> int:
    async def read(uow: SqlUnitOfWork) -> int:
        return sum([not await _is_true(row, shown, uow) for row in cards])

    return await transactions.read(read, patience=_PATIENCE)


async def _is_true(row: Row, shown: Mapping[int, Sequence[Json]], uow: SqlUnitOfWork) -> bool:
    """Whether the card, or the message that shows the incident in its place, says what the database says."""
    if row.shown_in_id is not None:
        return await _is_shown_in(row.shown_in_id, shown.get(row.shown_in_id, ()), uow)
    rendered = await card_now(row.incident_id, uow, link_to=nowhere)
    return any(_says(message, rendered) for message in shown.get(row.id, ()))


async def _is_shown_in(outbox_id: int, messages: Sequence[Json], uow: SqlUnitOfWork) -> bool:
    """In a roll-up as it is now, or in a digest, which is written once."""
    found = await uow.gate.rows(uow.gate.select(outbox).where(outbox.c.id == outbox_id))
    if not found or not messages or found[0]["kind"] != OutboxKind.ROLLUP.value:
        return bool(found and messages)
    view = await uow.storms.view(storm_named(found[0]["subject"]), worst=WORST, services=SERVICES)
    return any(_says(message, rollup(view)) for message in messages)


def _says(message: Json, rendered: Message) -> bool:
    return bool(message["blocks"] == rendered.blocks and message["text"] == rendered.text)


async def _rows(uow: SqlUnitOfWork) -> list[Row]:
    columns = (outbox.c.id, outbox.c.kind, outbox.c.incident_id, outbox.c.shown_in_id, outbox.c.subject)
    return [Row(*row) for row in await uow.gate.connection.execute(sa.select(*columns))]


async def _calls(uow: SqlUnitOfWork) -> set[str]:
    """The subjects of what escalation asks for, whose messages are reckoned with its steps."""
    calls = sa.select(incident_events.c.id).where(incident_events.c.kind.in_([kind.value for kind in CALLS]))
    return {f"event:{found}" for found in (await uow.gate.connection.execute(calls)).scalars()}


async def _marks(uow: SqlUnitOfWork) -> list[int]:
    """Of all alerts that are stored."""
    found = await uow.gate.connection.execute(sa.select(alerts.c.annotations))
    return [int(annotations[MARK]) for (annotations,) in found if MARK in annotations]


def _archived(folder: Path) -> set[int]:
    marks = set()
    for path in folder.glob("alerts-*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                annotations = json.loads(line)["annotations"]
                told = json.loads(annotations) if isinstance(annotations, str) else annotations
                marks.add(int(told[MARK]))
    return marks
