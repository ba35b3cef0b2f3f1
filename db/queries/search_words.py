"""The words of incidents: written behind a mark, a moment after the incidents, and read by whoever searches.

The mark is a row of ``counters``: all incidents up to that number have their words. Numbers are given out under a lock
that is held until the commit, so whoever sees one sees all before it.
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func

from db import bulk, dialect
from db.gate import Gate, prepared
from db.search_tables import incident_words
from db.tables import counters, incidents
from incidents.model import Incident
from incidents.search.keeping import FollowStep
from incidents.search.words import words_of

MARK = "search:words"
_BY_NUMBER = "FORCE INDEX (uq_incidents_number)"
_LAST = "\U0010ffff"
_AT_A_STRETCH = 20
"""Incidents."""
_KEY = ("tenant_id", "word", "incident_id")
_TEXTS = ("title", "alert_name", "service", "namespace", "cluster")
_READ = tuple(incidents.c[name] for name in ("id", "number", *_TEXTS))


class SearchWordQueries:
    """Implements ``incidents.search.keeping.SearchWords``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def is_behind(self) -> bool:
        return bool(await self._gate.prepared_rows(_behind()))

    async def follow(self, *, limit: int) -> FollowStep:
        if await self._gate.scalar(self._mark()) is None:
            first = dialect.insert_or_keep(self._gate.connection, counters, unique=("tenant_id", "name"))
            await self._gate.execute(first.values(tenant_id=self._gate.tenant_id, name=MARK, value=0))
        mark = await self._gate.scalar(self._mark().with_for_update(skip_locked=True))
        if mark is None:
            return FollowStep(busy=True)
        found = await self._gate.rows(self._next(int(mark), *_READ).limit(limit))
        if not found:
            return FollowStep()
        await self._write((row["id"], [row[name] for name in _TEXTS]) for row in found)
        moved = self._gate.update(counters).where(counters.c.name == MARK).values(value=found[-1]["number"])
        await self._gate.execute(moved)
        return FollowStep(len(found), more=len(found) == limit)

    async def rewrite(self, incidents: Sequence[Incident]) -> None:
        ids = sorted(one.id for one in incidents)
        old = incident_words.c.incident_id.in_(ids)
        await self._gate.execute(self._gate.delete(incident_words).where(old))
        await self._write((one.id, _texts(one)) for one in incidents)

    async def _write(self, texts: Iterable[tuple[int, Sequence[str]]]) -> None:
        """In the order of their key. Others have their turn every millisecond or so: there may be thousands."""
        pairs: list[tuple[str, int]] = []
        for place, (incident_id, told) in enumerate(texts, 1):
            pairs += ((word, incident_id) for word in words_of(*told))
            if place % _AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        pairs.sort()
        for start in range(0, len(pairs), bulk.AT_ONCE):
            rows = [{"word": word, "incident_id": id_} for word, id_ in pairs[start : start + bulk.AT_ONCE]]
            await self._gate.insert_many_or_keep(incident_words, rows, unique=_KEY)
            await asyncio.sleep(0)

    def _mark(self) -> Select[Any]:
        return self._gate.select(counters, counters.c.value).where(counters.c.name == MARK)

    def _next(self, mark: int, *columns: Any) -> Select[Any]:
        behind = self._gate.select(incidents, *columns).where(incidents.c.number > mark)
        return behind.with_hint(incidents, _BY_NUMBER, "mysql").order_by(incidents.c.number)


@cache
def _behind() -> Select[Any]:
    mark = prepared(counters, counters.c.value).where(counters.c.name == MARK).scalar_subquery()
    behind = prepared(incidents, incidents.c.id).where(incidents.c.number > func.coalesce(mark, 0))
    return behind.with_hint(incidents, _BY_NUMBER, "mysql").order_by(incidents.c.number).limit(1)


def begun_by(word: str) -> ColumnElement[bool]:
    """Of ``incident_words``: what begins so. A range, since SQLite's LIKE goes by no index."""
    return and_(incident_words.c.word >= word, incident_words.c.word < word + _LAST)


def has_word(gate: Gate, word: str) -> ColumnElement[bool]:
    """Of ``incidents``, each looked up by itself: with a LIMIT MariaDB can't gather all that have the word first."""
    of_it = gate.select_narrow(incident_words, incident_words.c.incident_id)
    of_it = of_it.with_hint(incident_words, "FORCE INDEX (ix_incident_words_incident_id)", "mysql")
    matching = of_it.where(incident_words.c.incident_id == incidents.c.id, begun_by(word))
    return matching.limit(1).scalar_subquery().is_not(None)


def _texts(incident: Incident) -> list[str]:
    place = incident.place
    return [incident.title, incident.alert_name, place.service, place.namespace, place.cluster]
