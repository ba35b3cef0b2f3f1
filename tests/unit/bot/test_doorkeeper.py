"""Who stands behind a payload, who is a stranger, and that a group is asked for only where it decides."""

from collections.abc import Mapping
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.client import Identity
from bot.doorkeeper import Caller, Doorkeeper, Why, caller
from bot.groups import Groups
from bot.people import Directory
from incidents.roles import Role, Roles

ALICE = "U0ALICE"
OURS, OTHER, ORG = "T0OURS", "T0OTHER", "E0ORG"
EVERYBODY = Roles()


def doorkeeper(*, identity: Mapping[str, str] | None = None, person: Mapping[str, Any] | None = None) -> Doorkeeper:
    client = Mock(spec=AsyncWebClient, usergroups_list=AsyncMock(side_effect=TimeoutError))
    directory = Directory(client)
    if person is not None:
        directory.told({"id": ALICE, **person})
    told = {"team_id": OURS} if identity is None else identity
    return Doorkeeper(directory, Groups(client), Identity(client, **told))


@pytest.mark.parametrize(
    ("team_id", "identity", "person", "why"),
    [
        (OURS, None, None, None),
        (OTHER, None, None, Why.STRANGER),
        ("", None, None, None),
        ("", None, {"team_id": OURS}, None),
        ("", None, {"team_id": OTHER}, Why.STRANGER),
        (OTHER, {}, None, None),
        (OTHER, {"team_id": OURS, "enterprise_id": ORG}, None, Why.STRANGER),
        (ORG, {"team_id": OURS, "enterprise_id": ORG}, None, None),
        (OTHER, {"team_id": OURS, "enterprise_id": ORG}, {"enterprise_user": {"enterprise_id": ORG}}, None),
        (OTHER, {"team_id": OURS, "enterprise_id": ORG}, {"enterprise_user": {"enterprise_id": "E0X"}}, Why.STRANGER),
        (OTHER, None, {"enterprise_user": {"enterprise_id": ORG}}, Why.STRANGER),
        (OURS, None, {"deleted": True}, Why.GONE),
    ],
)
async def test_only_people_of_our_workspace_who_are_there_are_let_in(
    team_id: str, identity: Mapping[str, str] | None, person: Mapping[str, Any] | None, why: Why | None
) -> None:
    door = doorkeeper(identity=identity, person=person)
    assert await door.refuses(Caller(ALICE, team_id), Role.VIEWER, EVERYBODY) is why


@pytest.mark.parametrize(
    ("roles", "needed", "why", "asked"),
    [
        (EVERYBODY, Role.RESPONDER, None, 0),
        (EVERYBODY, Role.ADMIN, Why.ROLE, 0),
        (Roles(Role.VIEWER, {ALICE: Role.RESPONDER}, {"@oncall": Role.RESPONDER}), Role.RESPONDER, None, 0),
        (Roles(Role.VIEWER, {}, {"@oncall": Role.RESPONDER}), Role.VIEWER, None, 0),
        (Roles(Role.VIEWER, {}, {"@oncall": Role.RESPONDER}), Role.ADMIN, Why.ROLE, 0),
        (Roles(Role.VIEWER, {}, {"@oncall": Role.RESPONDER}), Role.RESPONDER, Why.GROUPS_UNKNOWN, 1),
        (Roles(Role.RESPONDER, {}, {"@contractors": Role.VIEWER}), Role.RESPONDER, Why.GROUPS_UNKNOWN, 1),
    ],
)
async def test_groups_are_asked_for_where_they_decide_and_close_where_they_are_not_known(
    roles: Roles, needed: Role, why: Why | None, asked: int
) -> None:
    door = doorkeeper()
    assert await door.refuses(Caller(ALICE, OURS), needed, roles) is why
    assert door.groups._client.usergroups_list.await_count == asked  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "who"),
    [
        ({"user": {"id": ALICE, "team_id": OURS}}, Caller(ALICE, OURS)),
        ({"user": {"id": ALICE}, "team": {"id": OTHER}}, Caller(ALICE)),
        ({"user_id": ALICE, "team_id": OURS, "command": "/incident"}, Caller(ALICE, OURS)),
        ({"event": {"type": "message", "user": ALICE, "team": OURS}}, Caller(ALICE, OURS)),
        ({"event": {"type": "message", "user": ALICE, "team": OURS, "user_team": OTHER}}, Caller(ALICE, OTHER)),
        ({"event": {"subtype": "message_changed", "message": {"user": ALICE, "team": OURS}}}, Caller(ALICE, OURS)),
        ({"event": {"subtype": "message_deleted", "previous_message": {"user": ALICE}}}, Caller(ALICE)),
        ({"event": {"type": "reaction_added", "user": ALICE, "item": {"type": "message"}}}, Caller(ALICE)),
        ({"event": {"type": "user_change", "user": {"id": ALICE}}}, None),
        ({"event": {"type": "subteam_updated", "subteam": {}}}, None),
        ({"user": {}}, None),
        ({"user": "x"}, None),
        ({}, None),
    ],
)
def test_who_stands_behind_a_payload(body: Mapping[str, Any], who: Caller | None) -> None:
    assert caller(body) == who
