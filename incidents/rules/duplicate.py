"""Has this very body been taken a moment ago, and has nothing been heard of its series since?"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from incidents.arrivals import SeenBody
from incidents.model import Series

AT_LEAST_EACH = timedelta(hours=1)
"""So often a body that is repeated without a pause counts as heard: else its incident would be taken for stale."""


def is_duplicate(seen: SeenBody | None, series: Iterable[Series], *, now: datetime, window: timedelta) -> bool:
    """``series`` are those that the body speaks of. Another delivery about one of them makes the repetition news."""
    if seen is None or now - seen.last_seen_at > window or now - seen.taken_at > AT_LEAST_EACH:
        return False
    return all(one.last_delivery_id == seen.delivery_id for one in series)
