"""What every operation has in common: keys, scopes, people, versions, requests that are done once, and mistakes."""

import asyncio
from datetime import timedelta

from db.access_tables import idempotent_requests
from incidents.access.model import KeyRole
from incidents.model import Status
from jobs.forgetting import forget_old
from tests.building import firing
from tests.integration.api.conftest import Api

ACKNOWLEDGE = "/incidents/INC-1/acknowledge"


async def test_no_key_a_wrong_one_and_one_for_something_else(api: Api) -> None:
    await api.stage.take(firing())
    absent = await api.get("/incidents/INC-1", headers={"Authorization": ""})
    assert (absent.status, absent.headers["WWW-Authenticate"]) == (401, 'Bearer realm="bongsu"')
    assert absent.headers["Content-Type"].startswith("application/problem+json")
    assert absent.json["type"] == "urn:bongsu:problem:no-key"
    wrong = await api.get("/incidents/INC-1", secret="bongsu_wrong")
    assert wrong.status == 401
    assert "bongsu_wrong" not in wrong.text
    reader = await api.key(KeyRole.READ)
    assert (await api.get("/incidents/INC-1", secret=reader)).status == 200
    assert (await api.post(ACKNOWLEDGE, secret=reader)).status == 403
    ingest = await api.key(KeyRole.INGEST)
    assert (await api.get("/incidents/INC-1", secret=ingest)).status == 403


async def test_a_key_that_has_expired_or_was_revoked_opens_nothing(api: Api) -> None:
    await api.stage.take(firing())
    now = await api.stage.now()
    expired = await api.key(KeyRole.READ, expires_at=now - timedelta(seconds=1))
    told = await api.get("/incidents/INC-1", secret=expired)
    assert (told.status, "expired" in told.json["detail"]) == (401, True)
    revoked = await api.key(KeyRole.READ, name="gone")
    [key] = [one for one in await api.stage.read(lambda uow: uow.api_keys.all()) if one.name == "gone"]
    await api.stage.write(lambda uow: uow.api_keys.revoke(key.id, by="test"))
    told = await api.get("/incidents/INC-1", secret=revoked)
    assert (told.status, "revoked" in told.json["detail"]) == (401, True)


async def test_an_incident_is_found_by_its_id_and_by_its_number(api: Api) -> None:
    await api.stage.take(firing())
    incident = await api.stage.incident()
    for ref in ("INC-1", "inc-1", str(incident.id)):
        told = await api.get(f"/incidents/{ref}")
        assert (told.status, told.json["name"], told.json["id"]) == (200, "INC-1", incident.id)
        assert told.headers["ETag"] == f'"{incident.version}"'
    for ref, status in {"INC-2": 404, "999": 404, "INC-0": 422, "x": 422, "%00": 422, "1e3": 422}.items():
        assert (await api.get(f"/incidents/{ref}")).status == status, ref


async def test_a_key_acts_as_itself_or_on_behalf_of_a_person(api: Api) -> None:
    await api.stage.take(firing())
    told = await api.post(ACKNOWLEDGE, headers={"On-Behalf-Of": "U0BOB"})
    assert (told.status, told.json["acknowledged_by"]) == (200, "U0BOB")
    [event] = [one for one in await api.stage.events() if one.kind.value == "acknowledged"]
    assert (event.actor, event.data["via"]) == ("U0BOB", "admin")
    assert api.changed == [1]
    for person, status in {"U0VIEWER": 403, "U0NOBODY": 422, "bob": 400}.items():
        assert (await api.post(ACKNOWLEDGE, headers={"On-Behalf-Of": person})).status == status


async def test_an_older_version_is_refused_and_told_what_has_changed(api: Api) -> None:
    await api.stage.take(firing())
    etag = (await api.get("/incidents/INC-1")).headers["ETag"]
    assert (await api.post(ACKNOWLEDGE, headers={"If-Match": '"77"'})).status == 412
    assert (await api.post(ACKNOWLEDGE, headers={"If-Match": "77"})).status == 400
    assert (await api.post(ACKNOWLEDGE, headers={"If-Match": etag})).status == 200
    late = await api.post(ACKNOWLEDGE, headers={"If-Match": etag})
    assert (late.status, [one["kind"] for one in late.json["changed"]]) == (412, ["acknowledged"])


async def test_a_request_that_is_sent_again_is_done_once(api: Api) -> None:
    await api.stage.take(firing())
    key = {"Idempotency-Key": "try-1"}
    answers = await asyncio.gather(*(api.post(ACKNOWLEDGE, headers=key) for _ in range(4)))
    assert {one.status for one in answers} == {200}
    assert len({one.text for one in answers}) == 1
    assert sum("Idempotent-Replayed" in one.headers for one in answers) == 3
    assert (await api.stage.incident()).status is Status.ACKNOWLEDGED
    other = await api.post("/incidents/1/acknowledge", headers=key)
    assert (other.status, other.json["type"]) == (409, "urn:bongsu:problem:other-request")
    again = await api.post(ACKNOWLEDGE)
    assert (again.status, again.json["type"]) == (409, "urn:bongsu:problem:already-acknowledged")


async def test_what_was_answered_is_forgotten_after_a_day(api: Api) -> None:
    await api.stage.take(firing())
    key = {"Idempotency-Key": "try-1"}
    assert (await api.post(ACKNOWLEDGE, headers=key)).status == 200
    await forget_old(api.stage.transactions)
    assert len(await api.stage.all(idempotent_requests)) == 1
    await api.stage.change(idempotent_requests, created_at=await api.stage.now() - timedelta(hours=25))
    assert (await api.post(ACKNOWLEDGE, headers=key)).json["type"] == "urn:bongsu:problem:already-acknowledged"
    await forget_old(api.stage.transactions)
    assert await api.stage.all(idempotent_requests) == []


async def test_what_is_not_there_and_what_nobody_foresaw(api: Api) -> None:
    assert (await api.get("/nothing")).json["type"] == "urn:bongsu:problem:no-such-path"
    told = await api.call("DELETE", "/incidents/INC-1")
    assert (told.status, told.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, PATCH")
