"""Is Slack away, or was that a hiccup?"""

from datetime import timedelta

from incidents.outbox import Priority
from incidents.rules.outage import OUTAGE_AFTER, TRIALS, is_outage
from tests.building import T0, minutes


def test_five_minutes_without_an_answer_are_an_outage() -> None:
    assert not is_outage(T0, now=minutes(5) - timedelta(seconds=1))
    assert is_outage(T0, now=T0 + OUTAGE_AFTER)


def test_one_message_is_tried_at_a_time_whatever_it_is() -> None:
    busy = TRIALS.after_one(None, now=T0)
    for priority in Priority:
        assert not TRIALS.allows(busy, now=T0 + timedelta(seconds=9), priority=priority)
        assert TRIALS.allows(busy, now=T0 + timedelta(seconds=10), priority=priority)
