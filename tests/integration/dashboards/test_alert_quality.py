"""*Alert quality* over the seeds: each panel's answer, counted by hand from their table."""

from datetime import datetime
from typing import Any

from tests.grafana_reader import Grafana, dashboards
from tests.grafana_sql import Question, Span, Values, questions
from tests.integration.dashboards.seeds import DAY, ODD, whole

QUALITY = "alert-quality.json"


def asked() -> dict[str, Question]:
    """By title; each panel asks once."""
    return {one.where.removesuffix(" A"): one for one in questions(dashboards()[QUALITY])}


async def told(grafana: Grafana, span: Span, title: str, **values: Values) -> list[tuple[Any, ...]]:
    chosen = await grafana.opened(dashboards()[QUALITY], span, **values)
    return list((await grafana.answer(asked()[title], chosen, span)).rows)


def day(begin: datetime, number: int) -> datetime:
    return (begin + number * DAY).replace(tzinfo=None)


def seconds(begin: datetime, number: int) -> int:
    return int((begin + number * DAY).timestamp())


async def test_the_shares_of_all_rules(grafana: Grafana, begin: datetime) -> None:
    span = whole(begin)
    [noise] = await told(grafana, span, "Marked as noise")
    assert (round(float(noise[0]), 4), *noise[1:]) == (round(1 / 18, 4), 1, 18)
    [untouched] = await told(grafana, span, "Recovered before anybody did anything")
    assert (round(float(untouched[0]), 4), *untouched[1:]) == (round(9 / 14, 4), 9, 14)
    [false] = await told(grafana, span, "False recoveries")
    assert (round(float(false[0]), 4), *false[1:]) == (round(3 / 17, 4), 3, 17)
    [stale] = await told(grafana, span, "Stale")
    assert (round(float(stale[0]), 4), *stale[1:]) == (round(1 / 18, 4), 1, 18)
    [alerts] = await told(grafana, span, "Alerts per incident")
    assert (float(alerts[0]), *alerts[1:]) == (204 / 20, 204, 20)


async def test_shares_of_few_are_told_as_numbers(grafana: Grafana, begin: datetime) -> None:
    """Four of the database's ended; and of three rules with five occurrences no share is told either."""
    assert await told(grafana, whole(begin), "Marked as noise", service=["db"]) == [(None, 1, 4)]
    assert await told(grafana, whole(begin), "Rules that nobody acts on") == [(None, 1, 3)]
    assert await told(grafana, whole(begin), "Rules that nobody acts on", service=["db"]) == [(None, 0, 1)]


async def test_days_with_fewer_than_five_have_no_share(grafana: Grafana, begin: datetime) -> None:
    """Day 1 has nine recoveries, four of them untouched; day 2 has four."""
    found = {row[0]: row[1:] for row in await told(grafana, whole(begin), "Shares by day")}
    noise, untouched, false = found[seconds(begin, 1)]
    assert (float(noise), round(float(untouched), 4), float(false)) == (0, round(4 / 9, 4), 0)
    assert found[seconds(begin, 2)] == (None, None, None)
    assert found[seconds(begin, 4)] == (None, None, None)


async def test_the_noisiest_rules(grafana: Grafana, begin: datetime) -> None:
    by_incidents = await told(grafana, whole(begin), "By incidents")
    assert [(row[0], row[1], round(float(row[2]), 4), row[3], row[5]) for row in by_incidents] == [
        ("HighCpu", 8, round(8 / 21, 4), 160, day(begin, 2)),
        ("Checkout5xx", 5, round(5 / 21, 4), 20, day(begin, 1)),
        ("DiskFull", 5, round(5 / 21, 4), 11, day(begin, 8)),
        ("Lag", 2, round(2 / 21, 4), 4, day(begin, 8)),
        ("PodCrashLooping", 1, round(1 / 21, 4), 8, day(begin, 5)),
    ]
    acted_on = {row[0]: None if row[4] is None else float(row[4]) for row in by_incidents}
    assert acted_on == {"HighCpu": 0, "Checkout5xx": 1, "DiskFull": 0.8, "Lag": None, "PodCrashLooping": None}
    by_alerts = await told(grafana, whole(begin), "By alerts")
    assert by_alerts[:3] == [("HighCpu", 160), ("Checkout5xx", 20), ("DiskFull", 11)]
    of_days = await told(grafana, whole(begin), "The five noisiest, by day")
    assert of_days[:3] == [
        (seconds(begin, 1), "Checkout5xx", 5),
        (seconds(begin, 1), "HighCpu", 4),
        (seconds(begin, 2), "HighCpu", 4),
    ]


async def test_rules_that_nobody_ever_acted_on(grafana: Grafana, begin: datetime) -> None:
    """Not the one with four occurrences of five, though nobody touched these either, once a day is left out."""
    assert await told(grafana, whole(begin), "Rules to mend or to delete") == [("HighCpu", 8, 160, 0, day(begin, 2))]
    first_day = Span(begin + DAY, begin + 2 * DAY)
    assert await told(grafana, first_day, "Rules to mend or to delete") == []


async def test_rules_that_flap(grafana: Grafana, begin: datetime) -> None:
    assert await told(grafana, whole(begin), "Rules that come and go") == [("PodCrashLooping", 1, 3, 4, None, 1)]
    assert await told(grafana, whole(begin), "Rules that come and go", cluster=["prod-a"]) == []
    [now] = await told(grafana, whole(begin), "Flapping now")
    url = "https://slack.com/archives/C0INCIDENTS/p1700000000000019"
    assert now[:-1] == ("INC-19", "open", url, "lag of checkout", "critical", "checkout", 1)


async def test_marks_count_for_the_day_on_which_they_were_set(grafana: Grafana, begin: datetime) -> None:
    assert await told(grafana, whole(begin), "Rules that people call noise") == [
        ("HighCpu", 1, 1, 8, 160),
        ("DiskFull", 1, 0, 5, 11),
    ]
    marked = {row[0]: row[1:] for row in await told(grafana, whole(begin), "Marks by day")}
    assert {at: row for at, row in marked.items() if any(row)} == {
        seconds(begin, 3): (1, 0),
        seconds(begin, 4): (1, 1),
    }


async def test_what_falls_silent(grafana: Grafana, begin: datetime) -> None:
    assert await told(grafana, whole(begin), "Rules that fall silent") == [("DiskFull", 1, 4, None)]
    rows = await told(grafana, whole(begin), "Open, and silent for longest")
    assert [(row[0], row[6]) for row in rows] == [("INC-19", None), ("INC-20", "U0ALICE")]
    assert rows[0][8] > rows[1][8] > 0


async def test_what_is_chosen_narrows_it_down(grafana: Grafana, begin: datetime) -> None:
    odd = ODD.replace("\\", "\\\\")
    assert await told(grafana, whole(begin), "By alerts", service=[odd]) == [("PodCrashLooping", 8)]
    assert await told(grafana, whole(begin), "By alerts", severity=["critical"]) == [("Checkout5xx", 20), ("Lag", 2)]
    assert await told(grafana, whole(begin), "By alerts", cluster=[""]) == [("trial", 1)]
    both = await told(grafana, whole(begin), "By alerts", service=["db", "web"], cluster=["prod-b"])
    assert both == [("DiskFull", 11), ("Lag", 2)]


async def test_a_variable_offers_what_is_there(grafana: Grafana, begin: datetime) -> None:
    chosen = {one.name: one for one in await grafana.opened(dashboards()[QUALITY], whole(begin), cluster=["prod-b"])}
    assert chosen["cluster"].options == ["", "prod-a", "prod-b"], "the first one is called (none)"
    assert chosen["service"].options == ["db", ODD.replace("\\", "\\\\")]
