"""Windows of maintenance by REST: planned, looked at, and ended, as from Slack."""

from datetime import UTC, datetime, timedelta
from typing import Any

from db import tables
from incidents.access.model import KeyRole
from incidents.maintenance.look import look_at_due
from tests.building import firing
from tests.integration.api.conftest import Api
from tests.integration.db.stage import Stage

PAYMENTS = {"scope": {"service": ["Payments"]}, "duration": "2h"}


def later(now: datetime, **given: float) -> str:
    return (now + timedelta(**given)).astimezone(UTC).isoformat()


async def test_a_deployment_begins_a_window_once_and_ends_it(api: Api) -> None:
    await api.stage.take(firing(service="payments"))
    key = await api.key(KeyRole.WRITE, name="ci")
    asked = {**PAYMENTS, "reason": "version 1.42"}
    first, again = [
        await api.post("/maintenance", secret=key, json=asked, headers={"Idempotency-Key": "run-7"}) for _ in range(2)
    ]
    assert (first.status, first.headers["Location"]) == (201, f"/api/v1/maintenance/{first.json['id']}")
    assert (again.text, again.headers["Idempotent-Replayed"]) == (first.text, "true")
    assert again.headers["Location"] == first.headers["Location"]
    assert (first.json["name"], first.json["state"], first.json["created_by"]) == ("payments", "under_way", "key:ci")
    assert first.json["channel"] == "#incidents"
    assert [row["kind"] for row in await api.stage.all(tables.outbox)].count("notice") == 1
    assert await api.stage.write(look_at_due)
    assert (await api.get("/incidents/INC-1")).json["in_maintenance"] is True
    ended = await api.post(f"{first.headers['Location'].removeprefix('/api/v1')}/end", secret=key)
    assert (ended.status, ended.json["state"], ended.json["ended_by"]) == (200, "over", "key:ci")
    twice = await api.post(f"/maintenance/{first.json['id']}/end", secret=key)
    assert (twice.status, twice.json["type"]) == (409, "urn:bongsu:problem:window-over")


async def test_windows_are_listed_by_their_state_page_by_page(api: Api) -> None:
    now = await api.stage.now()
    ids = []
    for hours in (5, 0, 3):
        start = {} if hours == 0 else {"start": later(now, hours=hours), "repeats": "weekly", "zone": "Asia/Seoul"}
        ids.append((await api.post("/maintenance", json={**PAYMENTS, **start})).json["id"])
    over = [(await api.post("/maintenance", json=PAYMENTS)).json["id"] for _ in range(3)]
    for window_id in over:
        await api.post(f"/maintenance/{window_id}/end")

    async def listed(query: str) -> list[int]:
        found, cursor = [], ""
        while True:
            told = await api.get(f"/maintenance?limit=2{query}{cursor}")
            found += [one["id"] for one in told.json["items"]]
            if told.json["next_cursor"] is None:
                return found
            cursor = f"&cursor={told.json['next_cursor']}"

    assert await listed("") == [ids[1], ids[2], ids[0]]
    assert await listed("&state=under_way") == [ids[1]]
    assert await listed("&state=planned") == [ids[2], ids[0]]
    assert await listed("&state=over") == over[::-1]
    assert (await api.get("/maintenance?state=past")).json["errors"][0]["field"] == "query.state"
    weekly = (await api.get(f"/maintenance/{ids[0]}")).json
    assert (weekly["zone"], weekly["repeats"], weekly["next"]["start"]) == ("Asia/Seoul", "weekly", weekly["start"])
    assert (await api.get("/maintenance/99")).status == 404
    assert (await api.get("/maintenance/0")).status == 422
    assert [(await api.get(f"/maintenance/{one}")).status for one in ("x", "preview")] == [404, 405]


async def test_a_window_that_can_not_be_names_its_field(api: Api) -> None:
    now = await api.stage.now()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"duration": "2h"}, "body.scope"),
        ({"scope": {"team": ["pay"]}, "duration": "2h"}, "body.scope.team"),
        ({"scope": {"severity": ["grave"]}, "duration": "2h"}, "body.scope.severity.0"),
        ({"scope": {"service": [""]}, "duration": "2h"}, "body.scope.service.0"),
        ({**PAYMENTS, "end": later(now, hours=2)}, "body"),
        ({**PAYMENTS, "duration": "30s"}, "body.duration"),
        ({**PAYMENTS, "duration": "31d"}, "body.duration"),
        ({**PAYMENTS, "duration": None}, "body.duration"),
        ({**PAYMENTS, "start": later(now, hours=-1)}, "body.start"),
        ({**PAYMENTS, "start": later(now, days=400)}, "body.start"),
        ({"scope": {"service": ["pay"]}, "end": later(now, hours=-1)}, "body.end"),
        ({**PAYMENTS, "duration": "2d", "repeats": "daily"}, "body.repeats"),
        ({**PAYMENTS, "zone": "Europe"}, "body.zone"),
        ({**PAYMENTS, "reason": "x" * 301}, "body.reason"),
        ({**PAYMENTS, "channel": "C0ARCHIVED"}, "body.channel"),
    ]
    for body, field in wrong:
        told = await api.post("/maintenance", json=body)
        assert (told.status, told.json["errors"][0]["field"]) == (422, field), (body, told.text)
    assert (await api.get("/maintenance")).json["items"] == []
    assert (await api.post("/maintenance", json={"duration": "2h", "everything": True})).json["name"] == "everything"


async def test_the_preview_counts_and_plans_nothing(api: Api) -> None:
    await api.stage.take(firing(service="payments"), firing("pod-b", service="payments"), firing("s", service="search"))
    reader = await api.key(KeyRole.READ)
    told = await api.post("/maintenance/preview", secret=reader, json={"scope": {"service": ["payments"]}})
    assert (told.status, told.json["incidents"], told.json["alerts"], told.json["days"]) == (200, 1, 2, 30)
    assert told.json["rules"] == [{"rule": "Checkout5xx", "incidents": 1}]
    mistyped = await api.post("/maintenance/preview", secret=reader, json={"scope": {"service": ["paymets"]}})
    assert mistyped.json["nearest"] == {"written": "paymets", "perhaps": "payments"}
    assert (await api.get("/maintenance")).json["items"] == []
    assert (await api.post("/maintenance", secret=reader, json=PAYMENTS)).status == 403


async def test_a_foreign_window_is_not_there(api: Api) -> None:
    window = (await api.post("/maintenance", json=PAYMENTS)).json["id"]
    api.stages[2] = Stage.on(api.stage.engines, tenant_id=2)
    stranger = await api.key(KeyRole.WRITE, tenant_id=2)
    assert (await api.get(f"/maintenance/{window}", secret=stranger)).status == 404
    assert (await api.post(f"/maintenance/{window}/end", secret=stranger)).status == 404
    assert (await api.get("/maintenance", secret=stranger)).json["items"] == []
