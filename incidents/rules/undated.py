"""When did an alert begin whose sender never tells it?"""

from datetime import datetime, timedelta

from incidents.model import Series

_NEXT_INSTANT = timedelta(microseconds=1)


def begun_at(series: Series | None, *, is_firing: bool, now: datetime) -> datetime:
    """``series`` is what is known of it. While it fires, it is one firing; after its end it fires anew.

    An end ends the firing that is known.
    """
    if series is None:
        return now
    if series.is_firing or not is_firing:
        return series.starts_at
    return max(now, (series.ends_at or series.starts_at) + _NEXT_INSTANT, series.starts_at + _NEXT_INSTANT)
