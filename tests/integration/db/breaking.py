"""Faults on order: the database fails at the statement, or at the COMMIT, that a test chooses."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from asyncmy import errors as my
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

COMMIT = "COMMIT"


class Broken(Enum):
    """What the driver says, and whether what it speaks of has reached the database before.

    A connection that was lost is really closed: SQLAlchemy does so with every one of which it hears that.
    """

    DEADLOCK = (lambda: my.OperationalError(1213, "Deadlock found when trying to get lock"), False)
    LOCK_WAIT = (lambda: my.OperationalError(1205, "Lock wait timeout exceeded"), False)
    CHANGED = (lambda: my.OperationalError(1020, "Record has changed since last read"), False)
    LOST_BEFORE = (lambda: my.OperationalError(2013, "Lost connection to MySQL server during query"), False)
    LOST_AFTER = (lambda: my.OperationalError(2013, "Lost connection to MySQL server during query"), True)
    BUSY = (lambda: sqlite3.OperationalError("database is locked"), False)
    FULL = (lambda: sqlite3.OperationalError("database or disk is full"), False)
    DISK = (lambda: sqlite3.OperationalError("disk I/O error"), False)

    @property
    def error(self) -> Exception:
        told: Exception = self.value[0]()
        return told

    @property
    def has_arrived(self) -> bool:
        return self.value[1]


@dataclass
class Breaker:
    """Counts what an engine is told to do. Each of ``faults`` breaks one run at its ``at``-th step (from 1)."""

    at: int
    faults: list[Broken]
    said: list[str] = field(default_factory=list)

    def pass_on(self, what: str, do: Callable[[], Any]) -> None:
        """Do it, or raise as told; what is said after that belongs to the next run."""
        self.said.append(what)
        fault = self.faults[0] if self.faults and len(self.said) == self.at else None
        if fault is None or fault.has_arrived:
            do()
        if fault is not None:
            self.faults.remove(fault)
            self.said = []
            raise fault.error


@contextmanager
def breaking(engine: AsyncEngine, *faults: Broken, at: int = 0) -> Iterator[Breaker]:
    """While it lasts. Without ``faults`` it only counts."""
    breaker, dialect = Breaker(at, list(faults)), engine.sync_engine.dialect
    commit = dialect.do_commit

    def execute(cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
        breaker.pass_on(statement, lambda: dialect.do_execute(cursor, statement, parameters))
        return True

    def execute_many(cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
        breaker.pass_on(statement, lambda: dialect.do_executemany(cursor, statement, parameters))
        return True

    def execute_as_it_stands(cursor: Any, statement: str, _context: Any) -> bool:
        breaker.pass_on(statement, lambda: dialect.do_execute_no_params(cursor, statement))
        return True

    hooks = (
        ("do_execute", execute),
        ("do_executemany", execute_many),
        ("do_execute_no_params", execute_as_it_stands),
    )
    for name, hook in hooks:
        event.listen(engine.sync_engine, name, hook)
    dialect.do_commit = lambda connection: breaker.pass_on(COMMIT, lambda: commit(connection))  # type: ignore[method-assign]
    try:
        yield breaker
    finally:
        dialect.do_commit = commit  # type: ignore[method-assign]
        for name, hook in hooks:
            event.remove(engine.sync_engine, name, hook)
