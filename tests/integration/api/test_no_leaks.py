"""Every operation of the API, asked with ids and numbers of another organisation: nothing of it is told or changed."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from incidents.access.model import KeyRole
from receiver.api.operation import Operation
from receiver.api.routes import OPERATIONS
from tests.integration.api.conftest import Answered, Api
from tests.integration.two_tenants import CANARY, ONLY_THEIRS, OURS, THEIRS, TwoTenants, two_tenants

GAPS: Mapping[str, str] = {
    "incident": "incidents",
    "alert": "alerts",
    "delivery": "deliveries",
    "window": "maintenance_windows",
    "override": "schedule_overrides",
    "key": "api_keys",
    "entry": "incident_events",
    "approval": "approvals",
}
"""Which table the ids are of that stand in a gap of a path."""

NAMES: Mapping[str, str] = {"schedule": "payments"}
"""Gaps that hold a name, which both have."""

BODIES: Mapping[str, Mapping[str, Any]] = {
    "PATCH /incidents/{incident}": {"severity": "critical"},
    "POST /incidents": {"title": "Slow", "severity": "error"},
    "POST /incidents/{incident}/assign": {"to": "U0BOB"},
    "POST /incidents/{incident}/escalate": {},
    "POST /incidents/{incident}/merge": {"into": f"INC-{ONLY_THEIRS}"},
    "POST /incidents/{incident}/notes": {"text": "seen"},
    "POST /incidents/{incident}/snooze": {"for": "2h"},
    "POST /incidents/{incident}/split": {"series": ["pod-0-1"]},
    "POST /incidents/{incident}/summary": {"text": "it was nothing"},
    "POST /incidents/{incident}/timeline": {"text": "seen"},
    "POST /keys": {"name": "another", "role": "read"},
    "POST /maintenance": {"scope": {"service": ["mail"]}, "duration": "2h"},
    "POST /maintenance/preview": {"scope": {"service": ["s1"]}},
    "POST /schedules/{schedule}/overrides": {"person": "U0BOB", "end": "2036-01-01T00:00:00Z"},
}
"""What is sent to operations that need a body: of each, by method and path."""

QUERIES: Mapping[str, Mapping[str, str]] = {}
"""Parameters, of operations that need any."""


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def gaps(operation: Operation) -> list[str]:
    return re.findall(r"\{(\w+)\}", operation.path)


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_every_operation_is_covered(operation: Operation) -> None:
    assert set(gaps(operation)) <= {*GAPS, *NAMES}, "say in GAPS of which table the ids are"
    if operation.body is not None and not operation.body_optional:
        assert named(operation) in BODIES, "say in BODIES what to send"
    if operation.query is not None and any(one.is_required() for one in operation.query.model_fields.values()):
        assert named(operation) in QUERIES, "say in QUERIES what to ask"


async def test_nothing_of_another_organisation_is_told_or_changed(api: Api) -> None:
    both = await two_tenants(api.stage.engines)
    api.stages |= {OURS: both.ours, THEIRS: both.theirs}
    ours, theirs = await api.key(KeyRole.ADMIN), await api.key(KeyRole.ADMIN, tenant_id=THEIRS)
    before = await both.rows_of_theirs()
    for operation in OPERATIONS:
        for path in paths(operation, both):
            answer = await ask(api, operation, path, secret=ours)
            told = f"{operation.method} {path}: {answer.status} {answer.text[:300]}"
            assert CANARY not in answer.text + json.dumps(dict(answer.headers)), told
            assert answer.status < 500, told
            if names_a_row(operation):
                assert answer.status in {404, 405}, told
    assert await both.rows_of_theirs() == before
    await the_same_is_told_to_whom_it_belongs(api, both, secret=theirs)


async def the_same_is_told_to_whom_it_belongs(api: Api, both: TwoTenants, *, secret: str) -> None:
    """Else nothing would have been proved."""
    silent = []
    for operation in OPERATIONS:
        if operation.method == "GET" and names_a_row(operation):
            answers = [await ask(api, operation, path, secret=secret) for path in paths(operation, both)]
            if not any(answer.status == 200 for answer in answers):
                silent.append(named(operation))
    assert silent == []


def names_a_row(operation: Operation) -> bool:
    return any(gap in GAPS for gap in gaps(operation))


def paths(operation: Operation, both: TwoTenants) -> list[str]:
    """With an id of theirs in each gap, and with a number that only they have."""
    values = {gap: str(both.ids.get(table, 987_654)) for gap, table in GAPS.items()} | NAMES
    incidents = [str(both.theirs_incident), f"INC-{ONLY_THEIRS}"]
    several = incidents if "incident" in gaps(operation) else [""]
    return [operation.path.format(**{**values, "incident": one}) for one in several]


async def ask(api: Api, operation: Operation, path: str, *, secret: str) -> Answered:
    more: dict[str, Any] = {"params": QUERIES.get(named(operation), {})}
    if operation.body is not None:
        more["json"] = BODIES.get(named(operation), {})
    return await api.call(operation.method, path, secret=secret, **more)
