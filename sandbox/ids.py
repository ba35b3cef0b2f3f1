"""Identifiers and timestamps: unique for as long as the process lives, through every reset."""

import itertools
import secrets
from collections.abc import Callable


class Ids:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._count = itertools.count(1)
        self._last_microsecond = 0

    def timestamp(self) -> str:
        """As Slack's `ts`: seconds and six digits, each one later than the one before."""
        self._last_microsecond = max(int(self._now() * 1_000_000), self._last_microsecond + 1)
        seconds, micros = divmod(self._last_microsecond, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def new(self, prefix: str) -> str:
        """As Slack's ids: `V000000002A`."""
        return f"{prefix}{next(self._count):010X}"

    def block(self) -> str:
        return f"{next(self._count):05x}"

    def secret(self) -> str:
        return secrets.token_urlsafe(18)
