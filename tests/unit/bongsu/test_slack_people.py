"""Whom the REST API takes for a person of the workspace, and which channels it lets be named."""

from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bongsu.organisations import SlackPeople
from bot.client import Identity
from bot.doorkeeper import Doorkeeper
from bot.groups import Groups
from bot.people import Directory
from incidents.errors import InvalidInput, NotAssignable
from incidents.policy import Policies, Policy
from incidents.roles import Role
from receiver.api.errors import NotAllowed, NoWorkspace, PersonUnknown, SlackAway
from receiver.api.problem import problem_of

ALICE = {"id": "U0ALICE", "real_name": "Alice Kim", "team_id": "T1"}


def refusal(code: str) -> SlackApiError:
    return SlackApiError(code, {"ok": False, "error": code})


def people(
    *,
    user: dict[str, Any] | Exception = ALICE,
    channel: dict[str, Any] | Exception | None = None,
    token: str | None = "xoxb-1",
) -> SlackPeople:
    """Slack tells this of whoever is asked for, and of each channel; or fails so."""
    client = Mock(
        spec=AsyncWebClient,
        token=token,
        users_info=AsyncMock(
            side_effect=[user, user] if isinstance(user, Exception) else None, return_value={"user": user}
        ),
        conversations_info=AsyncMock(
            side_effect=channel if isinstance(channel, Exception) else None, return_value={"channel": channel or {}}
        ),
    )
    identity = Identity(client, user_id="U0BONGSU")
    return SlackPeople(Doorkeeper(Directory(client), Groups(client), identity), Policies(Policy()), "acme")


async def test_who_is_there_can_have_an_incident_and_act() -> None:
    await people().check_assignable("U0ALICE")
    await people().check("U0ALICE", Role.RESPONDER)


@pytest.mark.parametrize(
    ("user", "error"),
    [
        ({**ALICE, "is_bot": True}, NotAssignable),
        ({**ALICE, "deleted": True}, NotAssignable),
        (refusal("user_not_found"), PersonUnknown),
        (refusal("internal_error"), SlackAway),
        (TimeoutError(), SlackAway),
    ],
)
async def test_who_is_gone_a_bot_or_not_known_gets_no_incident(user: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        await people(user=user).check_assignable("U0ALICE")


@pytest.mark.parametrize(
    ("user", "error"),
    [
        ({**ALICE, "is_bot": True}, NotAllowed),
        ({**ALICE, "deleted": True}, NotAllowed),
        (refusal("user_not_found"), PersonUnknown),
        (refusal("internal_error"), SlackAway),
    ],
)
async def test_nobody_acts_on_behalf_of_such(user: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        await people(user=user).check("U0ALICE", Role.RESPONDER)


async def test_where_no_workspace_is_connected_that_is_said_and_how_one_is() -> None:
    """Trying again would never help."""
    nobody = people(user=refusal("not_authed"), token=None)
    for asked in (nobody.check("U0ALICE", Role.RESPONDER), nobody.check_assignable("U0ALICE")):
        with pytest.raises(NoWorkspace, match=r"no Slack workspace is connected.*`bongsu tenant invite acme`") as told:
            await asked
        assert problem_of(told.value).status == 422


async def test_a_channel_in_which_nothing_can_be_said_is_refused() -> None:
    await people(channel={"is_archived": False}).check_channel("C0INCIDENTS")
    for channel in ({"is_archived": True}, refusal("channel_not_found")):
        with pytest.raises(InvalidInput):
            await people(channel=channel).check_channel("C0OTHER")
