"""Approvals: listed page by page, read, decided by a second person, and nobody else's."""

from dataclasses import replace

from incidents import actions
from incidents.access.model import KeyRole
from incidents.approvals.model import ApprovalRule, Wanted
from incidents.policy import Policy
from tests.building import ALICE, firing
from tests.integration.api.conftest import Api

BOB = {"On-Behalf-Of": "U0BOB"}
POLICY = Policy(approvals=(ApprovalRule(frozenset(Wanted)),))


async def test_approvals_are_listed_and_decided_by_another(api: Api) -> None:
    api.stages[1] = stage = type(api.stage).on(api.stage.engines, policy=POLICY)
    for service in "abc":
        await stage.take(firing(f"pod-{service}", service=service))
    for number in (1, 2, 3):
        incident = await stage.incident(number)
        await stage.write(
            lambda uow, one=incident: actions.resolve(one.id, by=ALICE, uow=uow, note=f"words {one.number}")
        )
    page = (await api.get("/approvals", params={"limit": "2"})).json
    rest = (await api.get("/approvals", params={"limit": "2", "cursor": page["next_cursor"]})).json
    assert [one["incident"] for one in (*page["items"], *rest["items"])] == ["INC-3", "INC-2", "INC-1"]
    assert rest["next_cursor"] is None
    [one] = (await api.get("/approvals", params={"incident": "INC-2", "status": "open"})).json["items"]
    told = {name: one[name] for name in ("wanted", "words", "asked_by", "asked_via", "outcome", "decided_by", "reason")}
    assert told == {
        "wanted": "resolve",
        "words": "words 2",
        "asked_by": "U0ALICE",
        "asked_via": None,
        "outcome": "open",
        "decided_by": None,
        "reason": "",
    }
    at = f"/approvals/{one['id']}"
    assert (await api.get(at)).json == one

    for who, what in {"U0ALICE": "approve", "U0BOB": "withdraw"}.items():
        refused = await api.post(f"{at}/{what}", headers={"On-Behalf-Of": who})
        assert (refused.status, refused.headers["Content-Type"]) == (409, "application/problem+json; charset=utf-8")
    assert (await api.post(f"{at}/approve", headers={"On-Behalf-Of": "U0VIEWER"})).status == 403
    reader = await api.key(KeyRole.READ)
    assert (await api.post(f"{at}/approve", secret=reader)).status == 403
    assert (await api.post(f"{at}/decline", headers=BOB, json={"reason": "x" * 501})).status == 422
    approved = await api.post(f"{at}/approve", headers=BOB)
    assert (approved.status, approved.json["outcome"], approved.json["decided_by"]) == (200, "approved", "U0BOB")
    assert approved.json["decided_via"] == "admin"
    assert (await stage.incident(2)).approved_by == "U0BOB"
    told = (await api.get("/audit?subject=INC-2")).json["items"]
    by = {one["action"]: (one["actor"], one["via"], one["origin"]) for one in told}
    assert by["incident.approved"] == ("U0BOB", "admin", "api 127.0.0.1")
    assert by["incident.resolved"][0::2] == ("U0ALICE", "approval")
    late = await api.post(f"{at}/approve", headers=BOB)
    assert (late.status, late.json["type"]) == (409, "urn:bongsu:problem:approval-over")

    third, _, first = (await api.get("/approvals")).json["items"]
    declined = await api.post(f"/approvals/{first['id']}/decline", json={"reason": "not yet"})
    assert (declined.json["outcome"], declined.json["reason"]) == ("declined", "not yet")
    withdrawn = await api.post(f"/approvals/{third['id']}/withdraw", headers={"On-Behalf-Of": "U0ALICE"})
    assert withdrawn.json["outcome"] == "withdrawn"
    assert (await api.get("/approvals", params={"status": "open"})).json["items"] == []
    assert len((await api.get("/approvals", params={"status": "past"})).json["items"]) == 3
    for path, status in {"999": 404, "0": 422, "x": 422, str(2**63): 422}.items():
        assert (await api.get(f"/approvals/{path}")).status == status, path
    for query, status in {"status=done": 422, "incident=INC-9": 404, "cursor=x": 400, "limit=0": 422}.items():
        assert (await api.get(f"/approvals?{query}")).status == status, query


async def test_another_tenant_has_none_of_them(api: Api) -> None:
    stage = type(api.stage).on(api.stage.engines, policy=POLICY)
    await stage.take(firing())
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    other = replace(api.stage, transactions=type(api.stage).on(api.stage.engines, tenant_id=2).transactions)
    api.stages[2] = other
    secret = await api.key(KeyRole.ADMIN)
    [row] = (await api.get("/approvals", secret=secret)).json["items"]
    api.stages[1] = other
    assert (await api.get("/approvals", secret=secret)).json["items"] == []
    for method, path in {("GET", ""), ("POST", "/approve"), ("POST", "/decline"), ("POST", "/withdraw")}:
        assert (await api.call(method, f"/approvals/{row['id']}{path}", secret=secret)).status == 404


async def test_who_resolves_is_told_where_the_approval_is_each_time_that_they_send_it(api: Api) -> None:
    api.stages[1] = stage = type(api.stage).on(api.stage.engines, policy=POLICY)
    await stage.take(firing())
    key = {"Idempotency-Key": "close-it"}
    asked = await api.post("/incidents/INC-1/resolve", headers=key)
    assert (asked.status, asked.json["name"], asked.headers["Location"]) == (202, "INC-1", "/api/v1/approvals/1")
    twice = await api.post("/incidents/INC-1/resolve")
    assert "approval 1 be decided first: who asked withdraws it" in twice.json["detail"]
    at = asked.headers["Location"].removeprefix("/api/v1")
    assert (await api.post(f"{at}/withdraw")).status == 200
    assert (await api.post("/incidents/INC-1/noise")).headers["Location"] == "/api/v1/approvals/2"
    again = await api.post("/incidents/INC-1/resolve", headers=key)
    assert (again.headers["Idempotent-Replayed"], again.headers["Location"]) == ("true", "/api/v1/approvals/1")
    assert "Location" not in (await api.post("/incidents/INC-1/acknowledge")).headers
