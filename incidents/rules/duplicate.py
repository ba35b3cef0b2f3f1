"""Has this very body been taken a moment ago, and has nothing been heard of its series since?"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from incidents.model import Series
from incidents.ports import SeenBody


def is_duplicate(seen: SeenBody | None, series: Iterable[Series], *, now: datetime, window: timedelta) -> bool:
    """``series`` are those that the body speaks of. Another delivery about one of them makes the repetition news."""
    if seen is None or now - seen.last_seen_at > window:
        return False
    return all(one.last_delivery_id == seen.delivery_id for one in series)
