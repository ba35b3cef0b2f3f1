"""Values as databases hand them out and tools have written them, made ours. What can't be read says why."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from base import codec
from base.codec import CodecError
from incidents.errors import InvalidInput
from receiver.sources.text import clean, text_map
from receiver.sources.times import EARLIEST, LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUE, _FALSE = {"1", "true", "t", "yes", "y", "\x01"}, {"", "0", "false", "f", "no", "n", "\x00"}
_MILLISECONDS = 10_000_000_000
"""A number of seconds since 1970 that is larger, is one of milliseconds."""


class Unreadable(ValueError):
    """A row can't be taken. The message says which field, and why."""


class Row:
    """A row of theirs by our names. ``in_utc``: our names of columns whose times are UTC whatever they look like."""

    def __init__(
        self, values: Mapping[str, Any], columns: Mapping[str, str], *, zone: tzinfo | None, in_utc: frozenset[str]
    ) -> None:
        self.values = values
        self._columns, self._zone, self._in_utc = columns, zone, in_utc

    def get(self, name: str) -> Any:
        """None where they have no such column."""
        their = self._columns.get(name)
        value = None if their is None else self.values[their]
        return value.decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else value

    def text(self, name: str) -> str:
        """In one piece and fit for our columns; "" for NULL."""
        value = self.get(name)
        return "" if value is None else clean(str(value)).strip()

    def id(self, name: str) -> str:
        """As ``id_text`` has it."""
        their = self._columns.get(name)
        return "" if their is None else id_text(self.values[their])

    def time(self, name: str) -> datetime | None:
        """Aware UTC; None for NULL, and for the zero times of MySQL and Go. Raises Unreadable, InvalidInput."""
        value = self.get(name)
        if value is None or value == "" or str(value).startswith("000"):
            return None
        try:
            time = self._aware(name, _as_time(value)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Unreadable(f"{name}: {str(value)[:60]!r} is no time") from error
        if not EARLIEST <= time < LATEST:
            raise Unreadable(f"{name}: {str(value)[:60]!r} is outside of {EARLIEST:%Y} to {LATEST.year - 1}")
        return time

    def _aware(self, name: str, time: datetime) -> datetime:
        if time.tzinfo is not None:
            return time
        if name in self._in_utc:
            return time.replace(tzinfo=UTC)
        if self._zone is None:
            column = self._columns[name]
            problem = (
                f"the times of {column!r} tell no zone ({time}): write the one that they are meant in, such as UTC"
            )
            raise InvalidInput("--timezone", f"{problem} or Asia/Seoul")
        return time.replace(tzinfo=self._zone)

    def truth(self, name: str) -> bool:
        """Raises Unreadable."""
        value = self.get(name)
        told = "" if value is None else str(value).strip().lower()
        if told not in _TRUE | _FALSE:
            raise Unreadable(f"{name}: {told[:60]!r} is neither true nor false")
        return told in _TRUE

    def count(self, name: str) -> int | None:
        """Raises Unreadable."""
        value = self.get(name)
        try:
            return None if value is None or value == "" else max(0, int(value))
        except (TypeError, ValueError) as error:
            raise Unreadable(f"{name}: {str(value)[:60]!r} is no number") from error

    def object(self, name: str) -> dict[str, Any]:
        """JSON; {} for NULL. Raises Unreadable."""
        value = self.get(name)
        if value is None or value == "":
            return {}
        try:
            told = codec.loads(value.encode()) if isinstance(value, str) else value
        except CodecError as error:
            raise Unreadable(f"{name}: {error}") from error
        if not isinstance(told, dict):
            raise Unreadable(f"{name}: a JSON object is needed, this is {str(told)[:60]!r}")
        return told

    def texts(self, name: str) -> dict[str, str]:
        """JSON, its values as text. Raises Unreadable."""
        return text_map(self.object(name))


def id_text(value: Any) -> str:
    """Different for different ids, and the same for the same, however a column of theirs keeps it; "" for NULL.

    Bytes that are no printable text are hexadecimal. Text whose white space or control characters our columns would
    not tell apart is written as JSON.
    """
    if isinstance(value, bytes | bytearray):
        told = _decoded(value)
        return told if told is not None and _is_plain(told) else value.hex()
    told = "" if value is None else str(value)
    return told if _is_plain(told) else json.dumps(told)


def _decoded(value: bytes | bytearray) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _is_plain(told: str) -> bool:
    return told.isprintable() and told == told.strip() and not told.startswith('"')


def _as_time(value: Any) -> datetime:
    """Raises ValueError, OverflowError."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float):
        return _EPOCH + timedelta(seconds=value / 1000 if value > _MILLISECONDS else value)
    return datetime.fromisoformat(str(value).strip())
