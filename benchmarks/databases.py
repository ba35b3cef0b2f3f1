"""The two kinds of database that everything is measured on, each empty and migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from benchmarks.processes import migrate
from tests.mariadb import MariaDB

KINDS = ("SQLite", "MariaDB")


_BUFFER_POOL = 1024
_LOG_FILE = 512
"""MiB. What a small server of one's own has."""


@dataclass
class Databases:
    """``server`` is None for SQLite. Every commit is flushed to the disk on both, as in production."""

    folder: Path
    server: MariaDB | None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new(self) -> str:
        """The URL of an empty database with its tables."""
        name = f"bench_{next(self._numbers)}"
        url = self.server.create_database(name) if self.server else f"sqlite+aiosqlite:///{self.folder / name}.db"
        migrate(url, self.folder)
        return url


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    if kind == "SQLite":
        yield Databases(folder, None)
        return
    with MariaDB(durable=True, buffer_pool=_BUFFER_POOL, log_file=_LOG_FILE) as server:
        yield Databases(folder, server)
