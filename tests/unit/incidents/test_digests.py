"""What an edition counts: from its beginning until before its end, beside as long a time before it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.digests.model import Edition, edition_id
from incidents.digests.report import trend_of
from incidents.model import Severity
from incidents.statistics import figures
from tests.unit.bot.editions import DAY, UNTIL, WEEK, WINDOW, a_report, a_trend, an_episode, past

MOMENT = timedelta(microseconds=1)


def test_a_figure_counts_in_the_time_in_which_it_falls() -> None:
    """One opens as the time begins, one as it ends; one ends after it."""
    told = [
        an_episode(1, WEEK.since - MOMENT, lasts=5),
        an_episode(2, WEEK.since, lasts=5),
        an_episode(3, WEEK.until - MOMENT, lasts=5),
        an_episode(4, WEEK.until, lasts=5),
    ]
    this = figures(told, since=WEEK.since, until=WEEK.until, now=UNTIL + WINDOW, reopen_window=WINDOW)
    before = figures(told, since=WEEK.before, until=WEEK.since, now=UNTIL + WINDOW, reopen_window=WINDOW)
    assert (this.opened, this.ended, this.recovered.n) == (2, 2, 2)
    assert (before.opened, before.ended) == (1, 0)
    assert sum(rule.count for rule in this.noisiest) == 2
    assert sum(this.severities.values()) == 2
    unbounded = figures(told, since=WEEK.since, now=UNTIL + WINDOW, reopen_window=WINDOW)
    assert (unbounded.opened, unbounded.ended) == (3, 4)


def test_the_time_before_is_as_long() -> None:
    assert WEEK.since - WEEK.before == timedelta(days=7)
    told = a_report()
    assert told.before is not None
    assert (told.figures.opened, told.before.opened) == (56, 28)


def test_its_subject_names_it() -> None:
    assert edition_id(WEEK.subject) == WEEK.id


@pytest.mark.parametrize(
    ("zone", "since", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 3, 27, tzinfo=UTC), [24, 24, 23, 24]),
        ("Europe/Berlin", datetime(2026, 10, 23, tzinfo=UTC), [24, 24, 25, 24]),
        ("Australia/Lord_Howe", datetime(2026, 10, 2, tzinfo=UTC), [24, 23.5, 24]),
        ("Asia/Seoul", datetime(2026, 10, 2, tzinfo=UTC), [24, 24]),
    ],
)
def test_days_are_those_of_the_clock_on_the_wall(zone: str, since: datetime, hours: list[float]) -> None:
    wall = since.astimezone(ZoneInfo(zone)).replace(hour=9, minute=0)
    days = [(wall + timedelta(days=day)).astimezone(UTC) for day in range(len(hours) + 1)]
    edition = Edition(1, "#a", days[0], days[-1], ZoneInfo(zone))
    trend = trend_of(edition, past(edition, []), WINDOW)
    begins = [step.begins for step in trend.steps]
    assert [f"{one:%H:%M}" for one in begins] == ["09:00"] * len(hours)
    assert [one.astimezone(UTC) for one in begins] == days[:-1]


def test_what_opened_stands_in_its_step_by_how_grave_it_is() -> None:
    trend = a_trend(WEEK, [an_episode(6, WEEK.since + timedelta(days=2, hours=3)), an_episode(7, WEEK.until - MOMENT)])
    assert [step.figures.opened for step in trend.steps] == [0, 0, 1, 0, 0, 0, 1]
    assert dict(trend.steps[2].figures.severities) == {Severity.CRITICAL: 1}
    assert trend.opened == 2


def test_a_day_is_shown_by_its_hours() -> None:
    assert len(a_trend(DAY, []).steps) == 24
