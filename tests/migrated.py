"""Databases with every table, made quickly: the migrations run once a session, and what they left is copied.

A test of the migrations themselves begins with an empty database instead.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asyncmy.errors import MySQLError
from sqlalchemy import event, make_url

from db.engine import Engines, connect
from db.migrate import migrate
from tests.mariadb import Server, wait_for


@dataclass(frozen=True)
class SqliteTemplate:
    """A migrated file."""

    path: Path

    @classmethod
    def make(cls, path: Path) -> "SqliteTemplate":
        """``path``: where no file is yet."""
        _migrate(f"sqlite+aiosqlite:///{path}")
        return cls(path)

    def fill(self, url: str) -> None:
        """``url``: of a file that doesn't exist."""
        shutil.copyfile(self.path, _database(url))


@dataclass(frozen=True)
class MariaDBTemplate:
    """What makes a migrated database of an empty one."""

    statements: Sequence[str]

    @property
    def rows(self) -> Sequence[str]:
        """Those of the statements that fill tables."""
        return [one for one in self.statements if one.startswith("INSERT")]

    @classmethod
    def make(cls, server: Server, name: str) -> "MariaDBTemplate":
        """``name``: of a database that doesn't exist, and won't afterwards."""
        url = server.create_database(name)
        try:
            _migrate(url)
            return cls(server.dump(name))
        finally:
            server.drop_database(name)

    def fill(self, url: str) -> None:
        """``url``: of an empty database, on any server."""
        Server.at(url).replay(_database(url), self.statements)


_MOST_ROWS = 2000
"""What a test with more has left in the server's statistics would choose plans for the next one."""


@dataclass
class MariaDBPool:
    """Migrated databases that are lent to one test after the other: to empty one costs a quarter of making one.

    One is not lent again whose tables a test has changed, that held many rows, or that somebody still holds.
    """

    server: Server
    template: MariaDBTemplate
    name: str
    _free: list[str] = field(default_factory=list)
    _made: int = 0
    _shape: str = ""

    @contextlib.contextmanager
    def lend(self) -> Iterator[str]:
        """The name of one, as a migration would have left it."""
        name = self._free.pop() if self._free else self._make()
        yield name
        if self._is_empty_again(name):
            self._free.append(name)
        else:
            self.server.drop_database(name)

    def close(self) -> None:
        for name in self._free:
            self.server.drop_database(name)

    def _make(self) -> str:
        self._made += 1
        name = f"{self.name}_{self._made}"
        self.template.fill(self.server.create_database(name))
        self._shape = self._shape or self.server.shape(name)
        return name

    def _is_empty_again(self, name: str) -> bool:
        try:
            return self.server.shape(name) == self._shape and self.server.empty(name, self.template.rows) < _MOST_ROWS
        except MySQLError:
            return False


def unsynced(engines: Engines) -> Engines:
    """The same, but that SQLite doesn't wait for the disk: a commit survives the process, which is all that tests end.

    A commit on the tests' MariaDB does as much.
    """
    if engines.dialect == "sqlite":
        for engine in (engines.write, engines.read):
            event.listen(engine.sync_engine, "connect", _sync_nothing)
    return engines


def _sync_nothing(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()


def _database(url: str) -> str:
    """A name, or SQLite's path."""
    name = make_url(url).database
    assert name
    return name


def _migrate(url: str) -> None:
    async def work() -> None:
        engines = connect(url)
        await migrate(engines)
        await engines.dispose()

    wait_for(work())
