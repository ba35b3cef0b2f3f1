"""Foreign text on a terminal: without control characters, which could move its cursor or colour it."""

from datetime import UTC, datetime

from bot.blocks.text import clip, duration, lines, one_line


def line(text: str, limit: int) -> str:
    """On one line, clipped."""
    return clip(one_line(text), limit)


def paragraph(text: str, limit: int) -> list[str]:
    """The lines of the first ``limit`` characters."""
    return lines(clip(text, limit))


def moment(at: datetime) -> str:
    """``2026-01-02 10:12:03``, UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def ago(at: datetime, now: datetime) -> str:
    return f"{duration(now - at)} ago"
