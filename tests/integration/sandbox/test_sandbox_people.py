"""Accounts and groups change as an administrator changes them, and the bot hears of it."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.integration.sandbox.stage import Stage


async def test_a_deactivated_person_is_told_of_and_shown_so(stage: Stage) -> None:
    told = await stage.do("people", user="bob", deleted=True)
    event = stage.bot.last.json["event"]
    assert (event["type"], event["user"]["id"], event["user"]["deleted"]) == ("user_change", "U0BOB", True)
    assert told["event"]["status"] == 200
    shown = await stage.client.users_info(user="U0BOB", include_locale=True)
    assert (shown["user"]["deleted"], shown["user"]["locale"], shown["user"]["tz"]) == (True, "en-US", "Europe/Berlin")


async def test_what_is_not_given_stays(stage: Stage) -> None:
    await stage.do("people", user="bob", deleted=True)
    await stage.do("people", user="bob", locale="ko-KR", tz="Asia/Seoul", team_id="T0OTHER", silent=True)
    shown = (await stage.client.users_info(user="U0BOB", include_locale=True))["user"]
    assert (shown["deleted"], shown["locale"], shown["tz"]) == (True, "ko-KR", "Asia/Seoul")
    assert shown["team_id"] == "T0OTHER"
    assert len(stage.bot.received) == 1


async def test_a_groups_members_are_exchanged_and_told_of(stage: Stage) -> None:
    await stage.do("people", group="@oncall", members=["bob", "U0CAROL"])
    event = stage.bot.last.json["event"]
    assert (event["type"], event["subteam_id"]) == ("subteam_members_changed", "S0ONCALL")
    assert (event["added_users"], event["removed_users"]) == (["U0CAROL"], ["U0ALICE"])
    told = await stage.client.usergroups_list(include_users=True)
    assert told["usergroups"][0]["users"] == ["U0BOB", "U0CAROL"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"user": "nobody"}, 404),
        ({"user": "bob", "deleted": "yes"}, 422),
        ({"group": "@nobody", "members": []}, 404),
        ({"group": "@oncall"}, 422),
        ({"group": "@oncall", "members": ["nobody"]}, 404),
        ({}, 422),
    ],
)
async def test_a_mistake_is_told_and_changes_nothing(stage: Stage, given: dict[str, object], status: int) -> None:
    assert (await stage.attempt("people", **given))[0] == status
    assert stage.bot.received == []


async def test_a_bot_exchanges_a_groups_members(stage: Stage) -> None:
    told = await stage.client.usergroups_users_update(usergroup="S0ONCALL", users=["U0CAROL"])
    assert told["usergroup"]["users"] == ["U0CAROL"]
    assert (await stage.client.usergroups_users_list(usergroup="S0ONCALL"))["users"] == ["U0CAROL"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"usergroup": "S0NOBODY", "users": ["U0BOB"]}, "no_such_subteam"),
        ({"usergroup": "S0ONCALL", "users": []}, "no_users_provided"),
        ({"usergroup": "S0ONCALL", "users": ["U0BOB", "U0NOBODY"]}, "invalid_users"),
        ({"usergroup": "S0ONCALL", "users": ["U0CAROL"]}, "invalid_users"),
        ({"usergroup": "S0ONCALL", "users": ["U0BONGSU"]}, "invalid_user"),
    ],
)
async def test_whom_slack_does_not_take_into_a_group(stage: Stage, given: dict[str, Any], error: str) -> None:
    await stage.do("people", user="carol", deleted=True, silent=True)
    with pytest.raises(SlackApiError) as refused:
        await stage.client.usergroups_users_update(**given)
    assert refused.value.response["error"] == error
    assert (await stage.client.usergroups_users_list(usergroup="S0ONCALL"))["users"] == ["U0ALICE", "U0BOB"]
