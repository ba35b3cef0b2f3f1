"""Finding incidents: filters, text, orders and pages, on each database."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from db import tables
from db.queries import listing
from incidents import actions
from incidents.model import Actor
from tests.building import ALICE, firing, minutes, resolved
from tests.integration.api.conftest import Api

PLACES = (
    {"service": "checkout", "cluster": "prod-a", "namespace": "pay", "severity": "critical"},
    {"service": "checkout", "cluster": "prod-b", "namespace": "pay", "severity": "warning"},
    {"service": "search", "cluster": "prod-a", "namespace": "shop", "severity": "info"},
    {"service": "결제-서비스", "cluster": "prod-b", "namespace": "shop", "severity": "error"},
    {"service": "mail", "cluster": "prod-a", "namespace": "", "severity": "critical"},
)
"""INC-1 to INC-5, which began a minute apart."""


TURNED = (
    "", "sort=start_time", "sort=severity", "sort=-number", "sort=-resolved_time", "text=c", "noise=false",
    "text=c&sort=severity", "status=active&sort=severity", "cluster=prod-a",
)  # fmt: skip


async def some(api: Api) -> None:
    """INC-2 is Alice's, INC-3 noise and thereby resolved, INC-4 recovered, INC-5 snoozed."""
    for place, labels in enumerate(PLACES):
        await api.stage.take(firing(f"pod-{place}", since=place, **labels))
    stage = api.stage
    ids = [(await stage.incident(number)).id for number in range(1, 6)]
    await stage.write(lambda uow: actions.assign(ids[1], to=ALICE.id, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.mark_noise(ids[2], by=ALICE, uow=uow))
    await stage.take(resolved("pod-3", since=3, until=9, **PLACES[3]))
    await stage.write(lambda uow: actions.snooze(ids[4], until=uow.now + timedelta(hours=1), by=ALICE, uow=uow))


async def numbers(api: Api, asked: str) -> list[int]:
    told = await api.get(f"/incidents?{asked}")
    assert told.status == 200, (asked, told.text)
    assert told.json["next_cursor"] is None
    return [one["number"] for one in told.json["items"]]


FOUND = {
    "": [5, 4, 3, 2, 1],
    "sort=start_time": [1, 2, 3, 4, 5],
    "sort=number": [1, 2, 3, 4, 5],
    "sort=-number": [5, 4, 3, 2, 1],
    "sort=severity": [5, 1, 4, 2, 3],
    "sort=-resolved_time": [4, 3],
    "status=resolved": [4, 3],
    "status=active": [5, 2, 1],
    "status=active,resolved": [5, 4, 3, 2, 1],
    "status=active&status=resolved&sort=severity": [5, 1, 4, 2, 3],
    "severity=critical": [5, 1],
    "severity=critical,error&sort=severity": [5, 1, 4],
    "service=checkout": [2, 1],
    "service=checkout&cluster=prod-b": [2],
    "service=Checkout": [],
    "service=checkout,search&sort=start_time": [1, 2, 3],
    "cluster=prod-a&sort=severity": [5, 1, 3],
    "namespace=": [5],
    "phase=none-such": [],
    "source=grafana&severity=info": [3],
    "noise=true": [3],
    "noise=false": [5, 4, 2, 1],
    "snoozed=true": [5],
    "snoozed=false": [4, 3, 2, 1],
    "in_maintenance=true": [],
    "in_maintenance=false&sort=number": [1, 2, 3, 4, 5],
    "flapping=true": [],
    "assignee=U0ALICE": [2],
    "assignee=none": [5, 4, 3, 1],
    "assignee=key:ci": [],
    "since=2026-01-01T00:01:00Z&until=2026-01-01T00:03:00Z": [3, 2],
    "since=2026-01-01T09:03:00%2B09:00": [5, 4],
    "until=2026-01-01T00:01:00Z&sort=severity": [1],
    "resolved_since=2026-01-01T00:00:00Z": [4, 3],
    "resolved_until=2026-01-01T00:00:00Z": [],
    "text=CHECK": [5, 4, 3, 2, 1],
    "text=PA prod": [2, 1],
    "text=pay prod-b": [2],
    "text=heckout": [],
    "text=mail": [5],
    "text=결제": [4],
    "text=shop&sort=start_time": [3, 4],
    "text=checkout5&status=active&sort=severity": [5, 1, 2],
    "text=5xx&cluster=prod-b": [4, 2],
    "text=shop&sort=-resolved_time": [4, 3],
}


async def test_each_filter_finds_what_it_says(api: Api) -> None:
    await some(api)
    for asked, found in FOUND.items():
        assert await numbers(api, quote(asked, safe="=&%,:+-")) == found, asked


async def test_pages_are_turned_in_each_order_and_nothing_is_told_twice(api: Api) -> None:
    await some(api)
    await api.stage.change(tables.incidents, start_time=minutes(0))
    for asked in TURNED:
        whole = await numbers(api, asked)
        pages = await all_pages(api, f"/incidents?limit=1&{asked}")
        assert [one["number"] for page in pages for one in page] == whole, asked
        assert all(len(page) == 1 for page in pages)


async def test_pages_that_search_in_steps_tell_the_same(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await some(api)
    wholes = {asked: await numbers(api, asked) for asked in (*TURNED, *FOUND)}
    for name, value in {"FEW": 0, "FEW_WITH_WORD": 0, "MOST_SEARCHED": 3, "_FIRST_STEP": 1, "_STEPS_GROW": 1}.items():
        monkeypatch.setattr(listing, name, value)
    were_empty = 0
    for asked, whole in wholes.items():
        pages = await all_pages(api, f"/incidents?limit=2&{asked}")
        assert [one["number"] for page in pages for one in page] == whole, asked
        were_empty += any(not page for page in pages[:-1])
    assert were_empty > 2


async def all_pages(api: Api, path: str) -> list[list[Any]]:
    pages, cursor = [], ""
    while True:
        told = await api.get(path + cursor)
        assert told.status == 200, told.text
        pages.append(told.json["items"])
        if told.json["next_cursor"] is None:
            return pages
        cursor = f"&cursor={told.json['next_cursor']}"


async def test_an_incident_is_found_by_its_words_as_soon_as_it_is_committed(api: Api) -> None:
    await api.stage.take(firing(service="early"))
    assert await numbers(api, "text=early") == [1]
    await api.stage.take(firing("pod-b", service="later"))
    assert await numbers(api, "text=later") == [2]
    incident = await api.stage.incident(2)
    await api.stage.write(lambda uow: uow.search_words.rewrite([incident]))
    assert await numbers(api, "text=later") == [2]


BAD = {
    "limit=0": "limit", "limit=201": "limit", "limit=x": "limit", "limit=1&limit=2": "limit", "cursor=": "cursor",
    "status=open": "status.0", "status=active,": "status.1", "severity=high": "severity.0", "noise=yes": "noise",
    "noise=": "noise", "snoozed=1": "snoozed", "assignee=alice": "assignee", "assignee=": "assignee",
    "since=yesterday": "since", "since=2026-01-01": "since", "since=2026-01-01T00:00:00": "since",
    "since=0001-01-01T00:00:00%2B09:00": "since", "since=1700000000": "since", "until=9999-12-31T23:59:59Z": "until",
    "since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z": "until", "sort=title": "sort", "text=%25%25": "text",
    "text=" + "a" * 201: "text", "text=a+b+c+d+e+f+g+h+i+j+k": "text", "text=a%00b": "text", "service=%ED%A0%80": None,
    "service=" + "s" * 256: "service.0", "service=" + "a," * 60: "service", "colour=red": "colour",
    "Status=active": "Status",
    "resolved_since=2026-01-02T00:00:00Z&resolved_until=2026-01-01T00:00:00Z": "resolved_until",
}  # fmt: skip


async def test_each_mistake_names_its_parameter(api: Api) -> None:
    for asked, field in BAD.items():
        told = await api.get(f"/incidents?{asked}")
        if field is None:
            assert told.status < 500, asked
            continue
        assert told.status == 422, asked
        assert [one["field"] for one in told.json["errors"]] == [f"query.{field}"], asked


async def test_a_cursor_belongs_to_its_list_and_its_filters(api: Api) -> None:
    await some(api)
    cursor = (await api.get("/incidents?limit=1")).json["next_cursor"]
    assert (await api.get(f"/incidents?limit=3&cursor={cursor}")).status == 200
    tampered = ("A" if cursor[-1] != "A" else "B").join([cursor[:-1], ""])
    for path in (
        f"/incidents?cursor={tampered}",
        f"/incidents?status=active&cursor={cursor}",
        f"/alerts?cursor={cursor}",
        "/incidents?cursor=%C3%A9",
        "/incidents/INC-1/timeline?cursor=" + cursor,
    ):
        told = await api.get(path)
        assert (told.status, told.json["type"]) == (400, "urn:bongsu:problem:bad-cursor"), path


async def test_an_incident_says_where_its_cards_are(api: Api) -> None:
    await api.stage.take(firing())
    assert (await api.get("/incidents/INC-1")).json["cards"] == []
    await api.stage.change(tables.outbox, channel_id="C0INCIDENTS", ts="1700000000.000100")
    told = await api.get("/incidents/INC-1")
    assert told.json["cards"] == [{"channel": "C0INCIDENTS", "ts": "1700000000.000100"}]
    assert Actor.slack("U0ALICE").id not in told.text
