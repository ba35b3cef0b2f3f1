"""Databases with every table, made quickly: the migrations run once a session, and what they left is copied.

A test of the migrations themselves begins with an empty database instead.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
