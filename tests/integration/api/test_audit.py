"""The audit log over the API: for admins, filtered, a page at a time."""

from datetime import datetime

from incidents.access.model import KeyRole
from incidents.audit.model import NewEntry
from tests.building import firing
from tests.integration.api.conftest import Api


def entry(at: datetime, number: int) -> NewEntry:
    return NewEntry(at, "cli", "x.done", f"x {number}")


async def test_who_did_what_is_listed_filtered_and_paged(api: Api) -> None:
    await api.stage.take(firing())
    person = {"On-Behalf-Of": "U0BOB"}
    assert (await api.post("/incidents/INC-1/acknowledge", headers=person)).status == 200
    [one] = (await api.get("/audit?action=incident.acknowledged&actor=U0BOB&subject=INC-1")).json["items"]
    assert (one["actor"], one["via"], one["origin"]) == ("U0BOB", "admin", "api 127.0.0.1")
    assert (one["seq"], one["hash"], one["before"]["status"]) == (None, None, "active")
    for number in range(3):
        await api.stage.write(lambda uow, n=number: uow.audit.add([entry(uow.now, n)]))
    first = (await api.get("/audit?limit=2")).json
    second = (await api.get("/audit", params={"limit": 2, "cursor": first["next_cursor"]})).json
    assert [one["subject"] for one in [*first["items"], *second["items"]]] == ["x 2", "x 1", "x 0", "INC-1"]
    assert second["next_cursor"] is None
    other = await api.get("/audit", params={"limit": 2, "cursor": first["next_cursor"], "actor": "cli"})
    assert other.status == 400


async def test_it_is_for_admins_and_mistakes_name_their_field(api: Api) -> None:
    writer = await api.key(KeyRole.WRITE)
    assert (await api.get("/audit", secret=writer)).status == 403
    assert (await api.get("/audit", headers={"On-Behalf-Of": "U0BOB"})).status == 403
    assert (await api.get("/audit", headers={"On-Behalf-Of": "U0ALICE"})).status == 200
    for query, field in {"since=yesterday": "since", "until=2026-01-01T00:00:00": "until", "actor=": "actor"}.items():
        told = await api.get(f"/audit?{query}")
        assert (told.status, told.json["errors"][0]["field"]) == (422, f"query.{field}")
    for far in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00%2B12:00"):
        assert (await api.get(f"/audit?since={far}")).status == 422


async def test_keys_are_made_and_revoked_under_a_name_and_without_their_secret(api: Api) -> None:
    made = await api.post("/keys", json={"name": "ci", "role": "read"}, headers={"On-Behalf-Of": "U0ALICE"})
    assert (await api.post(f"/keys/{made.json['id']}/revoke")).status == 200
    listed = await api.get(f"/audit?subject=key {made.json['id']}")
    revoked, created = listed.json["items"]
    assert (created["action"], created["actor"], created["via"]) == ("key.created", "U0ALICE", "admin")
    assert (created["after"]["name"], created["after"]["role"]) == ("ci", "read")
    assert (revoked["action"], revoked["actor"], revoked["before"]) == (
        "key.revoked",
        "key:admin",
        {"revoked_at": None},
    )
    assert revoked["after"]["revoked_at"]
    assert made.json["secret"] not in listed.text
