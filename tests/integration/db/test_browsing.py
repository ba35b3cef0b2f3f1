"""Lists of incidents, page by page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db import tables
from db.queries import browsing
from incidents.browse import PAST, Filter, Matching, Page, PageTurn
from incidents.model import Severity, Status
from tests.integration.db.stage import Stage

WEEK = timedelta(days=7)
RESOLVED = Filter(statuses=PAST, within=WEEK)


async def has(stage: Stage, *wanted: dict[str, Any]) -> None:
    """Incidents with these columns, numbered from 1; ``ago``: minutes since they began or were resolved."""
    now = await stage.now()
    known = len(await stage.all(tables.incidents))
    rows = [_row(known + n, now, **one) for n, one in enumerate(wanted, 1)]
    async with stage.engines.write.begin() as connection:
        for row in rows:
            await connection.execute(sa.insert(tables.incidents).values(**row))


def _row(number: int, now: datetime, *, ago: float = 1, **given: Any) -> dict[str, Any]:
    at = now - timedelta(minutes=ago)
    is_resolved = given.get("status") == "resolved"
    plain: dict[str, Any] = {
        "tenant_id": 1, "number": number, "incident_key": f"key-{number}", "title": "Checkout fails",
        "status": "active", "severity": "warning", "source": "grafana", "rule_uid": "r1", "alert_name": "Checkout5xx",
        "cluster": "prod-a", "namespace": "pay", "service": "checkout", "phase": "production", "start_time": at,
        "resolved_time": at if is_resolved else None, "resolution": "recovered" if is_resolved else None,
        "last_alert_time": at, "alert_count": 1, "is_noise": False, "flapping": False, "episode": 1, "version": 1,
        "batch_token": "t", "created_at": at,
    }  # fmt: skip
    return plain | given


async def page(stage: Stage, wanted: Filter, *, turn: PageTurn | None = None, limit: int = 3) -> Page:
    return await stage.read(lambda uow: uow.views.page(wanted, turn=turn, limit=limit))


def numbers(page: Page) -> list[int]:
    return [one.incident.number for one in page.listed]


async def found(stage: Stage, wanted: Filter) -> set[int]:
    return set(numbers(await page(stage, wanted, limit=100)))


async def test_open_ones_come_gravest_first_then_longest(stage: Stage) -> None:
    await has(stage, {"severity": "info"}, {"ago": 5}, {"ago": 9}, {"severity": "critical"}, {"status": "resolved"})
    assert numbers(await page(stage, Filter(), limit=9)) == [4, 3, 2, 1]


async def test_past_ones_come_newest_first_and_only_of_the_time_asked_for(stage: Stage) -> None:
    await has(stage, *({"status": "resolved", "ago": ago} for ago in (30, 10, 20, 60 * 24 * 8)), {})
    assert numbers(await page(stage, RESOLVED, limit=9)) == [2, 3, 1]
    assert numbers(await page(stage, Filter(statuses=PAST), limit=9)) == [2, 3, 1, 4]


ALICE_HAS = {"status": "acknowledged", "acknowledged_by": "U0ALICE"}
BOB_HAS = {"status": "acknowledged", "acknowledged_by": "U0ALICE", "assignee": "U0BOB"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), {1, 2, 3, 4, 5}),
        (Filter(statuses=frozenset({Status.ACTIVE})), {1, 4, 5}),
        (Filter(owner="U0ALICE"), {2}),
        (Filter(owner="U0BOB"), {3}),
        (Filter(unassigned=True), {1, 4, 5}),
        (Filter(snoozed=True), {4}),
        (Filter(within=timedelta(minutes=10)), {1, 2, 3, 4}),
        (Filter(statuses=PAST), {6, 7, 8}),
        (Filter(statuses=PAST, noise=True), {7}),
        (Filter(statuses=PAST, owner="U0BOB"), {8}),
    ],
)
async def test_a_filter_narrows_down(stage: Stage, wanted: Filter, expected: set[int]) -> None:
    later = await stage.now() + timedelta(hours=1)
    await has(stage, {}, ALICE_HAS, BOB_HAS, {"snoozed_until": later}, {"ago": 30})
    gone = {"status": "resolved"}
    await has(stage, gone, gone | {"is_noise": True}, gone | {"resolved_by": "U0BOB"})
    assert await found(stage, wanted) == expected
    assert (await page(stage, wanted)).total == len(expected)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("pay",), {1, 2, 3}),
        (("payments",), {1}),
        (("eu-west",), {3}),
        (("stag", "pay"), {2}),
        (("queue",), {4}),
        (("결제",), {5}),
        (("100%",), {6}),
        (("a_b",), {7}),
        (("x/y",), {8}),
        (("nothing",), set()),
    ],
)
async def test_a_word_is_looked_for_in_places_titles_and_names(
    stage: Stage, words: tuple[str, ...], expected: set[int]
) -> None:
    quiet = {"namespace": "n", "service": "s", "title": "t", "alert_name": "a", "cluster": "c", "phase": "p"}
    await has(
        stage,
        quiet | {"service": "Payments"},
        quiet | {"namespace": "pay", "phase": "staging"},
        quiet | {"cluster": "EU-West-1", "title": "Payday"},
        quiet | {"alert_name": "QueueFull"},
        quiet | {"title": "결제 실패"},
        quiet | {"title": "disk 100% full"},
        quiet | {"title": "a_b"},
        quiet | {"title": "x/y"},
    )
    await has(stage, quiet | {"title": "100 and axb and xby"})
    for wanted in (Filter(matching=Matching(words=words)), Filter(matching=Matching(frozenset(Severity), words))):
        assert await found(stage, wanted) == expected


async def walked(stage: Stage, wanted: Filter, *, limit: int) -> tuple[list[list[int]], list[list[int]]]:
    """All pages from the first to the last, and all from the last back to the first."""
    pages = [await page(stage, wanted, limit=limit)]
    while (on := pages[-1].on) is not None:
        pages.append(await page(stage, wanted, turn=PageTurn(on), limit=limit))
    back = [pages[-1]]
    while (before := back[-1].back) is not None:
        back.append(await page(stage, wanted, turn=PageTurn(before, back=True), limit=limit))
    return [numbers(one) for one in pages], [numbers(one) for one in back]


MIXED = [
    {"severity": severity, "ago": ago, "status": status}
    for status in ("active", "resolved")
    for severity in ("critical", "info", "unknown")
    for ago in (1, 1, 1, 7)
]


@pytest.mark.parametrize("wanted", [Filter(), RESOLVED, Filter(matching=Matching(words=("check",)))])
@pytest.mark.parametrize("limit", [1, 4, 5])
async def test_pages_are_the_list_cut_up_in_both_directions(stage: Stage, wanted: Filter, limit: int) -> None:
    await has(stage, *MIXED)
    whole = numbers(await page(stage, wanted, limit=100))
    assert len(whole) == 12
    forth, back = await walked(stage, wanted, limit=limit)
    assert forth == [whole[at : at + limit] for at in range(0, 12, limit)]
    assert _joined(back[::-1]) == whole


def _joined(pages: Sequence[Sequence[int]]) -> list[int]:
    return [number for page in pages for number in page]


async def test_a_page_whose_incidents_are_gone_is_the_first_instead(stage: Stage) -> None:
    await has(stage, *({"ago": ago} for ago in (9, 8, 7)))
    first = await page(stage, Filter(), limit=2)
    assert first.on
    await stage.change(tables.incidents, status="resolved", resolved_time=await stage.now())
    await has(stage, {"ago": 9})
    after = await page(stage, Filter(), turn=PageTurn(first.on), limit=2)
    assert (numbers(after), after.back) == ([4], None)


async def test_rare_ones_among_very_many_are_found_step_by_step(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "MOST_SEARCHED", 4)
    rare = {"title": "Rare"}
    await has(stage, *({"status": "resolved", "ago": n} | (rare if n in {3, 14} else {}) for n in range(1, 16)))
    wanted = Filter(statuses=PAST, matching=Matching(words=("rare",)))
    first = await page(stage, wanted)
    assert (numbers(first), first.total, first.is_more) == ([3], 1, True)
    forth, back = await walked(stage, wanted, limit=2)
    assert [one for one in forth if one] == [[3], [14]]
    assert len(forth) == 4
    assert [one for one in back if one] == [[14], [3], numbers(first)]


async def test_each_is_linked_to_its_card(stage: Stage) -> None:
    await has(stage, {}, {})
    card = {"channel": "#incidents", "kind": "card", "subject": "", "desired_rev": 1, "sent_rev": 1, "priority": 3}
    posted = card | {"channel_id": "C1", "ts": "1.5", "fence": 0, "attempts": 0, "created_at": await stage.now()}
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.insert(tables.outbox).values(tenant_id=1, incident_id=1, **posted))
        await connection.execute(sa.insert(tables.outbox).values(tenant_id=1, incident_id=2, **posted | {"ts": None}))
    listed = {one.incident.number: one.card for one in (await page(stage, Filter())).listed}
    assert listed == {1: ("C1", "1.5"), 2: None}
