"""Running work in transactions: committed, run again, or refused with a reason."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from base import tracing
from base.tracing import Span
from db.engine import Engines
from db.faults import Fault, classify
from db.schema import Program, this_program
from db.unit_of_work import SqlUnitOfWork, begin
from db.watch import DatabaseWatch
from incidents.errors import Conflict, NewerDatabase, OlderDatabase, Unavailable
from incidents.policy import Policies, Policy

T = TypeVar("T")
Work = Callable[[SqlUnitOfWork], Awaitable[T]]

_MAY_PASS = (DBAPIError, PoolTimeout, TimeoutError, OSError, EOFError, Conflict)

logger = logging.getLogger(__name__)

_COLLISIONS = 20
"""So often may others be in the way of one transaction."""
_ATTEMPT_SECONDS = 15.0
"""One run of a transaction is cut off after this: a database that hangs is a database that is away."""
_LONG_SECONDS = 10.0
"""A transaction that was cut off after this hung; one that was given less may only have been slow."""


class SqlTransactions:
    """Implements ``incidents.ports.Transactions`` for one tenant. ``policies`` None: nothing is configured."""

    def __init__(
        self, engines: Engines, *, tenant_id: int, program: Program | None = None, policies: Policies | None = None
    ) -> None:
        self._engines = engines
        self._policies = policies or Policies(Policy())
        self._program = program or this_program()
        self._misfit = ""
        self.tenant_id = tenant_id

    def fits(self) -> bool:
        """Whether the tables were those that this program may use, when that was last looked at."""
        return not self._misfit

    async def look_again(self) -> None:
        """Find out whether they are by now."""
        if self._misfit:
            with contextlib.suppress(Unavailable):
                await self.read(_nothing, patience=timedelta(0))

    async def write(self, work: Work[T], *, patience: timedelta = timedelta(seconds=5)) -> T:
        with tracing.step("transaction") as span:
            return await self._run(self._engines.write, work, patience, span)

    async def read(self, work: Work[T], *, patience: timedelta = timedelta(seconds=2)) -> T:
        with tracing.step("read", is_look=True) as span:
            return await self._run(self._engines.read, work, patience, span)

    async def _run(self, engine: AsyncEngine, work: Work[T], patience: timedelta, span: Span) -> T:
        span.set("db.system.name", self._engines.dialect)
        attempts = _Attempts(patience, self._engines.watch, span)
        while True:
            did_not_fit = self._misfit
            try:
                async with asyncio.timeout(attempts.seconds_for_one):
                    done = await self._once(engine, work)
            except (OlderDatabase, NewerDatabase) as error:
                self._note_misfit(str(error))
                await attempts.wait_after(error)
            except _MAY_PASS as error:
                if isinstance(error, TimeoutError) and attempts.had_long:
                    self._engines.distrust()
                await attempts.wait_after(error)
            else:
                if did_not_fit:  # or it has begun before somebody found out
                    self._note_misfit("")
                return done

    async def _once(self, engine: AsyncEngine, work: Work[T]) -> T:
        async with engine.begin() as connection:
            uow = await self._begin(connection)
            try:
                done = await work(uow)
                await uow.commit()
            except BaseException:
                await uow.give_up()
                raise
            return done

    async def _begin(self, connection: AsyncConnection) -> SqlUnitOfWork:
        policy = self._policies.current
        return await begin(connection, tenant_id=self.tenant_id, program=self._program, policy=policy)

    def _note_misfit(self, misfit: str) -> None:
        """Said once, however many meet it."""
        if misfit and misfit != self._misfit:
            logger.error("nothing is read or written: %s", misfit, extra={"action": "schema_misfit"})
        elif self._misfit and not misfit:
            logger.info("the tables are those of this program again", extra={"action": "schema_fits"})
        self._misfit = misfit


async def _nothing(_: SqlUnitOfWork) -> None:
    """Beginning a transaction is all that is asked for."""


class _Attempts:
    """How often and how long one piece of work is tried."""

    def __init__(self, patience: timedelta, watch: DatabaseWatch, span: Span) -> None:
        self._watch = watch
        self._span = span
        self._deadline = time.monotonic() + patience.total_seconds()
        self._began = time.monotonic()
        self._collisions = self._waits = 0

    @property
    def seconds_for_one(self) -> float:
        """For the attempt that begins now."""
        self._began = time.monotonic()
        return max(0.5, min(_ATTEMPT_SECONDS, self._deadline - self._began))

    @property
    def had_long(self) -> bool:
        """Whether this attempt has lasted so long that it should have come to an end."""
        return time.monotonic() - self._began >= _LONG_SECONDS

    async def wait_after(self, error: BaseException) -> None:
        """Return when it is worth another try. Raises Unavailable, or the error itself where waiting can't help."""
        fault = classify(error)
        if fault is Fault.OURS:
            raise error
        self._span.event("again", {"fault": fault.value})
        self._span.set("bongsu.transaction.retries", self._collisions + self._waits + 1)
        if not isinstance(error, OlderDatabase):
            told = {"action": "transaction_again", "fault": fault.value, "error": _first_line(error)}
            logger.warning("transaction runs again", extra=told)
            self._watch.runs_again(fault)
        await (self._after_collision(error) if fault is Fault.COLLISION else self._until_back(error))

    async def _after_collision(self, error: BaseException) -> None:
        self._collisions += 1
        if self._collisions > _COLLISIONS:
            raise Unavailable(f"others were in the way {_COLLISIONS} times: {_first_line(error)}") from error
        await asyncio.sleep(random.uniform(0, 0.01 * self._collisions))  # noqa: S311 - spreads, hides nothing

    async def _until_back(self, error: BaseException) -> None:
        self._waits += 1
        pause = min(0.05 * 2**self._waits, 1.0)
        if time.monotonic() + pause >= self._deadline:
            if isinstance(error, Unavailable):
                raise error
            raise Unavailable(_first_line(error)) from error
        await asyncio.sleep(pause)


def _first_line(error: BaseException) -> str:
    told = getattr(error, "orig", None) or error
    return (str(told) or type(told).__name__).splitlines()[0][:200]
