"""Reading what an event's data hold, whatever a newer or older version has written there."""

from datetime import datetime

from incidents.model import Event


def text_in(event: Event, name: str) -> str:
    """Empty where there is none."""
    value = event.data.get(name)
    return str(value) if value is not None else ""


def time_in(event: Event, name: str) -> datetime | None:
    """The aware time that an event's data holds under this name; None where it holds none."""
    try:
        told = datetime.fromisoformat(text_in(event, name))
    except ValueError:
        return None
    return told if told.tzinfo else None


def count_in(event: Event, name: str) -> int:
    """0 where there is none."""
    count = event.data.get(name)
    return count if isinstance(count, int) and count > 0 else 0
