"""Who may press, choose, submit and type what."""

import json

import pytest

from incidents.model import Status
from incidents.policy import Policy
from incidents.roles import Role, Roles
from tests.integration.bot.workspace import ALICE, BOB, Workspace, until

CAROL = "U0CAROL"
WHO_MAY = "Only responders may acknowledge incidents. That is: the members of @oncall, "


@pytest.fixture
def policy() -> Policy:
    """Alice and Bob are on call; Carol only looks on."""
    return Policy(roles=Roles(Role.VIEWER, {BOB: Role.ADMIN}, {"S0ONCALL": Role.RESPONDER}))


@pytest.fixture(autouse=True)
async def _all_read_english(workspace: Workspace) -> None:
    await workspace.do("people", user=CAROL, locale="en-US")


async def test_a_viewer_who_clicks_is_told_who_may_and_whom_to_ask(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    answer = await workspace.click(ts, "incident_acknowledge", user=CAROL)
    assert (answer["status"], answer["body"]) == (200, "")
    await until(lambda: _told(workspace, CAROL))
    [told] = await workspace.told(CAROL)
    assert told == f"{WHO_MAY}<@{BOB}>. To become one, ask one of: <@{BOB}>."
    assert (await workspace.incident(incident_id)).status is Status.ACTIVE
    assert workspace.counted(kind="click", name="incident_acknowledge", outcome="forbidden") == 1


async def test_a_member_of_the_group_and_who_is_named_may(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.click(await workspace.post_card(incident_id), "incident_acknowledge", user=ALICE)
    assert (await workspace.incident(incident_id)).acknowledged_by == ALICE
    await workspace.click(await workspace.post_card(incident_id), "incident_resolve", user=BOB)
    assert (await workspace.incident(incident_id)).resolved_by == BOB


async def test_the_menu_is_refused_by_what_was_chosen_and_opens_no_form(workspace: Workspace) -> None:
    ts = await workspace.post_card(await workspace.has_incident())
    await workspace.choose(ts, "note", user=CAROL)
    await until(lambda: _told(workspace, CAROL))
    [told] = await workspace.told(CAROL)
    assert told.startswith("Only responders may write notes on incidents.")
    assert (await workspace.see("views", user=CAROL))["views"] == []


async def test_a_form_that_was_open_is_refused_under_its_field_and_names_people(workspace: Workspace) -> None:
    ts = await workspace.post_card(await workspace.has_incident())
    await workspace.choose(ts, "note", user=ALICE)
    await workspace.do("people", group="@oncall", members=[BOB])
    answer = await workspace.submit({"note": "I know"}, user=ALICE)
    assert answer["body"]["response_action"] == "errors"
    told = answer["body"]["errors"]["note"]
    assert told.startswith("Only responders may write notes on incidents. That is: the members of @oncall, ")
    assert "<@" not in told
    assert (await workspace.modal(ALICE))["callback_id"] == "incident_note"


async def test_a_viewer_may_read_and_type_nothing_else(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    assert "INC-1" in await workspace.command("list", user=CAROL)
    assert "INC-1" in await workspace.command("show 1", user=CAROL)
    assert "/incident ack 12" in await workspace.command("acknowledge nothing", user=CAROL)
    assert "Only responders may acknowledge incidents." in await workspace.command("take 1", user=CAROL)
    assert "Only responders may resolve incidents." in await workspace.command("close 1 done", user=CAROL)
    assert (await workspace.incident(incident_id)).status is Status.ACTIVE


async def test_whoever_joins_the_group_may_from_then_on_and_who_leaves_it_may_not(workspace: Workspace) -> None:
    await workspace.has_incident()
    assert "Only responders" in await workspace.command("ack 1", user=CAROL)
    await workspace.do("people", group="@oncall", members=[CAROL])
    assert "INC-1 is yours" in await workspace.command("ack 1", user=CAROL)
    assert "Only responders" in await workspace.command("resolve 1", user=ALICE)


async def test_while_slack_never_told_the_groups_only_who_needs_none_may(workspace: Workspace) -> None:
    await workspace.do("faults", method="usergroups.list", kind="http_500", times=None)
    await workspace.has_incident()
    told = await workspace.command("ack 1", user=ALICE)
    assert "Slack does not tell right now who is in which group" in told
    assert "try again in a minute" in told
    assert "INC-1" in await workspace.command("list", user=ALICE)
    assert "INC-1 is yours" in await workspace.command("ack 1", user=BOB)


async def test_while_slack_is_down_the_last_known_groups_hold(workspace: Workspace) -> None:
    await workspace.has_incident()
    assert "INC-1 is yours" in await workspace.command("ack 1", user=ALICE)
    await workspace.do("faults", method="usergroups.list", kind="http_500", times=None)
    await workspace.do("event", type="subteam_updated", subteam={"id": "S0ONCALL"})
    assert "INC-1 is resolved" in await workspace.command("resolve 1", user=ALICE)


async def test_slack_that_hangs_holds_up_a_click_for_less_than_slack_waits(workspace: Workspace) -> None:
    await workspace.do("faults", method="usergroups.list", kind="timeout", times=None)
    ts = await workspace.post_card(await workspace.has_incident())
    answer = await workspace.click(ts, "incident_acknowledge", user=ALICE)
    assert answer["status"] == 200
    await until(lambda: _told(workspace, ALICE))
    assert "Slack does not tell right now" in (await workspace.told(ALICE))[0]


async def test_whoever_is_of_another_workspace_is_refused(workspace: Workspace) -> None:
    await workspace.do("people", user=BOB, team_id="T0OTHER", silent=True)
    ts = await workspace.post_card(await workspace.has_incident())
    await workspace.click(ts, "incident_acknowledge", user=BOB)
    await until(lambda: _told(workspace, BOB))
    assert "You are of another workspace" in (await workspace.told(BOB))[0]
    assert "You are of another workspace" in await workspace.command("list", user=BOB)


async def test_whose_account_is_deactivated_is_refused(workspace: Workspace) -> None:
    await workspace.has_incident()
    await workspace.do("people", user=BOB, deleted=True)
    assert "This account is deactivated" in await workspace.command("list", user=BOB)
    await workspace.do("people", user=BOB, deleted=False)
    assert "INC-1" in await workspace.command("list", user=BOB)


async def test_a_click_on_app_home_is_refused_in_a_small_modal(workspace: Workspace) -> None:
    pressed = {"type": "button", "text": {"type": "plain_text", "text": "Acknowledge"}, "value": "{}"}
    blocks = [{"type": "actions", "elements": [pressed | {"action_id": "incident_acknowledge"}]}]
    await workspace.client.views_publish(user_id=CAROL, view={"type": "home", "blocks": blocks})
    view = (await workspace.see("home", user=CAROL))["home"]
    await workspace.do("click", user=CAROL, action_id="incident_acknowledge", view_id=view["id"])
    await until(lambda: _looks_at_a_modal(workspace, CAROL))
    assert WHO_MAY in json.dumps(await workspace.modal(CAROL))


async def test_a_click_in_a_modal_is_refused_on_top_of_it(workspace: Workspace) -> None:
    await workspace.do("event", type="app_home_opened", user=ALICE)
    ts = await workspace.post_card(await workspace.has_incident())
    await workspace.choose(ts, "note", user=ALICE)
    below = await workspace.modal(ALICE)
    pressed = {"type": "button", "text": {"type": "plain_text", "text": "Merge"}, "action_id": "incident_merge"}
    blocks = [{"type": "actions", "elements": [pressed]}]
    title = {"type": "plain_text", "text": "More"}
    view = {"type": "modal", "callback_id": "incident_more", "title": title, "blocks": blocks}
    await workspace.client.views_update(view_id=below["id"], view=view)
    await workspace.do("people", group="@oncall", members=[BOB])
    await workspace.do("click", user=ALICE, action_id="incident_merge", view_id=below["id"])

    async def is_on_top() -> bool:
        return len((await workspace.see("views", user=ALICE))["views"]) == 2

    await until(is_on_top)
    assert "Only responders may merge and split incidents." in json.dumps(await workspace.modal(ALICE))


async def test_a_shortcut_is_refused_where_it_was_used(workspace: Workspace) -> None:
    await workspace.do("shortcut", callback_id="declare_incident", user=CAROL)
    await until(lambda: _looks_at_a_modal(workspace, CAROL))
    assert "Only responders may declare incidents." in json.dumps(await workspace.modal(CAROL))
    said = await workspace.do("say", channel="#incidents", user=CAROL, text="look")
    await workspace.do("shortcut", callback_id="add_to_incident", user=CAROL, channel="#incidents", ts=said["ts"])
    await until(lambda: _told(workspace, CAROL))
    assert "Only responders may add to the timeline" in (await workspace.told(CAROL))[0]


async def test_what_a_viewer_says_in_a_channel_is_passed_over_in_silence(workspace: Workspace) -> None:
    answer = await workspace.do("event", type="message", user=CAROL, channel="#incidents", text="hello")
    assert answer["status"] == 200
    assert workspace.counted(kind="event", name="message", outcome="forbidden") == 1
    assert (await workspace.see("calls", method="users.info"))["calls"] == []


async def _told(workspace: Workspace, user: str) -> bool:
    return bool(await workspace.told(user))


async def _looks_at_a_modal(workspace: Workspace, user: str) -> bool:
    return bool((await workspace.see("views", user=user))["views"])
