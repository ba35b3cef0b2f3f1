"""Roles as a team meets them: who only looks on, who joins the group, and who leaves."""

import json

import pytest

from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import Grafana
from tests.smoke.harness import House
from tests.smoke.waiting import until
from tests.smoke.workspace import Card, Workspace

ROLES = """
roles:
  default: viewer
  responder: ["@oncall"]
  admin: ["<@U0ALICE>"]
"""
WHO_MAY = "That is: the members of @oncall, <@U0ALICE>. To become one, ask one of: <@U0ALICE>."


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    return make_house(config=ROLES).open()


@pytest.fixture
def card(workspace: Workspace, grafana: Grafana) -> Card:
    """INC-1, active."""
    grafana.fires("checkout-5xx", series=["pod-a"])
    return workspace.channel("#incidents").expects_card(state="active")


def test_a_viewer_is_told_who_may_until_the_group_has_them(workspace: Workspace, card: Card) -> None:
    before = card.message
    card.click("Acknowledge", user="carol")
    told = workspace.expects_ephemeral(user="carol", containing="Only responders may acknowledge incidents.")
    assert told.endswith(WHO_MAY)
    workspace.command("/incident resolve 1", user="carol").says("Only responders may resolve incidents.", WHO_MAY)
    workspace.command("/incident show 1", user="carol").says("INC-1", never="Only responders")
    card.is_as(before)
    workspace.do("people", group="@oncall", members=["carol"])
    card.click("Acknowledge", user="carol").shows("<@U0CAROL>", state="acknowledged")
    card.expects_thread_reply(containing="<@U0CAROL> acknowledged it")
    workspace.command("/incident resolve 1", user="bob").says("Only responders may resolve incidents.")


def test_a_home_offers_only_what_its_person_may(workspace: Workspace, card: Card) -> None:
    for user in ("alice", "carol"):
        workspace.do("event", type="app_home_opened", user=user)
    for user, offered in (("alice", True), ("carol", False)):
        home = json.dumps(until(lambda user=user: workspace.look("home", user=user)["home"], f"{user} has a Home"))
        assert card.name in home
        assert ("incident_acknowledge" in home) is offered


def test_a_group_that_slack_never_told_gives_nothing(make_house: MakeHouse) -> None:
    house = make_house(config=ROLES)
    house.start_sandbox()
    house.workspace.breaks("usergroups.list", "http_500", times=None)
    house.start_bongsu()
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    card = house.workspace.channel("#incidents").expects_card(state="active")
    card.click("Acknowledge", user="bob")
    house.workspace.expects_ephemeral(user="bob", containing="Slack does not tell right now who is in which group")
    card.click("Acknowledge", user="alice").shows("<@U0ALICE>", state="acknowledged")
    card.expects_thread_reply(containing="<@U0ALICE> acknowledged it")


def test_what_somebody_has_who_leaves_is_taken_from_them_aloud(workspace: Workspace, card: Card) -> None:
    card.click("Acknowledge", user="bob").shows("<@U0BOB>", state="acknowledged")
    card.expects_thread_reply(containing="<@U0BOB> acknowledged it")
    workspace.do("people", user="bob", deleted=True)
    card.shows("Nobody has it", state="active").expects_thread_reply(containing="<@U0BOB> has left Slack")
    [told] = [one for one in card.thread() if "has left Slack" in one["text"]]
    assert told["broadcast"]
    card.click("Acknowledge", user="bob")
    workspace.expects_ephemeral(user="bob", containing="This account is deactivated")
