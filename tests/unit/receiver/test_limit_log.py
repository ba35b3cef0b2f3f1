import logging

import pytest

from incidents.policy import Limit
from receiver.limit_log import MOST_REMEMBERED, QUIET_SECONDS, LimitLog


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def counts(caplog: pytest.LogCaptureFixture) -> list[int]:
    return [vars(record)["count"] for record in caplog.records if vars(record).get("action") == "limited"]


@pytest.fixture
def clock(caplog: pytest.LogCaptureFixture) -> Clock:
    caplog.set_level(logging.WARNING, logger="receiver.limit_log")
    return Clock()


def test_a_limit_is_told_once_a_minute_with_all_that_was_cut_since(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    log = LimitLog(clock)
    for _ in range(3):
        log.tell({(Limit.TIMELINE, "r1"): 5}, "grafana")
    assert counts(caplog) == [5]
    clock.seconds += QUIET_SECONDS
    log.tell({(Limit.TIMELINE, "r1"): 5}, "grafana")
    assert counts(caplog) == [5, 15]


def test_limits_and_rules_are_told_apart(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    told = [(Limit.TIMELINE, "r1"), (Limit.TIMELINE, "r2"), (Limit.LABELS, "r1")]
    LimitLog(clock).tell(dict.fromkeys(told, 1), "grafana")
    assert counts(caplog) == [1, 1, 1]


def test_a_million_rules_do_not_flood_the_log_either(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    log = LimitLog(clock)
    log.tell({(Limit.LABELS, f"r{number}"): 1 for number in range(3 * MOST_REMEMBERED)}, "grafana")
    assert len(counts(caplog)) == MOST_REMEMBERED
    clock.seconds += QUIET_SECONDS
    log.tell({(Limit.LABELS, "another"): 1}, "grafana")
    assert len(counts(caplog)) == MOST_REMEMBERED + 1
