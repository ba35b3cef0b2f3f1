"""*Incident management (SRE)*: what its panels answer of a past that is known by hand; see the table in ``seeds``."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from dashboards.build.incidents.board import INCIDENT_MANAGEMENT
from dashboards.build.incidents.places import SEVERITIES
from tests.grafana_reader import Grafana, dashboards, let_read
from tests.grafana_sql import Chosen, Span, Values, expand, questions
from tests.integration.dashboards.seeds import CHECKOUT, DAY, ODD, Past, Seed, day_0, seed, whole
from tests.mariadb import Server, wait_for
from tests.migrated import MariaDBPool

FILE = INCIDENT_MANAGEMENT.file
HOUR = timedelta(hours=1)
WITHIN = 0.02
"""Of days, by which part of itself a percentile may be wrong."""
MINUTE = 60


async def told(grafana: Grafana, title: str, span: Span, **values: Values) -> list[dict[str, Any]]:
    """What that panel shows."""
    dashboard = dashboards()[FILE]
    chosen = await grafana.opened(dashboard, span, **values)
    [question] = [one for one in questions(dashboard) if one.where == f"{title} A"]
    return (await grafana.answer(question, chosen, span)).named


async def one(grafana: Grafana, title: str, span: Span, **values: Values) -> Any:
    """The first figure of a panel of one row."""
    [row] = await told(grafana, title, span, **values)
    return next(iter(row.values()))


def day(begin: datetime, number: int) -> Span:
    """To the second: a day is short."""
    return Span(begin + number * DAY, begin + (number + 1) * DAY)


async def test_what_is_open_now(grafana: Grafana, begin: datetime) -> None:
    span = whole(begin)
    assert [await one(grafana, title, span) for title in ("Open", "Unacknowledged", "Critical")] == [2, 1, 1]
    assert await one(grafana, "Open", span, status=["acknowledged"]) == 1
    assert await one(grafana, "Open", span, status=["acknowledged"], service=["checkout"]) == 0
    assert await one(grafana, "Open", span, severity=["critical", "error"], cluster=["prod-b"]) == 1
    assert await one(grafana, "Open", span, tenant="other") == 0


async def test_what_is_open_leads_to_its_card(grafana: Grafana, begin: datetime) -> None:
    rows = await told(grafana, "Open incidents", whole(begin))
    assert [(row["incident"], row["status"], row["owner"], row["alerts"]) for row in rows] == [
        ("INC-19", "active", None, 2), ("INC-20", "acknowledged", "U0ALICE", 2),
    ]  # fmt: skip
    assert [(row["card"], row["url"]) for row in rows] == [
        ("open", f"https://slack.com/archives/C0INCIDENTS/p17000000000000{number}") for number in (19, 20)
    ]


async def test_what_slack_does_not_have_yet_leads_nowhere(alone: Grafana, begin: datetime) -> None:
    """Grafana makes a link of each cell of such a column: in an empty one there is nothing to click."""
    [row] = await told(alone, "Open incidents", whole(begin))
    assert (row["card"], row["url"]) == ("", "")
    columns = next(panel.columns for panel in INCIDENT_MANAGEMENT.panels if panel.title == "Open incidents")
    assert [name for name, column in columns.items() if column.link] == ["card"]


@pytest.mark.parametrize(
    ("panel", "expected"),
    [
        ("Traffic: alerts per minute", {"critical": 22, "warning": 168, "error": 13, "info": 1}),
        ("Errors: incidents per minute", {"critical": 6, "warning": 9, "error": 6, "info": 1}),
    ],
)
async def test_rates_add_up_to_what_came(
    grafana: Grafana, begin: datetime, panel: str, expected: Mapping[str, int]
) -> None:
    rows = await told(grafana, panel, whole(begin))
    counted = {name: sum(float(row["per_minute"]) * 60 for row in rows if row["metric"] == name) for name in expected}
    assert counted == pytest.approx(expected, rel=0.01)
    assert {row["metric"] for row in rows} == set(expected)
    of_place = await told(grafana, panel, whole(begin), namespace=["pay"])
    assert sum(float(row["per_minute"]) * 60 for row in of_place) == pytest.approx(expected["critical"], rel=0.01)


async def test_the_last_hours_are_told_by_the_minute_as_they_came(grafana: Grafana, begin: datetime) -> None:
    ten = begin + DAY + 10 * HOUR
    rows = await told(grafana, "Traffic: alerts per minute", Span(ten - HOUR, ten + HOUR - timedelta(seconds=1)))
    assert [(row["time"], row["metric"], row["per_minute"]) for row in rows] == [
        (int((ten - HOUR).timestamp()), "warning", 20), (int(ten.timestamp()), "critical", 4),
    ]  # fmt: skip


async def test_a_minute_that_is_not_over_is_no_lull(grafana: Grafana, begin: datetime) -> None:
    """4 alerts in the first half of an hour are as many per minute as 8 in a whole one."""
    half = begin + DAY + 10 * HOUR + timedelta(minutes=30)
    rows = await told(grafana, "Traffic: alerts per minute", Span(half - 10 * HOUR, half))
    assert float(rows[-1]["per_minute"]) == pytest.approx(4 / 30, rel=0.001)


async def test_times_of_a_day_are_to_the_second(grafana: Grafana, begin: datetime) -> None:
    rows = {row["time"]: row for row in await told(grafana, "Times, now and before", day(begin, 1))}
    acknowledge, recover = rows["to acknowledge"], rows["to recover"]
    assert [acknowledge[name] for name in ("p50", "p90", "p99", "n")] == [3 * MINUTE, 10 * MINUTE, 10 * MINUTE, 5]
    assert [recover[name] for name in ("p50", "p90", "n")] == [10 * MINUTE, 50 * MINUTE, 9]
    assert [float(row["coverage"]) for row in (acknowledge, recover)] == pytest.approx([5 / 9, 1], abs=0.0001)
    close = rows["to close by hand"]
    assert (close["n"], close["coverage"], close["p50"]) == (0, 0, None), "nine ended, and none of them by hand"


async def test_times_of_days_are_within_two_per_cent(grafana: Grafana, begin: datetime) -> None:
    rows = {row["time"]: row for row in await told(grafana, "Times, now and before", whole(begin))}
    acknowledge, recover, close = (rows[f"to {name}"] for name in ("acknowledge", "recover", "close by hand"))
    assert [acknowledge[name] for name in ("p50", "p90")] == pytest.approx([5 * MINUTE, 12 * MINUTE], rel=WITHIN)
    assert [recover[name] for name in ("p50", "p90")] == pytest.approx([5 * MINUTE, 40 * MINUTE], rel=WITHIN)
    assert [row["n"] for row in (acknowledge, recover, close)] == [8, 14, 2]
    assert (close["p50"], close["p90"]) == (None, None), "of two nothing is told"
    assert [float(row["coverage"]) for row in (acknowledge, recover, close)] == pytest.approx(
        [8 / 20, 14 / 18, 2 / 18], abs=0.0001
    )


@pytest.mark.parametrize("days", [1, 2], ids=["to the second", "of days"])
async def test_the_period_before_is_as_long(grafana: Grafana, begin: datetime, days: int) -> None:
    """Day 1 is before, with five that were acknowledged; nobody acknowledged anything of day 2."""
    span = Span(begin + 2 * DAY, begin + (2 + days) * DAY)
    [row] = [row for row in await told(grafana, "Times, now and before", span) if row["time"] == "to acknowledge"]
    assert (row["n"], row["n before"]) == (2 if days == 2 else 0, 5)
    assert (row["p50"], row["p50 change"]) == (None, None)
    assert row["p50 before"] == pytest.approx(3 * MINUTE, rel=WITHIN)
    assert float(row["coverage before"]) == pytest.approx(5 / 9, abs=0.0001)


async def test_where_nobody_came_the_coverage_is_0_and_not_hidden(grafana: Grafana, begin: datetime) -> None:
    """Nobody has ever acknowledged anything of the web's, by days or to the second; of nothing, nothing is told."""
    for span in (whole(begin), Span(begin + DAY, begin + 2 * DAY - timedelta(hours=1))):
        rows = {row["time"]: row for row in await told(grafana, "Times, now and before", span, service=["web"])}
        assert list(rows) == ["to acknowledge", "to recover", "to close by hand"]
        few = span != whole(begin)
        assert (rows["to acknowledge"]["n"], rows["to acknowledge"]["p50"]) == (0, None)
        assert rows["to acknowledge"]["coverage"] == (None if few else 0)
        assert (rows["to recover"]["n"], rows["to close by hand"]["n"]) == (4 if few else 8, 0)
    assert await told(grafana, "Times, now and before", day(begin, 7), service=["web"]) == []


async def test_shares(grafana: Grafana, begin: datetime) -> None:
    shares = {
        "Acknowledged within 5 min": 4 / 19, "Acknowledged within 15 min": 8 / 19,
        "Recovered before anybody came": 9 / 14, "Noise": 1 / 18,
    }  # fmt: skip
    for title, expected in shares.items():
        assert float(await one(grafana, title, whole(begin))) == pytest.approx(expected, abs=0.0001), title
    assert await one(grafana, "Noise", day(begin, 4)) is None, "of two, one"


async def test_days_and_seconds_agree(grafana: Grafana, begin: datetime) -> None:
    """Each day to the second, and once more with the empty hours around it, which makes it a range of days."""
    for number in (1, 2, 3, 4, 5, 8):
        short = day(begin, number)
        long = Span(short.since - timedelta(seconds=1), short.until + 2 * HOUR)
        days = await told(grafana, "State transitions", long)
        of_day = [row for row in days if row["time"] == int(short.since.timestamp())]
        assert summed(await told(grafana, "State transitions", short)) == summed(of_day), number


def summed(rows: list[dict[str, Any]]) -> dict[str, int]:
    names = {name for row in rows for name in row} - {"time"}
    return {name: int(sum(row[name] for row in rows)) for name in names}


async def test_what_flaps_is_one_occurrence(grafana: Grafana, begin: datetime) -> None:
    counted = summed(await told(grafana, "State transitions", day(begin, 5)))
    assert (counted["opened"], counted["recovered"]) == (1, 1)
    rows = {row["time"]: row for row in await told(grafana, "Times, now and before", day(begin, 5))}
    assert {name: (row["n"], row["p50"], row["coverage"]) for name, row in rows.items()} == {
        "to acknowledge": (0, None, None), "to recover": (1, None, None), "to close by hand": (0, None, None),
    }  # fmt: skip


async def test_where_it_happens(grafana: Grafana, begin: datetime) -> None:
    span = whole(begin)
    assert ranked(await told(grafana, "Top services by incidents", span), "service") == [
        ("web", 8), ("checkout", 6), ("db", 5), (ODD, 1),
    ]  # fmt: skip
    assert ranked(await told(grafana, "Top services by alerts", span), "service") == [
        ("web", 160), ("checkout", 22), ("db", 13), (ODD, 8), ("(none)", 1),
    ]  # fmt: skip
    assert ranked(await told(grafana, "Clusters", span), "cluster") == [("prod-a", 14), ("prod-b", 6)]
    assert ranked(await told(grafana, "Clusters", day(begin, 1)), "cluster") == [("prod-a", 9)]
    odd = ODD.replace("\\", "\\\\")
    assert ranked(await told(grafana, "Top services by alerts", span, service=[odd]), "service") == [(ODD, 8)]
    assert ranked(await told(grafana, "Top services by alerts", span, phase=["dev"]), "service") == [(ODD, 8)]


def ranked(rows: list[dict[str, Any]], by: str) -> list[tuple[str, int]]:
    return [(row[by], int(sum(row[name] for name in SEVERITIES))) for row in rows]


async def test_services_with_their_times(grafana: Grafana, begin: datetime) -> None:
    for span in (whole(begin), day(begin, 1)):
        rows = {row["service"]: row for row in await told(grafana, "Services, their times and noise", span)}
        checkout, web = rows["checkout"], rows["web"]
        assert [checkout[name] for name in ("ack p50", "ack p90", "recover p50", "recover p90")] == pytest.approx(
            [3 * MINUTE, 10 * MINUTE, 30 * MINUTE, 50 * MINUTE], rel=WITHIN
        )
        assert (web["ack p50"], checkout["untouched"]) == (None, 0)
    assert rows["web"]["untouched"] is None, "four are too few for a share"


async def test_hours_are_in_the_zone_that_is_chosen(grafana: Grafana, begin: datetime) -> None:
    panel, span = "Alerts by hour and weekday", whole(begin)
    weekday = f"{begin + DAY:%a}"
    here = {row["weekday"]: row for row in await told(grafana, panel, span)}
    assert sum(value for row in here.values() for name, value in row.items() if name != "weekday") == 204
    assert [here[weekday][hour] for hour in ("10", "11", "12", "13", "14")] == [4] * 5
    there = {row["weekday"]: row for row in await told(grafana, panel, span, utc_offset="+09:00")}
    assert [there[weekday][hour] for hour in ("19", "20", "21", "22", "23")] == [4] * 5
    west = {row["weekday"]: row for row in await told(grafana, panel, span, utc_offset="-09:30")}
    assert [west[weekday][hour] for hour in ("00", "01", "02", "03", "04")] == [4] * 5
    day_after = f"{begin + 2 * DAY:%a}"
    east = {row["weekday"]: row for row in await told(grafana, panel, span, utc_offset="+14:00")}
    assert [east[day_after][hour] for hour in ("00", "01", "02", "03", "04")] == [4] * 5


async def test_without_a_rule_there_is_no_budget(grafana: Grafana, begin: datetime) -> None:
    assert await told(grafana, "Error budget by service", whole(begin)) == []
    assert await one(grafana, "Budget left, the worst", whole(begin)) is None


async def test_the_budget_knows_bad_and_unknown_apart(grafana: Grafana, begin: datetime) -> None:
    """``disk``: 3 hours of bad; noise, stale and merged, 522 minutes, are unknown. ``cpu``: silent for a week."""
    values: dict[str, Values] = {"sli": ["disk", "cpu"], "window_days": "7", "target": "99"}
    rows = {row["service"]: row for row in await told(grafana, "Error budget by service", whole(begin), **values)}
    bad, unknown, week = 180 * 60, (2 + 500 + 20) * 60, 7 * 86400
    assert (rows["db"]["bad"], rows["db"]["unknown"]) == (bad, unknown)
    assert float(rows["db"]["allowed"]) == pytest.approx((week - unknown) / 100)
    assert float(rows["db"]["budget left"]) == pytest.approx(1 - bad / (week - unknown) * 100, rel=0.001)
    assert float(rows["web"]["budget left"]) == 1
    [worst] = await told(grafana, "Burn rate, the worst", whole(begin), sli=["lag"], target="99.9")
    assert [float(worst[f"burn {period}"]) for period in ("1h", "6h")] == pytest.approx([1000, 1000])
    assert float(worst["burn 3d"]) == pytest.approx(2 / 3 * 1000, rel=0.001)


OVERLAPPING = (
    Seed("slow", "critical", *CHECKOUT, 60, [Past(0, None, 30, "recovered")]),
    Seed("down", "critical", *CHECKOUT, 70, [Past(0, None, 10, "recovered")]),
    Seed("slow", "critical", *CHECKOUT, 85, [Past(0, None, 30, "recovered")]),
    Seed("down", "critical", *CHECKOUT, 100, [Past(0, None, 30, "no_data")]),
)
"""Minutes 60–90, 70–80, 85–115; and 100–130, of which nobody knows."""


@pytest.fixture
async def overlapping(own_mariadb: Server, mariadb_pool: MariaDBPool) -> AsyncIterator[Grafana]:
    with mariadb_pool.lend() as name:
        wait_for(seed(own_mariadb.url(name), day_0(), OVERLAPPING))
        let_read(own_mariadb, name)
        async with Grafana.of(own_mariadb, name) as made:
            yield made


async def test_a_minute_is_bad_once_however_many_rules_fire(overlapping: Grafana) -> None:
    span = whole(day_0())
    [row] = await told(overlapping, "Error budget by service", span, sli=["slow", "down"], window_days="14")
    assert (row["bad"], row["unknown"]) == (55 * 60, 15 * 60)


LIVE = {
    "Open", "Unacknowledged", "Critical", "Oldest unacknowledged", "Slack is behind by", "Last alert", "Open incidents",
    "Budget left, the worst", "Burn rate, the worst", "Error budget by service",
}  # fmt: skip
"""They read incidents by an index, few of them."""


async def test_of_long_ranges_only_sums_are_read(grafana: Grafana, begin: datetime) -> None:
    """A month may have ten million alerts: whether a panel is for short ranges is decided before anything is read."""
    dashboard, span = dashboards()[FILE], whole(begin)
    for values in ({}, {"service": ["web"]}):
        chosen = await grafana.opened(dashboard, span, **values)
        for question in questions(dashboard):
            if question.where.removesuffix(" A") not in LIVE:
                assert await read(grafana, expand(question.sql, chosen, span).sql) <= SUMS, question.where


SUMS = {"daily_places", "daily_times", "daily_figures", "hourly_alerts", "alert_rollups", "tenants"}
_ALIASES = {"d": "daily_places", "h": "hourly_alerts", "r": "alert_rollups"}


async def read(grafana: Grafana, sql: str) -> set[str]:
    """The tables that the server would read for it, by their names or aliases; not what it makes itself."""
    plan = await grafana.ask(f"EXPLAIN {sql}")
    tables = {row["table"] for row in plan.named if row["table"] is not None}
    made = set(re.findall(r"(\w+) AS \(", sql))
    real = {name for name in tables if not re.fullmatch(r"<.*>|t\d*", name) and name not in made}
    return {_ALIASES.get(name, name) for name in real}


def test_a_choice_of_everything_is_written_once() -> None:
    """No value is called like it, so that nothing else can mean everything."""
    sql = "SELECT (${service:sqlstring})"
    everything = Chosen("service", ["$__all"], ["a"], multi=True, include_all=True, all_value="'(all)'")
    assert expand(sql, [everything], whole(day_0())).sql == "SELECT ('(all)')"
