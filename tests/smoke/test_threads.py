"""Below a card: people talk, correct themselves, pin what matters, and bring in a message from elsewhere."""

import pytest

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.waiting import until
from tests.smoke.workspace import Workspace

TITLE = "Add to incident"


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    """Slack is there first, so that Bongsu knows who it is as it starts."""
    house = make_house()
    house.start_sandbox()
    house.start_bongsu()
    return house


def reply(workspace: Workspace, thread: str, text: str, *, user: str) -> str:
    told = workspace.do("say", user=user, channel="#incidents", text=text, thread_ts=thread)
    assert told["status"] == 200, told
    return str(told["ts"])


def test_what_people_say_below_a_card_is_on_its_timeline(house: House, workspace: Workspace) -> None:
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    house.settled()
    first = reply(workspace, card.ts, "it is the databse", user="bob")
    card.shows("📝 <@U0BOB>: it is the databse")
    workspace.do("edit", user="bob", channel="#incidents", ts=first, text="it is the database")
    card.shows("📝 <@U0BOB>: it is the database (edited)")
    second = reply(workspace, card.ts, "password: hunter2", user="alice")
    card.shows("hunter2")
    workspace.do("delete", channel="#incidents", ts=second)
    card.shows("📝 <@U0BOB>: it is the database (edited)")
    workspace.do("react", user="alice", channel="#incidents", ts=first, name="pushpin")
    workspace.command("/incident show 1", user="alice").says(
        "<@U0ALICE> put a message by <@U0BOB> on the timeline", "deleted by now", never="hunter2"
    )
    elsewhere = workspace.do("say", user="carol", channel="#general", text="I see it, too")
    workspace.do("shortcut", user="alice", callback_id="add_to_incident", channel="#general", ts=elsewhere["ts"])
    form = card.expects_modal(TITLE, user="alice")
    form.submit(incident=str(card_id(house)))
    card.expects_thread_reply(containing="<@U0ALICE> put a message by <@U0CAROL> on the timeline")
    assert [one["user"] for one in card.thread()] == ["U0BOB", "U0BONGSU"]
    card.click("Resolve", user="alice").expects_thread_reply(containing="closed it")
    reply(workspace, card.ts, "post-mortem on Monday", user="carol")
    until(lambda: house.rows("SELECT 1 FROM told_messages WHERE text = 'post-mortem on Monday'"), "it is noted")


def card_id(house: House) -> int:
    [(incident_id,)] = house.rows("SELECT id FROM incidents")
    return int(incident_id)


def test_a_restart_forgets_no_event_that_was_heard(house: House, workspace: Workspace) -> None:
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    house.settled()
    ts = reply(workspace, card.ts, "once", user="bob")
    [(event_id,)] = house.rows("SELECT event_id FROM slack_events")
    house.stop_bongsu()
    house.start_bongsu()
    told = {"type": "message", "user": "U0BOB", "text": "twice", "ts": "1700000000.000001", "thread_ts": card.ts}
    answer = workspace.do("event", **told, channel="#incidents", event_id=event_id)
    assert answer["status"] == 200
    assert house.rows("SELECT ts, text FROM told_messages") == [(ts, "once")]
    card.shows("📝 <@U0BOB>: once")
