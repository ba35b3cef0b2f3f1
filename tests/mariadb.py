"""A MariaDB of one's own: private data directory, port and socket; gone when the tests end, however they end.

A test that kills the server starts one for itself, so that nobody else's is hit:

    with MariaDB(durable=True) as server:
        server.create_database("incidents")
        ...
        server.kill()
        server.start()

All calls block. In a coroutine, use `await asyncio.to_thread(server.start)`.
"""

import asyncio
import contextlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import unquote, urlsplit

import asyncmy
from asyncmy.errors import OperationalError

PASSWORD = "beacon-fire"
STARTS_WITHIN = 60.0  # seconds
_WORKERS = 8
_PORTS = 12_000 // _WORKERS
_turns = count(random.randrange(_PORTS))
Result = TypeVar("Result")


def free_port() -> int:
    """A TCP port of loopback on which nobody listens.

    Below those that the kernel gives to outgoing connections, so that it is still free for a restart. Each worker of
    pytest-xdist has its own, and takes one after the other: two could choose the same before either listens. The next
    higher one is nobody's.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    while True:
        port = 20_000 + worker * _PORTS + 2 * next(_turns) % _PORTS
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


_IMPATIENT = "SET SESSION foreign_key_checks = 0, lock_wait_timeout = 1, innodb_lock_wait_timeout = 1"
_SHAPE = """
SELECT SHA2(CONCAT(
    (SELECT GROUP_CONCAT(
        SHA2(CONCAT_WS('|', table_name, column_name, column_type, is_nullable, column_default, extra), 256)
        ORDER BY table_name, ordinal_position) FROM information_schema.columns WHERE table_schema = DATABASE()),
    (SELECT COALESCE(GROUP_CONCAT(
        SHA2(CONCAT_WS('|', table_name, index_name, seq_in_index, column_name, non_unique), 256)
        ORDER BY table_name, index_name, seq_in_index), '') FROM information_schema.statistics
        WHERE table_schema = DATABASE()),
    (SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE())), 256)
"""


class NoMariaDBError(RuntimeError):
    """No mariadbd: install mariadb-server, or set BONGSU_TEST_MARIADBD or BONGSU_TEST_DATABASE_URL."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class MariaDBStartError(RuntimeError):
    """mariadbd ended or didn't answer in time; the message carries the end of its log."""


@dataclass
class Server:
    """A running MySQL or MariaDB, and a user who may create databases there."""

    host: str
    port: int
    user: str
    password: str

    @classmethod
    def at(cls, url: str) -> "Server":
        """The server of a URL like `mysql+asyncmy://user:password@host:port`, whatever database it names."""
        parts = urlsplit(url)
        user, password = unquote(parts.username or "root"), unquote(parts.password or "")
        return cls(parts.hostname or "127.0.0.1", parts.port or 3306, user, password)

    def url(self, database: str) -> str:
        return f"mysql+asyncmy://{self.user}:{self.password}@{self.host}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Makes an empty database as `CREATE DATABASE` makes it, in utf8mb4; returns its URL."""
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS `{name}`")

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Runs one statement on a connection of its own, outside any database; returns its rows."""
        return wait_for(self._execute(sql))

    def dump(self, database: str) -> list[str]:
        """Statements that make the same tables, views and rows in an empty database: see ``replay``."""
        return wait_for(self._dump(database))

    def replay(self, database: str, statements: Sequence[str]) -> None:
        """Runs them one after the other, on one connection to that database."""
        wait_for(self._replay(database, statements))

    def shape(self, database: str) -> str:
        """A digest of its tables, columns, indexes and triggers."""
        return wait_for(self._shape(database))

    def empty(self, database: str, rows: Sequence[str]) -> int:
        """Deletes all rows, then runs ``rows``, and counts ids from 1 again; how many were deleted.

        Raises MySQLError where somebody else holds something of it.
        """
        return wait_for(self._empty(database, rows))

    async def _empty(self, database: str, rows: Sequence[str]) -> int:
        deleted = 0
        async with self._cursor(database) as cursor:
            tables = [name for name, kind in await _rows(cursor, "SHOW FULL TABLES") if kind == "BASE TABLE"]
            await cursor.execute(_IMPATIENT)
            for name in tables:
                deleted += await cursor.execute(f"DELETE FROM `{name}`")
                await cursor.execute(f"ALTER TABLE `{name}` AUTO_INCREMENT = 1")
            for sql in rows:
                await cursor.execute(sql)
        return deleted

    async def _execute(self, sql: str) -> list[tuple[Any, ...]]:
        async with self._cursor() as cursor:
            return await _rows(cursor, sql)

    async def _shape(self, database: str) -> str:
        async with self._cursor(database) as cursor:
            await cursor.execute("SET SESSION group_concat_max_len = 1000000")  # MySQL's is 1024
            [(told,)] = await _rows(cursor, _SHAPE)
        return str(told)

    async def _dump(self, database: str) -> list[str]:
        async with self._cursor(database) as cursor:
            kinds = await _rows(cursor, "SHOW FULL TABLES")
            tables = [name for name, kind in kinds if kind == "BASE TABLE"]
            views = [name for name, kind in kinds if kind == "VIEW"]
            made = [(await _rows(cursor, f"SHOW CREATE TABLE `{name}`"))[0][1] for name in [*tables, *views]]
            filled = [
                cursor.mogrify(f"INSERT INTO `{name}` VALUES ({', '.join(['%s'] * len(row))})", row)
                for name in tables
                for row in await _rows(cursor, f"SELECT * FROM `{name}`")
            ]
        return ["SET SESSION foreign_key_checks = 0", *(sql.replace(f"`{database}`.", "") for sql in made), *filled]

    async def _replay(self, database: str, statements: Sequence[str]) -> None:
        async with self._cursor(database) as cursor:
            for sql in statements:
                await cursor.execute(sql)

    @contextlib.asynccontextmanager
    async def _cursor(self, database: str | None = None) -> AsyncIterator[Any]:
        """On a connection of its own, outside any database unless one is named."""
        connection = await asyncmy.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, db=database, autocommit=True
        )
        try:
            async with connection.cursor() as cursor:
                yield cursor
        finally:
            await connection.ensure_closed()


class MariaDB(Server):
    """A mariadbd of our own on loopback.

    It survives its own SIGKILL without losing a commit. With `durable`, it also survives the machine's: each
    commit is flushed to the disk, as in production, and each table has a file of its own. Without, a table costs a
    tenth: many tests make all of them. Its clock's zone is +09:00, because a program that
    takes the server's local time for UTC should fail here. ``buffer_pool`` and ``log_file`` are in MiB: small
    for tests, which start many.
    """

    starts_within = STARTS_WITHIN

    def __init__(self, *, durable: bool = False, buffer_pool: int = 64, log_file: int = 48) -> None:
        super().__init__("127.0.0.1", free_port(), "bongsu", PASSWORD)
        self.durable = durable
        self._buffer_pool = buffer_pool
        self._log_file = log_file
        self._program = find_mariadbd()
        self._home = Path(tempfile.mkdtemp(prefix="bongsu-mariadb-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._prepare()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def pid(self) -> int | None:
        """None while it doesn't run."""
        return self._process.pid if self._process else None

    @property
    def log(self) -> str:
        path = self._home / "log.err"  # mariadbd adds the ending itself
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Starts the server on its data directory and returns when it answers a query.

        Raises MariaDBStartError.
        """
        if self._process:
            return
        self._process = subprocess.Popen(
            [self._program, *self._options()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment(),
            start_new_session=True,  # a Ctrl-C for pytest isn't for the server
        )
        self._guard = kill_when_we_end(self._process.pid, self._home)
        try:
            wait_for(self._answers())
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Asks the server to shut down, and waits."""
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """SIGKILL: what the server was doing stays undone."""
        self._end(subprocess.Popen.kill)

    def _end(self, end: Callable[[subprocess.Popen[bytes]], None]) -> None:
        if not self._process or not self._guard:
            return
        end(self._process)
        self._process.wait()
        self._process = None
        self._guard.kill()
        self._guard.communicate()
        self._guard = None

    def _environment(self) -> Mapping[str, str] | None:
        """None: ours."""
        return None

    def _prepare(self) -> None:
        (self._home / "init.sql").write_text(
            f"CREATE USER IF NOT EXISTS '{self.user}'@'127.0.0.1' IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON *.* TO '{self.user}'@'127.0.0.1' WITH GRANT OPTION;\n"
        )
        install = _beside(self._program, "mariadb-install-db")
        # Of its own, because each that starts removes the temporary tables of all others there.
        options = ["--auth-root-authentication-method=normal", "--skip-test-db", f"--tmpdir={self._home}"]
        made = subprocess.run(
            [install, *self._paths(), *options], capture_output=True, text=True, errors="replace", check=False
        )
        if made.returncode:
            shutil.rmtree(self._home, ignore_errors=True)
            raise MariaDBStartError(f"mariadb-install-db failed:\n{made.stdout}{made.stderr}")

    def _paths(self) -> list[str]:
        paths = ["--no-defaults", f"--datadir={self._home / 'data'}"]
        prefix = Path(self._program).resolve().parent.parent
        if prefix != Path("/usr"):
            paths.append(f"--basedir={prefix}")
        return [*paths, "--user=root"] if os.geteuid() == 0 else paths

    def _options(self) -> list[str]:
        return [
            *self._paths(),
            "--bind-address=127.0.0.1",
            f"--port={self.port}",
            f"--socket={self._home / 'socket'}",
            f"--pid-file={self._home / 'pid'}",
            f"--log-error={self._home / 'log.err'}",
            f"--tmpdir={self._home}",
            f"--init-file={self._home / 'init.sql'}",
            "--skip-log-bin",
            "--skip-name-resolve",
            "--performance-schema=OFF",
            "--default-time-zone=+09:00",
            "--max-connections=400",
            f"--innodb-buffer-pool-size={self._buffer_pool}M",
            f"--innodb-log-file-size={self._log_file}M",
            f"--innodb-flush-log-at-trx-commit={1 if self.durable else 2}",
            f"--innodb-doublewrite={'ON' if self.durable else 'OFF'}",
            f"--innodb-flush-method={'O_DIRECT' if self.durable else 'nosync'}",
            *([] if self.durable else ["--innodb-file-per-table=OFF", "--loose-sync-frm=OFF", "--loose-debug-no-sync"]),
        ]

    async def _answers(self) -> None:
        assert self._process
        deadline = time.monotonic() + self.starts_within
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OperationalError):
                await self._execute("SELECT 1")
                return
            await asyncio.sleep(0.02)
        raise MariaDBStartError(f"{self._program} on port {self.port}:\n{self.log[-3000:]}")


def find_mariadbd() -> str:
    """BONGSU_TEST_MARIADBD, else mariadbd in the PATH or in /usr/sbin. Raises NoMariaDBError."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    found = shutil.which(os.environ.get("BONGSU_TEST_MARIADBD") or "mariadbd", path=path)
    if not found:
        raise NoMariaDBError
    return found


def _beside(program: str, name: str) -> str:
    """A program of the same installation: a package spreads them over bin, sbin and scripts."""
    prefix = Path(program).resolve().parent.parent
    path = os.pathsep.join([*(str(prefix / part) for part in ("bin", "sbin", "scripts")), "/usr/bin"])
    found = shutil.which(name, path=path)
    if not found:
        raise NoMariaDBError
    return found


def kill_when_we_end(pid: int, directory: Path) -> subprocess.Popen[bytes]:
    """A shell that reads from us. When we end, whatever the cause, its input ends, and it ends the server.

    (PR_SET_PDEATHSIG would do it when the thread that started the server ends, which is too early.)
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -9 "$1"; rm -rf "$2"', "sh", str(pid), str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


async def _rows(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    await cursor.execute(sql)
    return list(await cursor.fetchall())


def wait_for(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine to its end in a thread, because the caller's own event loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
