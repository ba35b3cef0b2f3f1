"""Which programs and which tables go together. Asked at the beginning of every transaction.

The answer stands in ``schema_state``, a table of one row that ``db.migrate`` keeps: the tables' revision, and the
oldest program that may still use them. Each migration says the latter as ``compatible_with``, a revision: programs that
were written for it or a newer one go on working once the migration has run. One that says nothing stops all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from db import dialect, direct
from db.engine import Engines
from db.faults import is_missing_table
from incidents.errors import NewerDatabase, OlderDatabase, Unavailable

_SCRIPTS = Path(__file__).parent / "migrations"

# With the clock, which is asked at the same moment, so that it costs no statement of its own.
_STATE = "revision, oldest_program FROM schema_state WHERE id = 1"
_MYSQL_BEGIN = f"SELECT CAST(UTC_TIMESTAMP(6) AS CHAR), @@auto_increment_increment, @bongsu_cluster, {_STATE}"
_SQLITE_BEGIN = text(f"SELECT strftime('%Y-%m-%d %H:%M:%f', 'now'), 1, NULL, {_STATE}")


@dataclass(frozen=True, slots=True)
class Program:
    """What a program knows of the tables: all ``revisions`` up to the one that it was written for, oldest first.

    ``oldest``: the oldest program that may use its tables.
    """

    scripts: Path
    revisions: Sequence[str]
    oldest: str

    @classmethod
    def read(cls, scripts: Path) -> "Program":
        """From its migrations. Raises LookupError where there are none."""
        found = list(reversed(list(ScriptDirectory(str(scripts)).walk_revisions())))
        if not found:
            raise LookupError("the program has no migrations: it was installed without db/migrations")
        revisions = [one.revision for one in found]
        reach = max(revisions.index(getattr(one.module, "compatible_with", one.revision)) for one in found)
        return cls(scripts, revisions, revisions[reach])

    @property
    def newest(self) -> str:
        """The revision that it was written for."""
        return self.revisions[-1]

    @property
    def config(self) -> Config:
        """For Alembic."""
        made = Config()
        made.set_main_option("script_location", str(self.scripts))
        return made

    def require(self, found: "State") -> None:
        """That it may use these tables. Raises OlderDatabase, NewerDatabase."""
        if found.oldest_program not in self.revisions:
            raise NewerDatabase(found.revision, self.newest)
        if found.revision != self.newest and (not found.revision or found.revision in self.revisions):
            raise OlderDatabase(found.revision or None, self.newest)


@dataclass(frozen=True, slots=True)
class State:
    """What the database says of itself: its ``revision``, and the oldest program that may use it.

    ``revision`` is that of its last migration that came to its end, "" before the first.
    """

    revision: str
    oldest_program: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a transaction is told as it begins. ``now`` is the database's clock, aware UTC.

    ``id_step``: by how much the ids of one INSERT's rows differ. ``in_cluster``: the server is a node of several that
    all take writes (see ``db.hosts``), so what is locked here is locked nowhere else.
    """

    now: datetime
    id_step: int = 1
    in_cluster: bool = False


@cache
def this_program() -> Program:
    """The one that runs."""
    return Program.read(_SCRIPTS)


async def begin(connection: AsyncConnection, program: Program) -> Beginning:
    """Raises OlderDatabase or NewerDatabase where the program must not use these tables."""
    try:
        row = await _first(connection)
    except DBAPIError as error:
        if is_missing_table(error):
            raise OlderDatabase(await _alembics_revision(connection), program.newest) from error
        raise
    if row is None:
        raise OlderDatabase(await _alembics_revision(connection), program.newest)
    now, step, in_cluster, revision, oldest_program = row
    program.require(State(revision, oldest_program))
    return Beginning(datetime.fromisoformat(now).replace(tzinfo=UTC), int(step), bool(in_cluster))


async def _first(connection: AsyncConnection) -> Sequence[Any] | None:
    if dialect.name(connection) == "sqlite":
        return (await connection.execute(_SQLITE_BEGIN)).first()
    said = await direct.say(connection, _MYSQL_BEGIN, told=_MYSQL_BEGIN)
    return said.rows[0] if said.rows else None


async def _alembics_revision(connection: AsyncConnection) -> str | None:
    """What a database is at that tells nothing itself: an empty one, or one that no ``migrate`` has finished."""
    try:
        found: str | None = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    except DBAPIError as error:
        if is_missing_table(error):
            return None
        raise
    return found


async def check(engines: Engines, program: Program) -> None:
    """That the database answers, and that this program may use it. Raises Unavailable, or a kind of it."""
    try:
        async with engines.read.connect() as connection:
            await begin(connection, program)
    except (DBAPIError, OSError) as error:
        raise Unavailable(str(getattr(error, "orig", error))) from error
