"""What is measured of the database: statements, which of them were slow, and who waits for a connection.

A statement's time is what this process waited for its answer: where the event loop was busy, that is part of it.
"""

import logging
import re
import time
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from db.faults import Fault
from db.pool import WatchedPool

logger = logging.getLogger(__name__)

SLOW = timedelta(milliseconds=500)
VERBS = ("select", "insert", "update", "delete", "replace", "other")
"""A statement's first word. ``other``: BEGIN, which on SQLite waits for the only writer, and what is said rarely."""

_BY_BEGINNING = {verb[:6]: verb for verb in VERBS}
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)
_MOST_TOLD = 2000
_LISTS = re.compile(r"(%s|\?)(?:, ?(?:%s|\?))+")

_began: ContextVar[float | None] = ContextVar("when the statement of this task began, while it runs", default=None)


class DatabaseWatch:
    """Made once for each process, on the registry that it is handed. ``slow`` None: no statement is logged."""

    def __init__(self, registry: CollectorRegistry, *, slow: timedelta | None) -> None:
        self._slow = None if slow is None else slow.total_seconds()
        seconds = Histogram(
            "bongsu_database_statement_seconds",
            f"How long a statement to the database took, by its first word: {', '.join(VERBS)}",
            ["verb"],
            buckets=_SECONDS,
            registry=registry,
        )
        slow_ones = Counter(
            "bongsu_slow_queries",
            "Statements that took BONGSU_SLOW_QUERY_MS or longer: the log has each of them",
            ["verb"],
            registry=registry,
        )
        self._seconds = {verb: seconds.labels(verb) for verb in VERBS}
        self._slow_ones = {verb: slow_ones.labels(verb) for verb in VERBS}
        again = Counter(
            "bongsu_transactions_again",
            "Transactions that had to run again, by why: collision (others were in the way), away (no database)",
            ["fault"],
            registry=registry,
        )
        self._again = {fault: again.labels(fault.value) for fault in (Fault.COLLISION, Fault.AWAY)}
        self._in_use = Gauge(
            "bongsu_database_pool_in_use", "Connections to the database in use", ["pool"], registry=registry
        )
        self._size = Gauge(
            "bongsu_database_pool_size", "How many of them this process may have at most", ["pool"], registry=registry
        )
        self._waiting = Gauge(
            "bongsu_database_pool_waiting", "Who waits for one of them right now", ["pool"], registry=registry
        )
        self._wait = Histogram(
            "bongsu_database_pool_wait_seconds",
            "How long was waited for a connection",
            ["pool"],
            buckets=_SECONDS,
            registry=registry,
        )

    def over(self, engine: AsyncEngine, *, pool: str, most: int) -> None:
        """Measure this one. ``pool`` names it in metrics; ``most``: connections that it may have at a time."""
        event.listen(engine.sync_engine, "before_cursor_execute", _begin)
        event.listen(engine.sync_engine, "after_cursor_execute", self._ended)
        event.listen(engine.sync_engine, "handle_error", self._failed)
        watched = engine.pool
        if not isinstance(watched, WatchedPool):
            raise TypeError("an engine is made with poolclass=WatchedPool")
        watched.waited = self._wait.labels(pool).observe
        self._size.labels(pool).set(most)
        self._in_use.labels(pool).set_function(watched.checkedout)
        self._waiting.labels(pool).set_function(lambda: watched.waiting)

    def runs_again(self, fault: Fault) -> None:
        """A transaction that met this fault."""
        self._again[fault].inc()

    def _ended(self, _connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seconds, verb = _lasted(), _verb(statement)
        self._seconds[verb].observe(seconds)
        if self._slow is not None and seconds >= self._slow:
            self._tell(verb, statement, seconds, rows=cursor.rowcount)

    def _failed(self, context: ExceptionContext) -> None:
        """One that waited for a lock until it was refused, or hung until it was cut off, is slow as well."""
        if context.statement is None or _began.get() is None:  # values that can't be stored, say: it never ran
            return
        seconds, verb = _lasted(), _verb(context.statement)
        self._seconds[verb].observe(seconds)
        if self._slow is not None and seconds >= self._slow:
            self._tell(verb, context.statement, seconds, error=type(context.original_exception).__name__)

    def _tell(self, verb: str, statement: str, seconds: float, *, rows: int = -1, error: str = "") -> None:
        self._slow_ones[verb].inc()
        told: dict[str, Any] = {"action": "slow_query", "ms": round(seconds * 1000)}
        if rows >= 0:  # SQLite does not say how many it found
            told["rows"] = rows
        if error:
            told["error"] = error
        logger.warning("a statement was slow", extra={**told, "statement": without_values(statement)})


def without_values(statement: str) -> str:
    """A statement with places for its values, on one line and cut to what a log can take."""
    told = _LISTS.sub(r"\1, …", " ".join(statement.split()))
    return told if len(told) <= _MOST_TOLD else f"{told[:_MOST_TOLD]}…"


def _begin(*_: Any) -> None:
    _began.set(time.perf_counter())


def _lasted() -> float:
    """Seconds, of the statement that has ended now."""
    now, began = time.perf_counter(), _began.get()
    _began.set(None)
    return now - (began or now)


def _verb(statement: str) -> str:
    return _BY_BEGINNING.get(statement.lstrip("(")[:6].lower(), "other")
