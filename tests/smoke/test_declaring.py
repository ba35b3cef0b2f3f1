"""An incident that no alert has told of: declared, found in lists, handled, closed, and counted."""

import pytest

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.waiting import until
from tests.smoke.workspace import Modal, Workspace


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    """Slack is there first, so that Bongsu knows who it is as it starts: links need that."""
    house = make_house()
    house.start_sandbox()
    house.start_bongsu()
    return house


def form(workspace: Workspace) -> Modal:
    view = until(lambda: workspace.look("views", user="alice")["views"], "alice sees a form")[-1]
    assert view["title"]["text"] == "Declare an incident"
    return Modal(workspace, "alice", view["id"])


def test_an_incident_is_declared_handled_closed_and_counted(workspace: Workspace) -> None:
    typed = {"command": "/incident", "text": "declare checkout is slow", "user": "alice", "channel": "#general"}
    assert workspace.do("command", **typed)["status"] == 200
    form(workspace).submit(service="checkout", severity="critical", note="since lunch")
    workspace.expects_ephemeral(user="alice", containing="INC-1 is declared: checkout is slow.")
    card = workspace.channel("#incidents").expects_card(state="active", containing="Declared by a person")
    card.shows("CRITICAL", "*checkout is slow*", "Nobody has it", "📝 <@U0ALICE>: since lunch")
    card.expects_thread_reply(containing="<@U0ALICE> declared it")
    card.expects_thread_reply(containing="since lunch")
    workspace.command("/incident list check critical unassigned", user="bob").says("1 incident for", "INC-1")
    card.click("Acknowledge", user="bob").shows("<@U0BOB> since", state="acknowledged")
    card.expects_thread_reply(containing="<@U0BOB> acknowledged it")
    workspace.command("/incident list mine", user="bob").says("1 incident for `/incident list mine`", "INC-1")
    workspace.command("/incident list @bob", user="alice").says("1 incident for /incident list <@U0BOB>")
    workspace.command("/incident resolve 1 was a cable", user="bob").says("INC-1 is resolved")
    card.shows('"was a cable"', state="closed").expects_thread_reply(containing="was a cable")
    workspace.command("/incident list resolved 7d", user="alice").says("INC-1", "Closed", "1–1 of 1")
    workspace.command("/incident stats", user="alice").says("1 incident opened. 1 ended.", "MTTR covers 0 % of 1.")


def test_a_message_becomes_an_incident_that_links_back_to_it(workspace: Workspace) -> None:
    asked = {"text": "The queue is stuck\nsince noon", "channel": "#general", "user": "bob"}
    message = workspace.do("say", **asked)
    shortcut = {"callback_id": "declare_from_message", "user": "alice", "channel": "#general", "ts": message["ts"]}
    assert workspace.do("shortcut", **shortcut)["status"] == 200
    form(workspace).submit()
    workspace.expects_ephemeral(user="alice", containing="INC-1 is declared: The queue is stuck.")
    card = workspace.channel("#incidents").expects_card(state="active", containing="*The queue is stuck*")
    card.expects_thread_reply(containing=f"/p{message['ts'].replace('.', '')}|a message>")
