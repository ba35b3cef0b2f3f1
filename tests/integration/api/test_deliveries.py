"""Deliveries over HTTP: listed, looked at, and taken after all."""

import asyncio

from db import tables
from incidents.access.model import KeyRole
from incidents.ingest import reject
from incidents.model import RejectedDelivery
from incidents.policy import Policy
from incidents.redaction import Redaction
from tests.building import firing
from tests.integration.api.conftest import Api
from tests.integration.db.stage import Stage
from tests.unit.receiver.bodies import one

JSON = {"Content-Type": "application/json"}


async def refuse(stage: Stage, body: bytes = b"{}", *, error: str = "alerts: it is missing") -> int:
    told = RejectedDelivery("grafana", f"{len(await stage.all(tables.deliveries)):032}", "0" * 64, JSON, error, body)
    return await stage.write(lambda uow: reject(told, uow=uow, policy=stage.policy))


async def ids(api: Api, query: str = "") -> list[int]:
    told = await api.get(f"/deliveries{query}")
    assert told.status == 200, told.text
    return [one["id"] for one in told.json["items"]]


async def test_they_are_listed_newest_first_page_by_page(api: Api) -> None:
    for n in range(3):
        await api.stage.take(firing(f"p{n}"))
        await refuse(api.stage)
    assert await ids(api) == [6, 5, 4, 3, 2, 1]
    assert await ids(api, "?status=rejected") == [6, 4, 2]
    assert await ids(api, "?status=rejected,processed&source=grafana") == [6, 5, 4, 3, 2, 1]
    assert await ids(api, "?source=datadog&status=rejected") == []
    assert await ids(api, "?since=2999-01-01") == []
    for filters in ("?limit=2", "?limit=2&status=rejected,processed", "?limit=2&source=grafana&since=2026-01-01"):
        found, cursor = [], ""
        while True:
            page = (await api.get(f"/deliveries{filters}{cursor}")).json
            found += [one["id"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert found == [6, 5, 4, 3, 2, 1], filters
    first, second = (await api.get("/deliveries")).json["items"][:2]
    assert (first["status"], first["error"], first["incidents"]) == ("rejected", "alerts: it is missing", [])
    assert (second["status"], second["alerts"], second["incidents"]) == ("processed", 1, ["INC-1"])


async def test_one_tells_what_became_of_its_alerts_or_what_is_wrong_with_it_today(api: Api) -> None:
    await api.stage.take(firing())
    taken = (await api.get("/deliveries/1")).json
    assert (taken["status"], taken["wrong_today"], taken["body_bytes"]) == ("processed", None, None)
    assert [(fate["status"], fate["incident"]) for fate in taken["alerts"]] == [("firing", "INC-1")]
    wrong, mended = await refuse(api.stage), await refuse(api.stage, one())
    told = (await api.get(f"/deliveries/{wrong}")).json
    assert (told["headers"], told["body_bytes"], told["alerts"]) == (JSON, 2, [])
    assert "alerts" in told["wrong_today"]
    assert (await api.get(f"/deliveries/{mended}")).json["wrong_today"] is None


async def test_a_body_is_told_to_the_byte_and_to_admins(api: Api) -> None:
    refused = await refuse(api.stage, b"\x00\xff<script>")
    async with api.session.get(
        f"{api.url}/api/v1/deliveries/{refused}/raw", headers={"Authorization": f"Bearer {api.secret}"}
    ) as answer:
        assert (answer.status, await answer.read()) == (200, b"\x00\xff<script>")
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    await api.stage.take(firing())
    for path, status in {"2/raw": 404, "3/raw": 404, "0/raw": 422, "x": 422, "999999999999999999": 404}.items():
        assert (await api.get(f"/deliveries/{path}")).status == status, path
    reader = await api.key(KeyRole.WRITE)
    assert (await api.get(f"/deliveries/{refused}", secret=reader)).status == 200
    assert (await api.get(f"/deliveries/{refused}/raw", secret=reader)).status == 403
    assert (await api.post(f"/deliveries/{refused}/replay", secret=reader)).status == 403
    assert (await api.post(f"/deliveries/{refused}/replay", headers={"On-Behalf-Of": "U0BOB"})).status == 403


async def test_of_a_body_that_was_not_kept_because_of_redact_it_is_said(api: Api) -> None:
    headers, policy = {**JSON, "Content-Length": "1"}, Policy(redact=(Redaction(label="token"),))
    told = RejectedDelivery("grafana", "r" * 32, "0" * 64, headers, "no JSON", b"{")
    refused = await api.stage.write(lambda uow: reject(told, uow=uow, policy=policy))
    raw = await api.get(f"/deliveries/{refused}/raw")
    assert (raw.status, raw.json["type"]) == (404, "urn:bongsu:problem:body-not-kept")
    assert "`redact:`" in raw.json["detail"]
    one = (await api.get(f"/deliveries/{refused}")).json
    assert ("`redact:`" in one["wrong_today"], one["body_is_cut"]) == (True, False)
    assert "`redact:`" in (await api.post(f"/deliveries/{refused}/replay")).json["detail"]


async def test_a_refused_one_is_taken_after_all_once(api: Api) -> None:
    await api.stage.take(firing())
    refused, still_wrong = await refuse(api.stage, one()), await refuse(api.stage)
    answers = await asyncio.gather(*(api.post(f"/deliveries/{refused}/replay") for _ in range(3)))
    assert sorted(one.status for one in answers) == [200, 409, 409]
    [taken] = [one.json for one in answers if one.status == 200]
    assert (taken["alerts"], taken["incidents"], taken["duplicate_of"]) == (1, ["INC-2"], None)
    late = [one.json for one in answers if one.status == 409]
    assert {one["type"] for one in late} == {"urn:bongsu:problem:not-refused"}
    assert (await api.get(f"/deliveries/{refused}")).json["replayed_as"] == taken["delivery"]
    assert api.changed == [1]
    wrong = await api.post(f"/deliveries/{still_wrong}/replay")
    assert (wrong.status, wrong.json["type"]) == (422, "urn:bongsu:problem:still-refused")
    assert "would be refused again: " in wrong.json["detail"]
    assert (await api.post("/deliveries/1/replay")).status == 409
    assert (await api.post("/deliveries/77/replay")).status == 404
    assert len(await api.stage.all(tables.incidents)) == 2


async def test_another_tenants_are_not_there(api: Api) -> None:
    other = Stage.on(api.stage.engines, tenant_id=2)
    foreign = await refuse(other, one())
    assert await ids(api) == []
    for path in ("", "/raw"):
        assert (await api.get(f"/deliveries/{foreign}{path}")).status == 404
    assert (await api.post(f"/deliveries/{foreign}/replay")).status == 404
    assert len(await other.all(tables.alerts)) == 0
