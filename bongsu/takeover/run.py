"""Taking it all over: incidents in the order in which they opened, then alerts, then what is open is shown."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any, Generic, TypeVar

from bongsu.takeover import columns
from bongsu.takeover.alerts import past_alert, rule_of
from bongsu.takeover.columns import Columns
from bongsu.takeover.incidents import Reading, past_incident
from bongsu.takeover.refusals import Refusals
from bongsu.takeover.source import Shape, Source, Values, fingerprint
from bongsu.takeover.values import Row, Unreadable, id_text
from incidents.policy import Policy
from incidents.ports import Transactions
from incidents.takeover.model import PastAlert, PastIncident, Taken
from incidents.takeover.taking import show_open, take_alerts, take_incidents

Past = TypeVar("Past", PastAlert, PastIncident)
Say = Callable[[str], object]

_AT_ONCE = 200
"""Rows in a transaction."""
_PATIENCE = timedelta(seconds=30)
_TOLD_EVERY = 50
"""Pages."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``origin`` names their database for good. ``zone`` is that of times that tell none, None: there must be none.

    ``take_open``: incidents that are open as well. ``until``: only what began before; None: all.
    """

    origin: str
    zone: tzinfo | None = None
    take_open: bool = False
    until: datetime | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Theirs:
    """One of their tables, and which of its columns is which of ours."""

    shape: Shape
    columns: Columns

    @classmethod
    def of(cls, shape: Shape, known: Mapping[str, Sequence[str]], mapped: Mapping[str, str]) -> "Theirs":
        """``mapped``: their column, or ``table.column``, → our name. Raises InvalidInput."""
        by_table_last = sorted(mapped.items(), key=lambda one: "." in one[0])
        own = {their.removeprefix(f"{shape.name}."): ours for their, ours in by_table_last if _is_of(shape, their)}
        return cls(shape, columns.matched(shape.columns, known, own, table=shape.name))

    @property
    def id_column(self) -> str:
        return self.columns.of["id"]

    def row(self, values: Values, zone: tzinfo | None) -> Row:
        in_utc = frozenset(ours for ours, their in self.columns.of.items() if their in self.shape.in_utc)
        return Row(values, self.columns.of, zone=zone, in_utc=in_utc, guessed=self.columns.guessed)


def _is_of(shape: Shape, their: str) -> bool:
    """Without a table's name it is of each table that has such a column."""
    return their.startswith(f"{shape.name}.") if "." in their else their in shape.columns


@dataclass(slots=True)
class Count:
    """Of one table: rows that were taken now and before, left as they are open or too young, and refused, by why.

    ``missed`` were there when it began, and did not come: deleted meanwhile, or their ids can't be put in order.
    ``notes``: what was left out or changed, and in how many rows.
    """

    new: int = 0
    known: int = 0
    left_open: int = 0
    later: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    notes: Counter[str] = field(default_factory=Counter)

    def add(self, taken: Taken) -> None:
        self.new += taken.new
        self.known += taken.known

    def note(self, told: "Iterable[_Told[Any]]") -> None:
        self.notes.update(note for one in told for note in one.notes)


@dataclass(frozen=True, slots=True)
class _Told(Generic[Past]):
    """A row, read."""

    past: Past
    values: Values
    notes: Collection[str]


class Run:
    """One run over both tables. What it says while it works goes to ``say``, a line each."""

    def __init__(
        self,
        source: Source,
        transactions: Transactions,
        policy: Policy,
        wanted: Wanted,
        *,
        reading: Reading,
        refusals: Refusals,
        say: Say,
    ) -> None:
        self._source, self._transactions, self._policy, self._wanted = source, transactions, policy, wanted
        self._reading, self._refusals, self._say = reading, refusals, say
        self.incidents, self.alerts = Count(), Count()
        self._opened: dict[str, str] = {}
        self._doing = "would be taken" if wanted.dry_run else "taken"

    async def take(self, incidents: Theirs | None, alerts: Theirs | None) -> None:
        """Raises InvalidInput, Unavailable; then what was taken until there is, and another run goes on."""
        if alerts is not None:
            await self._probe(alerts)
        if alerts is not None and incidents is not None and "rule_uid" not in incidents.columns:
            self._reading = replace(self._reading, rules=await self._rules(alerts))
        if incidents is not None:
            await self._take_incidents(incidents)
        if alerts is not None:
            await self._take_alerts(alerts, counts=incidents is not None and "alert_count" not in incidents.columns)
        if not self._wanted.dry_run:
            await self._show_open()

    async def _probe(self, theirs: Theirs) -> None:
        """So that times without a zone stop it before anything was taken."""
        async for page in self._source.pages(theirs.shape, theirs.id_column, size=_AT_ONCE):
            for values in page:
                self._read(theirs, values, past_alert, None)
            return

    async def _rules(self, theirs: Theirs) -> Mapping[str, str]:
        """The rule that each name stands for, where it is one: their incidents name only the alert."""
        found: dict[str, set[str]] = {}
        async for page in self._told_pages(theirs, "looking for rules"):
            for values in page:
                try:
                    name, uid = rule_of(theirs.row(values, self._wanted.zone))
                except Unreadable:
                    continue
                if uid is not None:
                    found.setdefault(name, set()).add(uid)
        return {name: next(iter(uids)) for name, uids in found.items() if len(uids) == 1}

    async def _take_incidents(self, theirs: Theirs) -> None:
        """All are read twice: numbers are given in the order of time, which their ids need not have."""
        order: list[tuple[datetime, int, Any]] = []
        prints = dict[Any, int]()
        async for page in self._each_once(theirs, "reading", self.incidents):
            for values in page:
                read = self._read(theirs, values, past_incident, self.incidents)
                if read is not None and self._is_wanted(read.past):
                    id_ = values[theirs.id_column]
                    order.append((read.past.opened_at, len(order), id_))
                    prints[id_] = fingerprint(values)
        order.sort(key=lambda one: one[:2])
        for start in range(0, len(order), _AT_ONCE):
            ids = {id_: prints[id_] for _, _, id_ in order[start : start + _AT_ONCE]}
            those = await self._source.by_ids(theirs.shape, theirs.id_column, ids)
            await self._some_incidents(theirs, those)
            self._tell(theirs, self._doing, start // _AT_ONCE, start + len(ids))

    def _is_wanted(self, told: PastIncident) -> bool:
        if self._wanted.until is not None and told.opened_at >= self._wanted.until:
            self.incidents.later += 1
            return False
        if told.is_open and not self._wanted.take_open:
            self.incidents.left_open += 1
            return False
        return True

    async def _some_incidents(self, theirs: Theirs, those: Sequence[Values]) -> None:
        """What became unreadable since it was read first is refused as well."""
        read = [self._read(theirs, values, past_incident, self.incidents) for values in those]
        told = [one for one in read if one is not None]
        by_id = {one.past.their_id: one.values for one in told}
        work = partial(take_incidents, self._wanted.origin, [one.past for one in told], opened=dict(self._opened))
        taken = await self._once(work)
        self._opened |= taken.opened
        self.incidents.add(taken)
        self.incidents.note(one for one in told if one.past.their_id not in taken.refused)
        for their_id, reason in taken.refused.items():
            self._refuse(theirs, by_id[their_id], reason, self.incidents)

    async def _take_alerts(self, theirs: Theirs, *, counts: bool) -> None:
        async for page in self._each_once(theirs, self._doing, self.alerts):
            told = [self._read(theirs, values, past_alert, self.alerts) for values in page]
            wanted = [one for one in told if one is not None and self._is_early(one.past)]
            self.alerts.note(wanted)
            if wanted:
                pasts = [one.past for one in wanted]
                self.alerts.add(await self._once(partial(take_alerts, self._wanted.origin, pasts, counts=counts)))

    def _is_early(self, told: PastAlert) -> bool:
        is_late = self._wanted.until is not None and told.received_at >= self._wanted.until
        self.alerts.later += is_late
        return not is_late

    async def _show_open(self) -> None:
        ids = await self._transactions.read(lambda uow: uow.takeover.open_ids(self._wanted.origin), patience=_PATIENCE)
        for id_ in ids:
            await self._transactions.write(partial(_show, id_, policy=self._policy), patience=_PATIENCE)

    async def _once(self, work: Callable[..., Any]) -> Taken:
        run = self._transactions.read if self._wanted.dry_run else self._transactions.write
        taken: Taken = await run(lambda uow: work(uow=uow, dry_run=self._wanted.dry_run), patience=_PATIENCE)
        return taken

    def _read(
        self, theirs: Theirs, values: Values, read: Callable[[Row, Reading], Past], count: Count | None
    ) -> "_Told[Past] | None":
        """None: it can't be read, and was refused, unless ``count`` is None."""
        row = theirs.row(values, self._wanted.zone)
        try:
            return _Told(read(row, self._reading), values, row.notes)
        except Unreadable as error:
            if count is not None:
                self._refuse(theirs, values, str(error), count)
            return None

    def _refuse(self, theirs: Theirs, values: Values, reason: str, count: Count) -> None:
        self._refusals.add(theirs.shape.name, values[theirs.id_column], reason, values)
        count.refused[reason.partition(":")[0]] += 1

    async def _each_once(self, theirs: Theirs, doing: str, count: Count) -> AsyncIterator[Sequence[Values]]:
        """All rows, of those with the same id the first; the others are refused, and whoever never came is counted."""
        there = await self._source.count(theirs.shape)
        read, ids = 0, set[str]()
        async for page in self._told_pages(theirs, doing):
            read += len(page)
            yield [values for values in page if self._is_first(theirs, values, ids, count)]
        count.missed = max(0, there - read)

    def _is_first(self, theirs: Theirs, values: Values, ids: set[str], count: Count) -> bool:
        their_id = id_text(values[theirs.id_column])
        if their_id and their_id in ids:
            self._refuse(theirs, values, f"id: another row has it, {their_id[:64]}", count)
            return False
        ids.add(their_id)
        return True

    async def _told_pages(self, theirs: Theirs, doing: str) -> AsyncIterator[Sequence[Values]]:
        number, rows = 0, 0
        async for page in self._source.pages(theirs.shape, theirs.id_column, size=_AT_ONCE):
            yield page
            number, rows = number + 1, rows + len(page)
            self._tell(theirs, doing, number, rows)

    def _tell(self, theirs: Theirs, doing: str, page: int, rows: int) -> None:
        if page and page % _TOLD_EVERY == 0:
            self._say(f"{theirs.shape.name}: {doing}, {rows:,} rows")


async def _show(incident_id: int, uow: Any, *, policy: Policy) -> None:
    await show_open(incident_id, uow=uow, policy=policy)
