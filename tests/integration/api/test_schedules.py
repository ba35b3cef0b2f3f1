"""Who is on call, and taking a schedule over, by REST."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from incidents.access.model import KeyRole
from incidents.policy import Policy
from incidents.schedules import Calendar, Layer, Rotation, Schedule
from tests.integration.api.conftest import Api
from tests.integration.db.stage import Stage

UTC, HOUR = ZoneInfo("UTC"), timedelta(hours=1)
PAYMENTS = Schedule("payments", ZoneInfo("Asia/Seoul"), (Layer("all", Rotation(("U0ALICE", "U0BOB"), every=1)),))
OFFICE = Schedule("office", UTC, (), calendar=Calendar("https://cal.example.com/secret.ics", {}, fallback="U0BOB"))
ON_CALL = Policy(schedules={"payments": PAYMENTS, "office": OFFICE})


def on_call(api: Api) -> Api:
    api.stages[1] = Stage.on(api.stage.engines, policy=ON_CALL)
    return api


async def test_who_is_on_call_now_and_then(api: Api) -> None:
    on_call(api)
    first = (await api.get("/schedules?limit=1")).json
    second = (await api.get(f"/schedules?limit=1&cursor={first['next_cursor']}")).json
    office, payments = first["items"] + second["items"]
    assert (office["schedule"], office["person"], office["until"], second["next_cursor"]) == (
        "office", "U0BOB", None, None,
    )  # fmt: skip
    assert office["calendar"]["source"] == "cal.example.com"
    assert "secret" not in str(first)
    assert payments == (await api.get("/schedules/Payments")).json
    assert {payments["person"], payments["next"]} == {"U0ALICE", "U0BOB"}
    assert (payments["zone"], payments["calendar"], payments["overrides"]) == ("Asia/Seoul", None, [])
    then = (await api.get("/oncall", params={"at": payments["until"]})).json["items"]
    assert [(one["schedule"], one["person"]) for one in then] == [("office", "U0BOB"), ("payments", payments["next"])]
    now = (await api.get("/oncall")).json["items"]
    assert now[1]["person"] == payments["person"]
    assert (await api.get("/oncall?at=2020-01-01T00:00:00Z")).json["errors"][0]["field"] == "query.at"
    missing = await api.get("/schedules/paymens")
    assert (missing.status, missing.json["type"]) == (404, "urn:bongsu:problem:unknown-schedule")


async def test_a_schedule_is_taken_over_and_given_back(api: Api) -> None:
    on_call(api)
    key = {"Idempotency-Key": "holiday"}
    asked: Mapping[str, Any] = {"person": "U0VIEWER", "duration": "2h"}
    first, again = [await api.post("/schedules/payments/overrides", json=asked, headers=key) for _ in range(2)]
    assert (first.status, again.text, first.json["created_by"]) == (201, first.text, "key:admin")
    span = datetime.fromisoformat(first.json["end"]) - datetime.fromisoformat(first.json["start"])
    assert span == 2 * HOUR
    start = (await api.stage.now() + 24 * HOUR).isoformat()
    await api.post("/schedules/payments/overrides", json={**asked, "start": start}, headers={"On-Behalf-Of": "U0BOB"})
    listed = (await api.get("/schedules/payments/overrides?limit=1")).json
    rest = (await api.get(f"/schedules/payments/overrides?limit=1&cursor={listed['next_cursor']}")).json
    assert [one["created_by"] for one in listed["items"] + rest["items"]] == ["key:admin", "U0BOB"]
    assert (await api.get("/schedules/payments")).json["person"] == "U0VIEWER"
    override = f"/overrides/{first.json['id']}"
    api.stages[2] = Stage.on(api.stage.engines, tenant_id=2, policy=ON_CALL)
    stranger = await api.key(KeyRole.WRITE, tenant_id=2)
    assert (await api.call("DELETE", override, secret=stranger)).status == 404
    told = [await api.call("DELETE", override) for _ in range(2)]
    assert [(one.status, one.text == "") for one in told] == [(204, True), (409, False)]
    assert (await api.call("DELETE", "/overrides/999")).json["type"] == "urn:bongsu:problem:override-not-found"
    assert (await api.get("/schedules/payments")).json["person"] != "U0VIEWER"


async def test_an_override_that_can_not_be_names_its_field(api: Api) -> None:
    on_call(api)
    now = await api.stage.now()
    wrong: list[tuple[Mapping[str, Any], str]] = [
        ({"duration": "2h"}, "body.person"),
        ({"person": "U0NOBODY", "duration": "2h"}, "body.person"),
        ({"person": "U0GONE", "duration": "2h"}, "body.person"),
        ({"person": "U0BOB"}, "body"),
        ({"person": "U0BOB", "duration": "32d"}, "body.duration"),
        ({"person": "U0BOB", "end": (now - HOUR).isoformat()}, "body.end"),
        ({"person": "U0BOB", "start": (now - HOUR).isoformat(), "duration": "2h"}, "body.start"),
    ]
    for body, field in wrong:
        told = await api.post("/schedules/payments/overrides", json=body)
        assert (told.status, told.json["errors"][0]["field"]) == (422, field), (body, told.text)
    unknown = await api.post("/schedules/none/overrides", json={"person": "U0BOB", "duration": "2h"})
    assert unknown.status == 404
    assert (await api.get("/schedules/payments")).json["overrides"] == []
