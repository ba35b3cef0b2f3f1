"""Where people stand in the tables, and taking somebody out of there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, func, or_, type_coerce

from db import rows
from db.access_tables import api_keys
from db.approval_tables import approvals
from db.calendar_tables import calendars, handovers, schedule_troubles
from db.gate import Gate, Row
from db.home_tables import app_homes
from db.maintenance_tables import maintenance_windows
from db.queries.search_words import SearchWordQueries
from db.schedule_tables import schedule_overrides
from db.tables import incident_episodes, incident_events, incidents, outbox
from db.thread_tables import told_messages
from db.types import JsonText, LongText
from incidents.audit.person import GONE, STRETCH, Person


@dataclass(frozen=True, slots=True)
class _Where:
    """``people`` are columns with ``str(Actor)``, of which ``author`` has said what ``texts`` and ``json`` hold."""

    table: Table
    people: tuple[str, ...]
    texts: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    author: str = ""
    written: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.people, *self.texts, *self.json)


WHERE = (
    _Where(
        incidents,
        ("acknowledged_by", "resolved_by", "assignee", "snoozed_by", "approved_by"),
        ("noise_reason", "title"),
    ),
    _Where(incident_episodes, ("acknowledged_by", "responded_by", "resolved_by")),
    _Where(incident_events, ("actor",), json=("data",), author="actor"),
    _Where(told_messages, ("author",), ("text",), ("pins",), author="author", written=("text",)),
    _Where(schedule_overrides, ("person", "created_by", "ended_by")),
    _Where(maintenance_windows, ("created_by", "ended_by"), ("reason",), author="created_by", written=("reason",)),
    _Where(approvals, ("asked_by", "decided_by"), ("words", "reason"), author="asked_by", written=("words",)),
    _Where(handovers, ("person", "previous")),
    _Where(calendars, (), ("shifts", "unmapped", "error")),
    _Where(schedule_troubles, (), ("about", "detail")),
    _Where(api_keys, ("created_by", "revoked_by")),
)
_BY_TABLE = {one.table.name: one for one in WHERE}
TABLES = tuple(_BY_TABLE)


class ErasureQueries:
    """Implements ``incidents.audit.people.Erasure``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    @property
    def tables(self) -> Sequence[str]:
        return TABLES

    async def erase(self, person: Person, *, table: str, after: int) -> tuple[int, int | None]:
        where = _BY_TABLE[table]
        last = await self._gate.scalar(self._gate.select(where.table, func.max(where.table.c.id)))
        if last is None or after >= last:
            return 0, None
        changed, retitled = 0, list[int]()
        for row in await self._gate.rows(self._naming(where, person, after)):
            values = _without(where, row, person)
            if values:
                this = self._gate.update(where.table).where(where.table.c.id == row["id"])
                await self._gate.execute(this.values(values))
                changed += 1
                retitled += [row["id"]] if "title" in values else []
        await self._rewrite_words(retitled)
        return changed, after + STRETCH

    async def forget_places(self, person: Person) -> int:
        homes = await self._gate.changed(self._gate.delete(app_homes).where(app_homes.c.user_id == person.id))
        theirs = self._gate.update(outbox).where(outbox.c.channel == person.id)
        return homes + await self._gate.changed(theirs.values(channel=person.pseudonym, channel_id=None, due_at=None))

    async def _rewrite_words(self, incident_ids: Sequence[int]) -> None:
        """By which incidents are searched."""
        if incident_ids:
            found = self._gate.select(incidents).where(incidents.c.id.in_(incident_ids))
            renamed = [rows.incident(row) for row in await self._gate.rows(found)]
            await SearchWordQueries(self._gate).rewrite(renamed)

    def _naming(self, where: _Where, person: Person, after: int) -> Any:
        table = where.table
        named = [table.c[name] == person.id for name in where.people]
        named += [_text(table.c[name]).contains(word, autoescape=True) for name in where.texts for word in person.words]
        named += [_text(table.c[name]).contains(word, autoescape=True) for name in where.json for word in person.words]
        columns = [table.c[name] for name in ("id", *where.columns)]
        stretch = self._gate.select(table, *columns).where(table.c.id > after, table.c.id <= after + STRETCH)
        return stretch.where(or_(*named)).order_by(table.c.id).with_for_update()


def _text(column: Column[Any]) -> Any:
    return type_coerce(column, LongText) if isinstance(column.type, JsonText) else column


def _without(where: _Where, row: Row, person: Person) -> dict[str, Any]:
    """What becomes of its columns; {}: nothing."""
    is_theirs = bool(where.author) and row[where.author] == person.id
    values: dict[str, Any] = {}
    for name in where.columns:
        gone = person.gone_from(row[name], is_theirs=is_theirs)
        if is_theirs and person.texts and name in where.written and gone:
            gone = GONE
        if gone != row[name]:
            values[name] = gone
    return values
