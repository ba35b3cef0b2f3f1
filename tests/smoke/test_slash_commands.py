"""`/incident`: everything that buttons do, typed; and every mistake answered with how to write it."""

import pytest

from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import Grafana
from tests.smoke.harness import House
from tests.smoke.workspace import Card, Workspace


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    """Slack is there first, so that Bongsu knows who it is as it starts: links to cards need that."""
    house = make_house()
    house.start_sandbox()
    house.start_bongsu()
    return house


@pytest.fixture
def card(workspace: Workspace, grafana: Grafana) -> Card:
    """INC-1, active."""
    grafana.fires("checkout-5xx", series=["pod-a"])
    return workspace.channel("#incidents").expects_card(state="active")


def test_an_incident_is_found_and_handled_by_commands_alone(workspace: Workspace, card: Card) -> None:
    workspace.command("/incident list", user="alice").says("INC-1", "CRITICAL", "nobody has it", "1 is open")
    workspace.command("/incident show 1", user="alice").says("INC-1", "1 firing: pod-a", "It opened", "Go to the card")
    workspace.command("/incident ack 1", user="alice").says("INC-1 is yours")
    card.shows("<@U0ALICE> since", state="acknowledged").expects_thread_reply(containing="<@U0ALICE> acknowledged it")
    workspace.command("/incident ack INC-1", user="bob").says("Already acknowledged by <@U0ALICE>", "assign INC-1 me")
    workspace.command("/incident assign 1 @bob", user="alice").says("INC-1 is given to <@U0BOB>")
    card.shows("<@U0BOB> has it").expects_thread_reply(containing="<@U0ALICE> gave it to <@U0BOB>")
    workspace.command("/incident unack 1", user="bob").says("INC-1 is active again")
    card.shows("Nobody has it", state="active").expects_thread_reply(containing="nobody has it")
    workspace.command("/incident note inc-1: it is DNS", user="bob").says("Your note is on INC-1")
    card.shows("📝 <@U0BOB>: it is DNS").expects_thread_reply(containing="it is DNS")


def test_an_incident_is_closed_and_opened_again_by_commands(workspace: Workspace, card: Card) -> None:
    workspace.command("/incident resolve 1 rolled back", user="alice").says("INC-1 is resolved")
    card.shows('"rolled back"', state="closed").expects_thread_reply(containing="rolled back")
    workspace.command("/incident resolve 1", user="bob").says("Already resolved by <@U0ALICE>")
    workspace.command("/incident list", user="bob").says("Nothing is open")
    workspace.command("/incident reopen 1", user="bob").says("INC-1 is open again")
    card.shows(state="active").expects_thread_reply(containing="<@U0BOB> reopened it")
    workspace.command("/incident noise 1 flaky probe", user="bob").says("closed as noise", "/incident real INC-1")
    card.shows("flaky probe", state="noise").expects_thread_reply(containing="flaky probe")
    workspace.command("/incident real 1", user="alice").says("INC-1 is no noise: active")
    card.shows(state="active").expects_thread_reply(containing="says that it is real")


CHANGE_NOTHING = {
    "/incident": ["What `/incident` understands", "resolve 12 rolled back"],
    "/incident help": ["What `/incident` understands", "assign 12 @alice"],
    "/incident 1": ["INC-1", "1 firing: pod-a"],
    "/incident resolv 1": ["Did you mean `resolve`?"],
    "/incident show 4711": ["There is no incident INC-4711", "1 is open: INC-1"],
    "/incident ack": ["needs its number", "1 is open: INC-1"],
    "/incident ack me": ["“me” is no incident's number"],
    "/incident ack 1 please": ["takes one incident and nothing after it", "Nothing was done"],
    "/incident unack 1": ["INC-1 is not acknowledged"],
    "/incident reopen 1": ["INC-1 is still open"],
    "/incident real 1": ["INC-1 is not marked as noise"],
    "/incident assign 1 @dave": ["I don't know “@dave”"],
    "/incident note 1": ["The note is empty"],
    "/incident qwertz <!channel> *x*": ["I don't know “qwertz”", "/incident list"],
    "/incident <!channel>": ["I don't know “"],
}


def test_questions_and_mistakes_are_answered_and_change_nothing(workspace: Workspace, card: Card) -> None:
    before = card.message
    for line, told in CHANGE_NOTHING.items():
        workspace.command(line, user="carol").says(*told, never="<!channel>")
    card.is_as(before)
