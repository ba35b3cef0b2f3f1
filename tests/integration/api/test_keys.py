"""Keys over the API: made once, listed, revoked, and never told again."""

import asyncio
from datetime import timedelta

from db.access_tables import api_keys, idempotent_requests
from incidents.access.model import KeyRole, digest_of
from tests.building import firing
from tests.integration.api.conftest import Api
from tests.integration.db.stage import Stage

NEW = {"name": " grafana  prod ", "role": "ingest", "default_labels": {"cluster": "prod", "phase": "dev"}}


async def test_a_key_is_made_told_once_and_revoked(api: Api) -> None:
    await api.stage.take(firing())
    expires_at = (await api.stage.now() + timedelta(days=90)).replace(microsecond=0)
    reader = {"name": "wallboard", "role": "read", "expires_at": expires_at.isoformat()}
    made = await api.post("/keys", json=reader, headers={"On-Behalf-Of": "U0ALICE"})
    assert made.status == 201
    told, secret = made.json, made.json["secret"]
    assert (told["name"], told["role"], told["created_by"], told["hint"]) == (
        "wallboard", "read", "U0ALICE", secret[-4:],
    )  # fmt: skip
    assert (await api.get("/incidents/INC-1", secret=secret)).status == 200
    one = await api.get(f"/keys/{told['id']}")
    assert (one.status, one.json["expires_at"][:19], "secret" in one.json) == (200, reader["expires_at"][:19], False)
    revoked = await api.post(f"/keys/{told['id']}/revoke")
    assert (revoked.status, revoked.json["revoked_by"], api.forgotten) == (200, "key:admin", [told["id"]])
    assert (await api.get("/incidents/INC-1", secret=secret)).status == 401
    again = await api.post(f"/keys/{told['id']}/revoke")
    assert (again.status, again.json["type"]) == (409, "urn:bongsu:problem:already-revoked")
    for text in (one.text, revoked.text, (await api.get("/keys")).text):
        assert secret not in text
        assert digest_of(secret) not in text


async def test_what_is_made_twice_is_made_once_and_its_secret_is_kept_nowhere(api: Api) -> None:
    again = {"Idempotency-Key": "try-1"}
    answers = await asyncio.gather(*(api.post("/keys", json=NEW, headers=again) for _ in range(3)))
    assert {(one.status, one.json["id"], one.json["name"]) for one in answers} == {(201, 2, "grafana prod")}
    [secret] = [one.json["secret"] for one in answers if one.json["secret"] is not None]
    assert sum("Idempotent-Replayed" in one.headers for one in answers) == 2
    rows = [*await api.stage.all(idempotent_requests), *await api.stage.all(api_keys)]
    assert secret not in str([dict(row) for row in rows])
    other = await api.post("/keys", json={**NEW, "role": "read"}, headers=again)
    assert (other.status, other.json["type"]) == (409, "urn:bongsu:problem:other-request")
    taken = await api.post("/keys", json=NEW)
    assert (taken.status, taken.json["type"]) == (409, "urn:bongsu:problem:key-name-taken")


async def test_keys_are_listed_page_by_page_newest_first(api: Api) -> None:
    for number in range(4):
        await api.key(KeyRole.READ, name=f"reader {number}")
    first = await api.get("/keys?limit=3")
    assert [one["name"] for one in first.json["items"]] == ["reader 3", "reader 2", "reader 1"]
    rest = await api.get(f"/keys?limit=3&cursor={first.json['next_cursor']}")
    assert ([one["name"] for one in rest.json["items"]], rest.json["next_cursor"]) == (["reader 0", "admin"], None)
    assert (await api.get(f"/keys?limit=3&cursor={first.json['next_cursor'][:-2]}AA")).status == 400


async def test_only_an_admin_sees_or_makes_keys_and_only_those_of_its_tenant(api: Api) -> None:
    for role in (KeyRole.INGEST, KeyRole.READ, KeyRole.WRITE):
        secret = await api.key(role)
        assert (await api.get("/keys", secret=secret)).status == 403
        assert (await api.post("/keys", json=NEW, secret=secret)).status == 403
    assert (await api.post("/keys", json=NEW, headers={"On-Behalf-Of": "U0BOB"})).status == 403
    api.stages[2] = Stage.on(api.stage.engines, tenant_id=2)
    theirs = await api.key(KeyRole.ADMIN, name="theirs", tenant_id=2)
    for path in ("/keys/1", "/keys/999"):
        assert (await api.get(path, secret=theirs)).status == 404
        assert (await api.post(f"{path}/revoke", secret=theirs)).status == 404
    assert [one["name"] for one in (await api.get("/keys", secret=theirs)).json["items"]] == ["theirs"]


async def test_what_can_not_be_made_names_its_field(api: Api) -> None:
    now = await api.stage.now()
    for change, field in (
        ({"name": ""}, "body.name"),
        ({"name": "   "}, "body.name"),
        ({"name": "x" * 65}, "body.name"),
        ({"name": "a\x00b"}, "body.name"),
        ({"name": "a\u202eb"}, "body.name"),
        ({"name": "a\nb"}, "body.name"),
        ({"name": "12"}, "body.name"),
        ({"name": 12}, "body.name"),
        ({"role": "owner"}, "body.role"),
        ({"expires_at": now.isoformat()}, "body.expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "body.expires_at"),
        ({"default_labels": {"team": "a"}}, "body.default_labels.team"),
        ({"default_labels": {"cluster": ""}}, "body.default_labels.cluster"),
        ({"default_labels": {"cluster": "x" * 191}}, "body.default_labels.cluster"),
        ({"default_labels": {"severity": "blah"}}, "body.default_labels.severity"),
        ({"role": "write"}, "body.default_labels"),
        ({"scopes": ["read"]}, "body.scopes"),
    ):
        told = await api.post("/keys", json={**NEW, **change})
        assert (told.status, told.json["errors"][0]["field"]) == (422, field), change
    for ref, status in {"0": 422, "x": 422, str(2**63): 422, str(2**63 - 1): 404}.items():
        assert (await api.get(f"/keys/{ref}")).status == status, ref
