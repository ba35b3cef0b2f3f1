"""Parameters that several lists have: how flags, times, names and text are written in a URL."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from receiver.api.shapes import Text

MOST_VALUES = 20
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_HOW = "write a time with its zone, as in 2026-01-31T09:00:00Z (a + in a URL is %2B)"


def _flag(told: Any) -> Any:
    """Raises ValueError."""
    if isinstance(told, str) and told not in {"true", "false"}:
        raise ValueError("write true or false")
    return told


def _moment(told: Any) -> Any:
    """RFC 3339, with a zone. Raises ValueError."""
    if not isinstance(told, str):
        return told
    try:
        time = datetime.fromisoformat(told)
    except ValueError:
        raise ValueError(_HOW) from None
    if "T" not in told.upper() or time.tzinfo is None:
        raise ValueError(_HOW)
    try:
        time = time.astimezone(UTC)
    except OverflowError:
        raise ValueError(_HOW) from None
    if not _EARLIEST <= time < _LATEST:
        raise ValueError("write a time between 1970 and 2200")
    return time


Flag = Annotated[bool, BeforeValidator(_flag)]
Moment = Annotated[datetime, BeforeValidator(_moment), Field(examples=["2026-01-31T09:00:00Z"])]
"""Aware UTC."""
LATER = "2026-02-01T09:00:00Z"
"""The example of an end."""
Name = Annotated[Text, Field(max_length=255)]
"""A label's value, exactly as it is stored; ``""``: no label tells it."""


def behind(since: str) -> AfterValidator:
    """A time that must be later than the one in the field ``since``, where that is given."""

    def check(until: datetime | None, info: ValidationInfo) -> datetime | None:
        begin = info.data.get(since)
        if until is not None and begin is not None and until <= begin:
            raise ValueError(f"it is not later than {since}")
        return until

    return AfterValidator(check)
