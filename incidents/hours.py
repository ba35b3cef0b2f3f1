"""Full hours: what a notice tells of, by a name that the outbox knows it by."""

from datetime import UTC, datetime


def full_hour(at: datetime) -> datetime:
    """The one that ``at`` lies in, aware UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hour_name(hour: datetime) -> str:
    """``20260102T10``"""
    return f"{hour:%Y%m%dT%H}"


def hour_named(name: str) -> datetime:
    """The hour of this name, aware UTC. Raises ValueError for any other text."""
    return datetime.strptime(f"{name}+0000", "%Y%m%dT%H%z")
