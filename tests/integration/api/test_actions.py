"""Everything that changes an incident: in each state, at once, once, and only as it was read."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from db import tables
from db.access_tables import idempotent_requests
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.access.model import KeyRole
from incidents.escalation.model import EscalationPolicy, Step
from incidents.model import EventKind, Incident, Severity, Status
from incidents.policy import Policy
from tests.building import ALICE, BOB, firing
from tests.integration.api.conftest import Api
from tests.integration.db.stage import Stage

PAGING = Policy(escalations={"default": EscalationPolicy("default", (Step(timedelta(minutes=5), ("@oncall",)),))})

EXPECTED = """
              active           acknowledged          worsened     snoozed          resolved          noise             merged      declared
acknowledge   200              already-acknowledged  200          200              already-resolved  already-resolved  merged-away 200
confirm       not-acknowledged nothing-to-confirm    200          not-acknowledged already-resolved  already-resolved  merged-away not-acknowledged
unacknowledge not-acknowledged 200                   200          not-acknowledged already-resolved  already-resolved  merged-away not-acknowledged
resolve       200              200                   200          200              already-resolved  already-resolved  merged-away 200
reopen        not-resolved     not-resolved          not-resolved not-resolved     200               200               merged-away not-resolved
noise         200              200                   200          200              200               already-noise     merged-away 200
real          not-noise        not-noise             not-noise    not-noise        not-noise         200               not-noise   not-noise
assign        200              200                   200          200              200               200               merged-away 200
snooze        200              200                   200          200              200               200               merged-away 200
wake          not-snoozed      not-snoozed           not-snoozed  200              not-snoozed       not-snoozed       not-snoozed not-snoozed
escalate      200              200                   200          200              already-resolved  already-resolved  merged-away 200
notes         201              201                   201          201              201               201               201         201
timeline      201              201                   201          201              201               201               201         201
summary       not-over         not-over              not-over     not-over         200               200               200         not-over
merge         200              200                   200          200              already-resolved  already-resolved  merged-away 200
unmerge       not-merged       not-merged            not-merged   not-merged       not-merged        not-merged        200         not-merged
split         201              201                   201          201              already-resolved  already-resolved  merged-away no-series-to-split
"""  # noqa: E501 - a table
"""What each action answers in each state: its status, or the problem's type, which is a 409."""

BODIES: Mapping[str, Mapping[str, Any]] = {
    "resolve": {"note": "rolled back"},
    "noise": {"reason": "flaky probe"},
    "assign": {"to": "U0BOB"},
    "snooze": {"for": "1h"},
    "notes": {"text": "looking"},
    "timeline": {"text": "deployed", "happened_at": "2026-01-01T00:00:00Z"},
    "summary": {"text": "a bad deployment"},
    "merge": {"into": "INC-1"},
}
ANY_TIMES = {"notes", "timeline"}


def cases() -> list[tuple[str, str, str]]:
    """(state, action, what is expected)"""
    head, *lines = (line.split() for line in EXPECTED.strip().splitlines())
    return [(state, verb, told) for verb, *row in lines for state, told in zip(head, row, strict=True)]


def service(state: str, verb: str, told: str) -> str:
    """By which its incident is found: of its own, unless it stays in its state."""
    return f"{state}-{verb}" if told[0] == "2" and verb not in ANY_TIMES else state


async def bring(incident: Incident, state: str, parent: Incident, uow: SqlUnitOfWork) -> None:
    """From active into this state."""
    this: dict[str, Any] = {"uow": uow, "by": ALICE}
    if state in {"acknowledged", "worsened"}:
        await actions.acknowledge(incident.id, **this)
    match state:
        case "worsened":
            await actions.set_severity(incident.id, to=Severity.CRITICAL, by=BOB, uow=uow)
        case "snoozed":
            await actions.snooze(incident.id, until=uow.now + timedelta(hours=2), **this)
        case "resolved":
            await actions.resolve(incident.id, **this)
        case "noise":
            await actions.mark_noise(incident.id, **this)
        case "merged":
            await actions.merge(incident.id, into=parent.id, **this)


async def set_up(stage: Stage) -> dict[str, int]:
    """All incidents of the table, by their service: their ids. INC-1 is what others are merged into."""
    wanted = {service(*case): case[0] for case in cases()}
    names = [name for name, state in wanted.items() if state != "declared"]
    parts = {name: "ab" if name.endswith("split") else "a" for name in names}
    await stage.take(firing("parent", service="parent"))
    await stage.take(*(firing(f"{name}-{part}", service=name) for name in names for part in parts[name]))

    async def work(uow: SqlUnitOfWork) -> None:
        parent = await uow.incidents.by_number(1)
        for row in rows:
            if (state := wanted.get(row["service"])) is not None:
                await bring(await uow.incidents.get(row["id"]), state, parent, uow)
        for name in wanted.keys() - set(names):
            new = actions.Declaration(token=name, title="Checkout is slow", severity=Severity.ERROR, service=name)
            await actions.declare(new, by=ALICE, uow=uow, policy=PAGING)

    rows = await stage.all(tables.incidents)
    await stage.write(work)
    return {row["service"]: row["id"] for row in await stage.all(tables.incidents)}


async def test_each_action_in_each_state_is_done_or_says_why_not(api: Api) -> None:
    api.stages[1] = Stage.on(api.stage.engines, policy=PAGING)
    ids, wrong = await set_up(api.stage), []
    for state, verb, expected in cases():
        name = service(state, verb, expected)
        body = {"series": [f"{name}-a"]} if verb == "split" else BODIES.get(verb)
        told = await api.post(f"/incidents/{ids[name]}/{verb}", json=body)
        said = str(told.status) if told.status < 300 else told.json["type"].removeprefix("urn:bongsu:problem:")
        right = told.status == 409 or told.headers["ETag"] == f'"{told.json["version"]}"'
        if said != expected or not right:
            wrong.append((state, verb, said))
    assert wrong == []


async def test_of_eight_who_acknowledge_at_once_one_does_and_seven_hear_who(api: Api) -> None:
    await api.stage.take(firing())
    keys = [await api.key(KeyRole.WRITE, name=f"ci-{number}") for number in range(8)]
    told = await asyncio.gather(*(api.post("/incidents/INC-1/acknowledge", secret=key) for key in keys))
    assert Counter(one.status for one in told) == {200: 1, 409: 7}
    owner = (await api.stage.incident()).owner
    assert {one.json["by"] for one in told if one.status == 409} == {owner}
    assert all(one.json["at"].endswith("+00:00") for one in told if one.status == 409)
    assert await api.stage.kinds() == ["opened", "acknowledged"]


async def test_what_a_key_does_is_told_in_the_thread_and_is_no_human_response(api: Api) -> None:
    await api.stage.take(firing())
    key = await api.key(KeyRole.WRITE, name="ci")
    await api.post("/incidents/INC-1/acknowledge", secret=key)
    told = await api.post(
        "/incidents/INC-1/notes", secret=key, json={"text": " looking "}, headers={"On-Behalf-Of": "U0BOB"}
    )
    assert (told.status, told.json["acknowledged_by"]) == (201, "key:ci")
    _, first, second = await api.stage.events()
    assert (first.actor, first.data) == ("key:ci", {})
    assert (second.actor, dict(second.data)) == ("U0BOB", {"text": "looking", "via": "ci"})
    rows = [row["subject"] for row in await api.stage.all(tables.outbox) if row["kind"] == "thread"]
    assert rows == [f"event:{first.id}", f"event:{second.id}"]
    [episode] = await api.stage.episodes()
    assert (episode.acknowledged_by, episode.responded_at) == ("key:ci", None)


async def test_a_body_that_can_not_be_used_names_the_field(api: Api) -> None:
    await api.stage.take(firing(severity="critical"), firing("pod-b"))
    wrong: list[tuple[str, Any, str]] = [
        ("acknowledge", {"note": "x"}, "body.note"),
        ("resolve", {"note": "x" * 2501}, "body.note"),
        ("noise", {"reason": 1}, "body.reason"),
        ("assign", {}, "body.to"),
        ("assign", {"to": "alice"}, "body.to"),
        ("assign", {"to": "U0NOBODY"}, "body.to"),
        ("assign", {"to": "U0BOT"}, "body.to"),
        ("assign", {"to": "U0GONE"}, "body.to"),
        ("snooze", {}, "body"),
        ("snooze", {"for": "1h", "until": "2030-01-01T00:00:00Z"}, "body"),
        ("snooze", {"for": "soon"}, "body.for"),
        ("snooze", {"for": "5h"}, "body.for"),
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, "body.until"),
        ("snooze", {"until": "2030-01-01T00:00:00"}, "body.until"),
        ("snooze", {"until": "0001-01-01T00:00:00+14:00"}, "body.until"),
        ("notes", {"text": " \n"}, "body.text"),
        ("notes", {"text": "\x00"}, "body.text"),
        ("timeline", {"text": "x", "happened_at": "2100-01-01T00:00:00Z"}, "body.happened_at"),
        ("merge", {"into": "INC-99"}, "body.into"),
        ("split", {"series": ["pod-a", "pod-c"]}, "body.series.1"),
        ("split", {"series": ["pod-a", "pod-b"]}, "body.series"),
        ("split", {"series": []}, "body.series"),
    ]
    for verb, body, field in wrong:
        told = await api.post(f"/incidents/INC-1/{verb}", json=body)
        assert (told.status, [one["field"] for one in told.json["errors"]]) == (422, [field]), (verb, body, told.text)
    too_long = await api.post("/incidents/INC-1/snooze", json={"for": "5h"})
    assert too_long.json["detail"].endswith("can be snoozed for 4h at most: choose an earlier end")
    assert await api.stage.kinds() == ["opened", "series_firing"]


async def test_a_split_answers_the_new_incident_and_where_it_is(api: Api) -> None:
    await api.stage.take(firing(), firing("pod-b"))
    key = {"Idempotency-Key": "split-1"}
    first, again = [await api.post("/incidents/INC-1/split", json={"series": ["pod-b"]}, headers=key) for _ in range(2)]
    assert (first.status, first.json["name"], first.headers["Location"]) == (201, "INC-2", "/api/v1/incidents/INC-2")
    assert (again.text, again.headers["Idempotent-Replayed"]) == (first.text, "true")
    assert (await api.stage.incident(1)).firing == 1


async def test_a_patch_changes_all_that_it_names_or_nothing(api: Api) -> None:
    await api.stage.take(firing())
    before = await api.stage.incident()
    snoozed = {"snoozed_until": (await api.stage.now() + timedelta(hours=1)).isoformat()}
    asked = {"title": "Checkout is  slow", "severity": "error", "assignee": "U0BOB", **snoozed}
    told = await api.patch("/incidents/INC-1", json=asked, headers={"If-Match": f'"{before.version}"'})
    assert (told.status, told.json["title"], told.json["severity"]) == (200, "Checkout is slow", "error")
    assert (told.json["assignee"], told.json["owner"], told.json["snoozed_by"]) == ("U0BOB", "U0BOB", "key:admin")
    assert (await api.stage.kinds())[1:] == ["title_set", "severity_set", "assigned", "snoozed"]
    same = await api.patch("/incidents/INC-1", json={**asked, "is_noise": False})
    assert (same.status, same.json["version"]) == (200, told.json["version"])
    stale = await api.patch("/incidents/INC-1", json=asked, headers={"If-Match": f'"{before.version}"'})
    assert (stale.status, stale.json["changed"][0]["kind"]) == (412, "title_set")
    for body, field in {
        '{"severity": "critical", "snoozed_until": "2020-01-01T00:00:00Z"}': "body.snoozed_until",
        '{"severity": "critical", "title": " "}': "body.title",
        '{"severity": "critical", "assignee": "U0GONE"}': "body.assignee",
        '{"severity": "grave", "assignee": null}': "body.severity",
        '{"severity": null}': "body.severity",
        '{"is_noise": false, "noise_reason": "x"}': "body",
        "{}": "body",
    }.items():
        wrong = await api.patch("/incidents/INC-1", data=body, headers={"Content-Type": "application/json"})
        assert (wrong.status, [one["field"] for one in wrong.json["errors"]]) == (422, [field]), body
    assert (await api.stage.incident()).version == told.json["version"]
    noise = await api.patch("/incidents/INC-1", json={"is_noise": True, "noise_reason": "probe", "snoozed_until": None})
    assert (noise.json["status"], noise.json["noise_reason"]) == ("resolved", "probe")
    assert noise.json["snoozed_until"] is None
    real = await api.patch("/incidents/INC-1", json={"is_noise": False, "assignee": None})
    assert (real.json["status"], real.json["assignee"]) == ("active", None)


async def forget_requests(stage: Stage) -> None:
    """A day passes for all that was remembered of them."""
    rows = await stage.all(idempotent_requests)
    await stage.grow_older(idempotent_requests, rows, ["created_at"], timedelta(hours=25))


async def test_a_declaration_is_made_once_whenever_it_is_sent_again(api: Api) -> None:
    asked = {"title": "Checkout is slow", "severity": "critical", "service": "pay", "note": "since lunch"}
    key = {"Idempotency-Key": "outage-7"}
    first = await api.post("/incidents", json=asked, headers=key)
    assert (first.status, first.headers["Location"], first.headers["ETag"]) == (201, "/api/v1/incidents/INC-1", '"3"')
    assert (first.json["source"], first.json["place"]["service"]) == ("slack", "pay")
    again = await api.post("/incidents", json=asked, headers=key)
    assert (again.text, again.headers["Location"]) == (first.text, first.headers["Location"])
    await api.post("/incidents/INC-1/resolve")
    await forget_requests(api.stage)
    late = await api.post("/incidents", json=asked, headers=key)
    assert (late.status, late.json["name"], late.json["status"]) == (201, "INC-1", "resolved")
    await forget_requests(api.stage)
    other = await api.post("/incidents", json={**asked, "title": "Search is slow"}, headers=key)
    assert other.json["name"] == "INC-2"
    assert (await api.post("/incidents", json=asked)).json["name"] == "INC-3"
    for body, field in {"title": "", "severity": "grave", "channel": "C0ARCHIVED", "service": "x" * 101}.items():
        wrong = await api.post("/incidents", json={**asked, body: field})
        assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, f"body.{body}")


async def test_a_reader_changes_nothing_and_a_foreign_incident_is_not_there(api: Api) -> None:
    await api.stage.take(firing())
    api.stages[2] = Stage.on(api.stage.engines, tenant_id=2)
    stranger, reader = await api.key(KeyRole.WRITE, tenant_id=2), await api.key(KeyRole.READ)
    for _, verb, _ in cases()[::8]:
        body = {"series": ["pod-a"]} if verb == "split" else BODIES.get(verb)
        assert (await api.post(f"/incidents/INC-1/{verb}", json=body, secret=reader)).status == 403
        foreign = await api.post(f"/incidents/1/{verb}", json=body, secret=stranger)
        assert (foreign.status, foreign.json["type"]) in {
            (404, "urn:bongsu:problem:incident-not-found"),
            (404, "urn:bongsu:problem:incident-gone"),
        }
    assert (await api.stage.incident()).status is Status.ACTIVE
    assert [one.kind for one in await api.stage.events()] == [EventKind.OPENED]
