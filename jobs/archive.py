"""The archive: what retention deletes, as JSON Lines in files of gzip, one for each table and day.

Each batch is a gzip member of its own, appended and flushed to the disk before anything is deleted. So a crash between
the two may leave rows in the archive and in the database, and the next run appends them again; it never loses one.
"""

import asyncio
import base64
import fcntl
import gzip
import logging
import os
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from base import codec
from incidents.errors import BongsuError
from incidents.keeping import Json, StoredRow

logger = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_GZIP = 31


class ArchiveFailed(BongsuError):
    """The archive can't be written. Nothing was deleted."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"the archive {path} can't be written: {why}. Nothing is deleted until it can")


class Archive:
    """Writes in threads, off the event loop, one batch at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._left_at: dict[Path, int] = {}

    async def keep(self, rows: Mapping[tuple[str, date], Sequence[StoredRow]]) -> None:
        """Returns when all of them are on the disk. Raises ArchiveFailed."""
        await asyncio.to_thread(self._keep, rows)

    def _keep(self, rows: Mapping[tuple[str, date], Sequence[StoredRow]]) -> None:
        # Where a wait for this thread was cut off, the next batch must not write into its midst.
        with self._lock:
            for (table, day), of_day in rows.items():
                path = self._folder / f"{table}-{day.isoformat()}.jsonl.gz"
                try:
                    self._append(path, gzip.compress(b"".join(_lines(of_day)), mtime=0))
                except OSError as error:
                    raise ArchiveFailed(path, error.strerror or str(error)) from error

    def _append(self, path: Path, member: bytes) -> None:
        self._folder.mkdir(exist_ok=True)
        with open(path, "a+b", buffering=0, opener=_private) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            size = file.seek(0, os.SEEK_END)
            if size != self._left_at.get(path, 0):
                size = _mend(file, path)
            try:
                _write(file, member)
            except OSError:
                file.truncate(size)
                raise
            self._left_at[path] = size + len(member)
        if size == 0:
            _flush_folder(self._folder)


def _write(file: FileIO, data: bytes) -> None:
    """All of it, to the disk. Unbuffered, so that nothing is left to be written after an error."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    """Alerts hold whatever their labels hold."""
    return os.open(path, flags, 0o600)


def _flush_folder(folder: Path) -> None:
    """So that a new file has its name after a power cut, too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _mend(file: FileIO, path: Path) -> int:
    """Cut off what a process that was killed had begun to write; the size. What was in it is still in the database."""
    size, whole = file.seek(0, os.SEEK_END), _whole_members(file, path)
    if whole != size:
        logger.warning("archive mended", extra={"action": "archive_mended", "file": str(path), "cut": size - whole})
        file.truncate(whole)
    return whole


def _whole_members(file: FileIO, path: Path) -> int:
    """Where the last whole gzip member ends. Raises ArchiveFailed where something else than an end is wrong."""
    file.seek(0)
    whole = read = 0
    member = zlib.decompressobj(_GZIP)
    while chunk := file.read(_CHUNK):
        read += len(chunk)
        while chunk:
            try:
                member.decompress(chunk)
            except zlib.error as error:
                raise ArchiveFailed(path, f"it is damaged after byte {whole}, move it away") from error
            chunk = member.unused_data
            if member.eof:
                whole, member = read - len(chunk), zlib.decompressobj(_GZIP)
    return whole


def _lines(rows: Iterable[StoredRow]) -> Iterable[bytes]:
    for row in rows:
        told = ",".join(f"{codec.dumps(name)}:{_written(value)}" for name, value in row.items())
        yield f"{{{told}}}\n".encode()


def _written(value: Any) -> str:
    """JSON of the database is copied as it stands; times are ISO 8601 in UTC; bytes are base64."""
    if isinstance(value, Json):
        return value.text
    if isinstance(value, datetime):
        return f'"{value.astimezone(UTC).isoformat(timespec="microseconds")}"'
    if isinstance(value, bytes):
        return codec.dumps({"base64": base64.b64encode(value).decode()})
    return codec.dumps(value)
