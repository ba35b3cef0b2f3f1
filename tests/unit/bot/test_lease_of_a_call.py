"""A call to Slack begins only while the row is ours for as long as the call may take."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from bot.client import _CALL_SECONDS
from bot.publisher.deliver import SEND_WITHIN, SEND_WITHIN_ANEW, Courier
from bot.publisher.late_call import LateCalls
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.slack import Place
from db.queries.publishing import LEASE, LEASE_ANEW
from incidents.outbox import Job, OutboxKind
from incidents.policy import Policies, Policy

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


class Row:
    """A row of the outbox, as far as a late call looks at it."""

    def __init__(self, *, is_ours: bool = True, ts: str = "") -> None:
        self.is_ours, self.ts = is_ours, ts
        self.held = self.touched = 0
        self.publishing = self
        self.takes = 0.0
        self.now = 0.0

    async def hold(self, _: Job) -> bool:
        self.now += self.takes
        self.takes = 0.0
        self.held += 1
        return self.is_ours

    async def shown_by_another(self, _: Job) -> tuple[str, datetime] | None:
        return None if self.is_ours else (self.ts, SINCE)

    async def touch(self, _: Job) -> None:
        self.touched += 1

    async def write(self, work: Callable[[Any], Awaitable[Any]], *, patience: timedelta) -> Any:
        return await work(self)

    read = write


class Slack:
    """What stands in the channel, by ts."""

    def __init__(self, *posted: str) -> None:
        self.posted = list(posted)

    async def find(self, _job: Job, channel_id: str, *, since: datetime, besides: str) -> Place | None:
        assert since == SINCE
        found = next((ts for ts in self.posted if ts != besides), None)
        return found and Place(channel_id, found, 1)  # type: ignore[return-value]

    async def delete(self, place: Place) -> None:
        self.posted.remove(place.ts)


def job(ts: str | None = None) -> Job:
    values = dict.fromkeys(Job.__dataclass_fields__)
    return Job(**{**values, "id": 1, "kind": OutboxKind.CARD, "channel": "C1", "ts": ts, "fence": 1})  # type: ignore[arg-type]


def courier(row: Row) -> Courier:
    metrics = PublisherMetrics(CollectorRegistry())
    return Courier(cast("Any", row), cast("Any", SimpleNamespace()), Policies(Policy()), metrics, clock=lambda: row.now)


def test_a_call_has_ended_before_the_lease_has() -> None:
    assert timedelta(seconds=SEND_WITHIN + _CALL_SECONDS) < LEASE
    assert timedelta(seconds=SEND_WITHIN_ANEW + _CALL_SECONDS) < LEASE_ANEW


async def test_soon_after_claiming_nothing_is_asked() -> None:
    row = Row()
    assert await courier(row)._may_send(job(), SEND_WITHIN)
    assert row.held == 0


async def test_later_the_row_is_leased_anew_and_again_if_that_took_too_long() -> None:
    row = Row()
    row.now, row.takes = SEND_WITHIN, SEND_WITHIN_ANEW + 1
    assert await courier(row)._may_send(job(), SEND_WITHIN)
    assert row.held == 2


async def test_what_another_has_taken_over_is_not_sent() -> None:
    row = Row(is_ours=False)
    row.now = SEND_WITHIN
    assert not await courier(row)._may_send(job(), SEND_WITHIN)


async def no_rest(_: float) -> None:
    pass


async def channel() -> str:
    return "C1"


@pytest.mark.parametrize(
    ("row", "ts", "left", "touched"),
    [
        pytest.param(Row(), None, ["1", "2"], 0, id="ours still"),
        pytest.param(Row(is_ours=False, ts="2"), None, ["2"], 0, id="another has posted it"),
        pytest.param(Row(is_ours=False), None, ["1", "2"], 0, id="another is about to"),
        pytest.param(Row(is_ours=False, ts="1"), "1", ["1", "2"], 1, id="an update"),
    ],
)
async def test_a_late_call_is_made_good(row: Row, ts: str | None, left: list[str], touched: int) -> None:
    slack = Slack("1", "2")
    await LateCalls(cast("Any", row), cast("Any", slack), rest=no_rest).make_good(job(ts), channel)
    assert (slack.posted, row.touched) == (left, touched)
