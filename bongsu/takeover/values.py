"""Values as databases hand them out and tools have written them, made ours. What can't be read says why."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from base import codec
from base.codec import CodecError
from incidents.errors import InvalidInput
from receiver.sources.text import REPLACEMENT, clean, text_map
from receiver.sources.times import EARLIEST, LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUE, _FALSE = {"1", "true", "t", "yes", "y", "\x01"}, {"", "0", "false", "f", "no", "n", "\x00"}
_SECONDS = re.compile(r"0|[0-9]{9,}(\.[0-9]*)?|0\.0*")
"""As text. Fewer digits are a date, such as 20260102."""
_MILLISECONDS = 10_000_000_000
"""A number of seconds since 1970 that is larger, is one of milliseconds."""


class Unreadable(ValueError):
    """A row can't be taken. The message says which field, and why."""


class Row:
    """A row of theirs by our names. ``in_utc``: our names of columns whose times are UTC whatever they look like.

    ``guessed``: our names of columns that are called otherwise there, which may hold something else. ``notes`` gathers
    what was left out or changed, each a sentence that is the same for all rows of which it is true.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        columns: Mapping[str, str],
        *,
        zone: tzinfo | None,
        in_utc: frozenset[str],
        guessed: frozenset[str] = frozenset(),
    ) -> None:
        self.values = values
        self.notes = set[str]()
        self._columns, self._zone, self._in_utc, self._guessed = columns, zone, in_utc, guessed

    def get(self, name: str) -> Any:
        """None where they have no such column."""
        their = self._columns.get(name)
        value = None if their is None else self.values[their]
        if not isinstance(value, bytes | bytearray):
            return value
        told = _decoded(value)
        if told is None:
            self.notes.add(f"{name}: not UTF-8, taken with {REPLACEMENT} for what it is not")
        return value.decode("utf-8", "replace") if told is None else told

    def text(self, name: str) -> str:
        """In one piece and fit for our columns; "" for NULL."""
        value = self.get(name)
        return "" if value is None else clean(str(value)).strip()

    def id(self, name: str) -> str:
        """As ``id_text`` has it."""
        their = self._columns.get(name)
        return "" if their is None else id_text(self.values[their])

    def time(self, name: str) -> datetime | None:
        """Aware UTC; None for NULL, 0, and the zero times of MySQL, Unix and Go. Raises Unreadable, InvalidInput."""
        value = self.get(name)
        if value is None or str(value).strip() == "" or str(value).startswith("000"):
            return None
        try:
            told = _as_time(value)
            if told.replace(tzinfo=None) == _EPOCH.replace(tzinfo=None):
                return None
            time = self._aware(name, told).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Unreadable(f"{name}: {str(value)[:60]!r} is no time") from error
        if time == _EPOCH:
            return None
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
            self._leave_out(name, f"{told[:60]!r} is neither true nor false")
        return told in _TRUE

    def count(self, name: str) -> int | None:
        """None for NULL. Raises Unreadable."""
        value = self.get(name)
        try:
            return None if value is None or value == "" else max(0, int(value))
        except (TypeError, ValueError, OverflowError):
            self._leave_out(name, f"{str(value)[:60]!r} is no number")
            return None

    def object(self, name: str, *, otherwise: str = "") -> dict[str, Any]:
        """JSON; {} for NULL and JSON's null. Raises Unreadable, unless ``otherwise`` says what becomes of it then."""
        value = self.get(name)
        try:
            told = codec.loads(value.encode("utf-8", "replace")) if isinstance(value, str) and value else value
        except CodecError as error:
            return self._no_object(name, str(error), otherwise)
        if told is None or told == "":
            return {}
        if isinstance(told, dict):
            return told
        return self._no_object(name, f"a JSON object is needed, this is {str(told)[:60]!r}", otherwise)

    def _no_object(self, name: str, problem: str, otherwise: str) -> dict[str, Any]:
        if otherwise:
            self.notes.add(f"{name}: no JSON object, {otherwise}")
        else:
            self._leave_out(name, problem)
        return {}

    def texts(self, name: str) -> dict[str, str]:
        """JSON, its values as text. Raises Unreadable."""
        return text_map(self.object(name))

    def _leave_out(self, name: str, problem: str) -> None:
        """Raises Unreadable, where that column is called as ours is, or a person named it."""
        if name not in self._guessed:
            raise Unreadable(f"{name}: {problem}")
        self.notes.add(f"{name}: {self._columns[name]!r} can't be read as that, left out")


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
    if isinstance(value, str) and _SECONDS.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, int | float | Decimal):
        return _EPOCH + timedelta(seconds=float(value) / 1000 if value > _MILLISECONDS else float(value))
    return datetime.fromisoformat(str(value).strip())
