"""Each SQL panel and each variable of each dashboard, whatever is in the database and whatever is chosen."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from asyncmy.errors import MySQLError

from tests.grafana_reader import Answer, Grafana, WarnedError, sql_dashboards
from tests.grafana_sql import Chosen, GrafanaError, Question, Span, Values, questions, variables_of
from tests.integration.dashboards.seeds import DAY, ODD, whole

TEN_YEARS = 3650 * DAY
ODD_VALUES = ("O'Neil", 'the "old" one', "a,b", "100%", "", "ünïcode 봉수 🔥", "--", "'; DROP TABLE alerts; --")
_MEASURED = ("s", "ms", "percent", "percentunit", "dtdurations", "clockms")
"""Units of which 0 says something: that it took no time, or that nothing was good."""
_FAILURES = (MySQLError, GrafanaError, WarnedError)

Dashboard = Mapping[str, Any]


@pytest.fixture(params=[pytest.param(told, id=name) for name, told in sql_dashboards().items()])
def dashboard(request: pytest.FixtureRequest) -> Dashboard:
    told: Dashboard = request.param
    return told


async def asked(grafana: Grafana, dashboard: Dashboard, span: Span, **values: Values) -> AsyncIterator[Any]:
    """Each question with its answer, or with what went wrong."""
    chosen = await grafana.opened(dashboard, span, **values)
    for question in questions(dashboard):
        try:
            yield question, await grafana.answer(question, chosen, span)
        except _FAILURES as error:
            yield question, error


async def mistakes(grafana: Grafana, dashboard: Dashboard, span: Span, **values: Values) -> list[str]:
    """What Grafana would stumble over, in words."""
    found = []
    async for question, answer in asked(grafana, dashboard, span, **values):
        told = [repr(answer)] if isinstance(answer, Exception) else list(misshapen(question, answer))
        found += [f"{question}: {one}" for one in told]
    return found


def misshapen(question: Question, answer: Answer) -> Iterator[str]:
    """A time series is sorted by its time, and all else in it but the metric's name is a number."""
    if question.format != "time_series":
        return
    if "time" not in answer.columns:
        yield f"no column is called time: {answer.columns}"
        return
    times = [row["time"] for row in answer.named]
    if None in times or times != sorted(times):
        yield "its times are not in order"
    for row in answer.named:
        texts = [name for name, value in row.items() if name not in ("time", "metric") and isinstance(value, str)]
        if texts:
            yield f"no numbers: {texts}"
            return


async def zeros(grafana: Grafana, dashboard: Dashboard, span: Span) -> list[str]:
    """Where nothing is known, and yet 0 is told of a time or a share."""
    found = []
    async for question, answer in asked(grafana, dashboard, span):
        told = [] if isinstance(answer, Exception) else answer.named
        found += [
            f"{question}: {name}"
            for row in told
            for name, value in row.items()
            if question.unit_of(name) in _MEASURED and is_zero(value)
        ]
    return found


def is_zero(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value == 0


def odd_choices(dashboard: Dashboard) -> dict[str, Sequence[str]]:
    return {one.name: ODD_VALUES for one in variables_of(dashboard) if one.multi}


def test_there_are_dashboards() -> None:
    assert sql_dashboards()


def test_each_panel_says_what_it_shows(dashboard: Dashboard) -> None:
    assert not [str(one) for one in questions(dashboard) if one.kind and not one.description]


async def test_of_a_past_that_is_known(grafana: Grafana, begin: datetime, dashboard: Dashboard) -> None:
    assert not await mistakes(grafana, dashboard, whole(begin))
    assert not await mistakes(grafana, dashboard, whole(begin), **odd_choices(dashboard))
    assert not await mistakes(grafana, dashboard, Span(begin - TEN_YEARS, begin + 10 * DAY))
    assert not await mistakes(grafana, dashboard, Span(begin - TEN_YEARS, begin - DAY))


async def test_what_is_chosen_from_the_data_is_found_again(
    grafana: Grafana, begin: datetime, dashboard: Dashboard
) -> None:
    """A service whose name has quotes, commas and a backslash is still that service."""
    if "service" not in {one.name for one in variables_of(dashboard)}:
        pytest.skip("no such variable")
    [service] = [one for one in await grafana.opened(dashboard, whole(begin)) if one.name == "service"]
    found = [one for one in service.options if one.startswith("it's")]
    assert len(found) == 1
    assert not await mistakes(grafana, dashboard, whole(begin), service=found)
    assert await read_back(grafana, service, found) == ODD


async def read_back(grafana: Grafana, service: Chosen, found: Sequence[str]) -> str:
    question = Question("", "", "SELECT DISTINCT service FROM incidents WHERE service IN (${service:sqlstring})")
    chosen = Chosen("service", found, service.options, multi=True)
    return str((await grafana.answer(question, [chosen], whole(dt.datetime.now(dt.UTC)))).value)


async def test_of_nothing(nothing: Grafana, begin: datetime, dashboard: Dashboard) -> None:
    assert not await mistakes(nothing, dashboard, whole(begin))
    assert not await zeros(nothing, dashboard, whole(begin))


async def test_of_one_incident_that_has_not_ended(alone: Grafana, begin: datetime, dashboard: Dashboard) -> None:
    """So nobody has acknowledged or resolved anything: there is no such time, and no share of any."""
    assert not await mistakes(alone, dashboard, whole(begin))
    assert not await zeros(alone, dashboard, whole(begin))


@pytest.mark.parametrize(
    "what",
    [
        "raw_payload FROM alerts", "labels FROM alerts", "annotations FROM alerts", "data FROM incident_events",
        "last_error FROM outbox", "noise_reason FROM incidents", "* FROM incident_series", "* FROM grafana_alerts",
        "* FROM api_keys", "* FROM deliveries",
    ],
)  # fmt: skip
async def test_what_no_panel_needs_is_not_to_be_read(nothing: Grafana, what: str) -> None:
    with pytest.raises(MySQLError, match="denied"):
        await nothing.ask(f"SELECT {what}")
