"""May one more call go to Slack now?"""

from datetime import datetime, timedelta

import pytest

from incidents.outbox import Priority
from incidents.rules.pace import POSTS, UPDATES, Pace
from tests.building import T0


def after(pace: Pace, count: int) -> datetime | None:
    until = None
    for _ in range(count):
        until = pace.after_one(until, now=T0)
    return until


def allowed_at_once(pace: Pace, priority: Priority) -> int:
    """How many go out in one instant."""
    return next(n for n in range(1000) if not pace.allows(after(pace, n), now=T0, priority=priority))


@pytest.mark.parametrize("priority", Priority)
def test_one_post_a_second_whoever_asks(priority: Priority) -> None:
    assert allowed_at_once(POSTS, priority) == 1
    busy = after(POSTS, 1)
    assert not POSTS.allows(busy, now=T0 + timedelta(seconds=1.0), priority=priority)
    assert POSTS.allows(busy, now=T0 + timedelta(seconds=1.1), priority=priority)


def test_half_of_the_burst_of_updates_is_kept_for_clicks() -> None:
    assert allowed_at_once(UPDATES, Priority.UPDATE) == 11
    assert allowed_at_once(UPDATES, Priority.CLICK) == 21


def test_updates_stay_under_fifty_a_minute_once_the_burst_is_spent() -> None:
    busy = after(UPDATES, 21)
    assert busy is not None
    a_minute_later = [busy]
    while UPDATES.allows(a_minute_later[-1], now=T0 + timedelta(minutes=1), priority=Priority.CLICK):
        a_minute_later.append(UPDATES.after_one(a_minute_later[-1], now=T0 + timedelta(minutes=1)))
    assert len(a_minute_later) - 1 <= 50


def test_a_way_that_was_quiet_is_not_busy_from_the_past() -> None:
    assert POSTS.after_one(T0 - timedelta(hours=1), now=T0) == T0 + timedelta(seconds=1.1)
