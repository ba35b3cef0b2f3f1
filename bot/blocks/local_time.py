"""Times where Slack shows none in the reader's zone: on buttons and in menus, which hold plain text."""

from datetime import datetime, timedelta, tzinfo

from bot.language import mark, t

_DAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))
_WEEK = timedelta(days=6)


def local_time(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """``14:30`` today, ``Mon 09:00`` within a week, else ``2026-12-01 09:00``."""
    told, today = at.astimezone(zone), now.astimezone(zone).date()
    if told.date() == today:
        return f"{told:%H:%M}"
    if today < told.date() <= today + _WEEK:
        return t("{day} {time}", day=t(_DAYS[told.weekday()]), time=f"{told:%H:%M}")
    return f"{told:%Y-%m-%d %H:%M}"
