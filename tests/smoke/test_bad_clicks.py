"""Everything that people, and Slack, do at the wrong moment: a clear answer to who did it, and no other effect."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
import requests

from bot.signature import sign
from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import Grafana
from tests.smoke.harness import SIGNING_SECRET, House
from tests.smoke.waiting import until
from tests.smoke.workspace import Card, Json, Workspace, words

DELETED = (
    "This card is of an incident that this database does not know: it was deleted as old data, or the database was "
    "restored from a backup. `/incident list` shows what is open."
)
HOUR = 3600


@pytest.fixture
def card(workspace: Workspace, grafana: Grafana) -> Card:
    """INC-1, active."""
    speaks_english(workspace)
    grafana.fires("checkout-5xx", series=["pod-a"])
    return workspace.channel("#incidents").expects_card(containing="INC-1")


def speaks_english(workspace: Workspace) -> None:
    """Carol, whose Slack is in Korean."""
    workspace.do("people", user="carol", locale="en-US")


def at_once(*acts: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(len(acts)) as threads:
        return [one.result() for one in [threads.submit(act) for act in acts]]


def button(action_id: str, value: str) -> Json:
    return {"action_id": action_id, "value": value}


def test_a_click_on_a_deleted_incident(house: House, workspace: Workspace, card: Card) -> None:
    acknowledge, more = card.button("Acknowledge"), card.overflow("Add note", user="bob")
    form = more.expects_modal("Note on INC-1", user="bob")
    house.settled()
    for table in ("incident_events", "incident_episodes", "incident_series", "outbox"):
        house.rows(f"DELETE FROM {table} WHERE incident_id = 1")
    house.rows("UPDATE alerts SET incident_id = NULL")
    house.rows("DELETE FROM incidents")
    card.click_stale(acknowledge, user="alice")
    workspace.expects_ephemeral(user="alice", containing=DELETED)
    card.click("Why?", user="carol")
    workspace.expects_ephemeral(user="carol", containing=DELETED)
    card.overflow("Snooze", user="carol")
    workspace.expects_ephemeral(user="carol", containing=DELETED)
    assert form.submit_in_vain(note="looking") == DELETED
    workspace.command("/incident show 1", user="alice").says("There is no incident INC-1.")
    card.is_deleted_by_a_person()


def test_a_click_on_a_merged_incident(workspace: Workspace, grafana: Grafana, card: Card) -> None:
    grafana.fires("payments-slow", series=["pod-b"], service="payments")
    child = workspace.channel("#incidents").expects_card(containing="INC-2")
    resolve = child.button("Resolve")
    workspace.command("/incident merge 2 into 1", user="bob").says("INC-2 is merged into INC-1.")
    child.shows("Merged into INC-1").expects_thread_reply(containing="merged it into")
    card.shows("2 firing").expects_thread_reply(containing="one series came")
    child.click_stale(resolve, user="alice")
    workspace.expects_ephemeral(user="alice", containing="Work on INC-1, or undo the merge. Nothing was changed.")
    for verb in ("ack", "unack", "reopen", "noise", "split"):
        workspace.command(f"/incident {verb} 2", user="alice").says("INC-2 was merged into INC-1. Work on INC-1")
    for line in ("assign 2 me", "snooze 2 1h", "merge 2 into 1"):
        workspace.command(f"/incident {line}", user="alice").says("INC-2 was merged into INC-1. Work on INC-1")
    card.shows("2 firing", state="active")


def test_a_click_on_what_is_no_incident_of_ours(workspace: Workspace, card: Card) -> None:
    before = card.message
    elsewhere = '{"id":4711,"number":9,"version":1,"status":"active","episode":1,"firing":1}'
    card.click_stale(button("incident_acknowledge", elsewhere), user="alice")
    workspace.expects_ephemeral(user="alice", containing=DELETED)
    for value in ("12", "[]", elsewhere.replace("4711", "1e999"), elsewhere.replace("4711", str(2**64))):
        card.click_stale(button("incident_acknowledge", value), user="bob")
        workspace.expects_ephemeral(user="bob", containing="This button is from an older version of Bongsu")
    card.is_as(before)


def test_an_expired_trigger(workspace: Workspace, card: Card) -> None:
    for label in ("Add note", "Snooze", "More"):
        workspace.breaks("views.open", "error:expired_trigger_id")
        card.overflow(label, user="alice")
        workspace.expects_ephemeral(user="alice", containing="Slack did not open the form, so nothing was done.")
    card.overflow("Add note", user="alice").expects_modal("Note on INC-1", user="alice").submit(note="back again")
    card.shows("📝 <@U0ALICE>: back again").expects_thread_reply(containing="back again")


def test_a_form_with_emptied_fields_past_dates_and_a_person_who_left(workspace: Workspace, card: Card) -> None:
    before, now = card.message, int(time.time())
    note = card.overflow("Add note", user="alice").expects_modal("Note on INC-1", user="alice")
    assert note.submit_in_vain(note=" \n ").startswith("Note: it is empty")
    for until_when, problem in ((now - HOUR, "has passed"), (now + 40 * 24 * HOUR, "4 h at most")):
        snooze = card.overflow("Snooze", user="alice").expects_modal("Snooze INC-1", user="alice")
        assert problem in snooze.submit_in_vain(until=until_when)
    workspace.do("people", user="carol", deleted=True)
    for person, problem in (("U0CAROL", "@Carol Lee has left the workspace"), ("U0BONGSU", "is a bot")):
        assign = card.overflow("Assign", user="alice").expects_modal("Assign INC-1", user="alice")
        assert problem in assign.submit_in_vain(person=person)
    card.click("Acknowledge", user="carol")
    workspace.expects_ephemeral(user="carol", containing="This account is deactivated in Slack")
    card.is_as(before)


def test_a_private_channel(workspace: Workspace, card: Card) -> None:
    secret = workspace.do("channel", name="secret", private=True, bot_member=False)["channel"]["id"]
    workspace.do("command", command="/incident", text="declare x", user="alice", channel="#incidents")
    form = card.expects_modal("Declare an incident", user="alice")
    assert "write `/invite @Bongsu` there" in form.submit_in_vain(channel=secret)
    assert len(workspace.channel("#incidents").roots()) == 1
    assert workspace.messages(secret) == []
    workspace.do("command", command="/incident", text="show 1", user="bob", channel="secret")
    workspace.expects_ephemeral(user="bob", containing="INC-1")


def test_a_token_that_is_revoked_in_the_middle(house: House, workspace: Workspace, card: Card) -> None:
    house.allowed = {"slack_locked_out"}
    before = card.message
    workspace.do("token", valid=False)
    card.click("Acknowledge", user="bob")
    until(lambda: house.rows("SELECT 1 FROM incidents WHERE acknowledged_by = 'U0BOB'"), "it is acknowledged")
    card.overflow("Add note", user="alice")
    workspace.expects_ephemeral(user="alice", containing="Slack refuses Bongsu's token")
    workspace.command("/incident note 1 the token is gone", user="alice").says("Your note is on INC-1.")
    card.is_as(before)
    workspace.do("token", valid=True)
    card.shows("<@U0BOB>", "📝 <@U0ALICE>: the token is gone", state="acknowledged")
    card.expects_thread_reply(containing="acknowledged it").expects_thread_reply(containing="the token is gone")


def test_a_thread_reply_of_40_000_characters(house: House, workspace: Workspace, card: Card) -> None:
    house.settled()
    told = workspace.do("say", user="bob", channel="#incidents", text="가😀" * 20_000, thread_ts=card.ts)
    assert told["status"] == 200
    card.shows("📝 <@U0BOB>: 가😀", "the rest is in Slack")
    workspace.command("/incident show 1", user="alice").says("가😀", "the rest is in Slack")
    [(length,)] = house.rows("SELECT length(text) FROM told_messages")
    assert length == 2500


def test_a_user_without_a_role(make_house: MakeHouse) -> None:
    house = make_house(config='roles: {default: viewer, responder: ["@oncall"], admin: ["<@U0ALICE>"]}').open()
    speaks_english(house.workspace)
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    workspace = house.workspace
    card = workspace.channel("#incidents").expects_card()
    form = card.overflow("Add note", user="bob").expects_modal("Note on INC-1", user="bob")
    workspace.do("people", group="@oncall", members=["alice"])
    assert form.submit_in_vain(note="x").startswith("Only responders may write notes on incidents.")
    before = card.message
    for label, verb in (("Acknowledge", "acknowledge incidents"), ("Resolve", "resolve incidents")):
        card.click(label, user="carol")
        workspace.expects_ephemeral(user="carol", containing=f"Only responders may {verb}. That is: the members of")
    workspace.command("/incident declare x", user="carol").says("To become one, ask one of: <@U0ALICE>.")
    workspace.do("shortcut", user="carol", callback_id="declare_incident")
    view = until(lambda: workspace.look("views", user="carol")["views"], "a view tells it")[-1]
    assert "Only responders may declare incidents." in words(view | {"text": ""})
    house.settled()
    workspace.do("say", user="carol", channel="#incidents", text="I only look on", thread_ts=card.ts)
    assert house.rows("SELECT * FROM told_messages") == []
    card.is_as(before)


def test_slacks_retries_of_the_same_event(house: House, workspace: Workspace, card: Card) -> None:
    house.settled()
    reply = workspace.do("say", user="bob", channel="#incidents", text="only once", thread_ts=card.ts)
    event = {"type": "message", "user": "U0BOB", "text": "only once", "ts": reply["ts"], "thread_ts": card.ts}
    for _ in range(3):
        again = workspace.do("event", **event, channel="#incidents", event_id=reply["event_id"])
        assert again["status"] == 200
    card.shows("📝 <@U0BOB>: only once")
    assert house.rows("SELECT count(*) FROM incident_events WHERE kind = 'noted'") == [(1,)]


def test_two_people_at_once(workspace: Workspace, grafana: Grafana, card: Card) -> None:
    grafana.fires("payments-slow", series=["pod-b", "pod-c"], service="payments")
    other = workspace.channel("#incidents").expects_card(containing="INC-2")
    forms = []
    for user in ("alice", "bob"):
        workspace.do("command", command="/incident", text="split 2", user=user, channel="#incidents")
        forms.append(other.expects_modal("Split INC-2", user=user))
    [view] = workspace.look("views", user="alice")["views"]
    series = view["blocks"][-1]["element"]["options"][0]["value"]
    told = at_once(
        *(
            lambda one=one: workspace.do(
                "submit", view_id=one.view_id, user=one.user, values={"incident_split_series": [series]}
            )["body"]["response_action"]
            for one in forms
        )
    )
    assert sorted(map(str, told)) == ["clear", "errors"]
    new = workspace.channel("#incidents").expects_card(containing="INC-3").shows("1 firing")
    new.expects_thread_reply(containing="split it off")
    other.shows("1 firing").expects_thread_reply(containing="split one series off")
    workspace.command("/incident merge 3 into 2", user="alice").says("INC-3 is merged into INC-2.")
    new.shows("Merged into INC-2").expects_thread_reply(containing="merged it into")
    other.shows("2 firing").expects_thread_reply(containing="one series came")
    undo = new.button("Undo merge")
    at_once(*(lambda user=user: new.click_stale(undo, user=user) for user in ("alice", "bob")))
    refused = until(
        lambda: [
            one for user in ("alice", "bob") for one in workspace.ephemerals(user) if "nothing to undo" in words(one)
        ],
        "one is told that it is done",
    )
    assert len(refused) == 1
    workspace.expect(refused[0])
    new.shows("1 firing", state="active").expects_thread_reply(containing="undid")
    other.shows("1 firing", state="active").expects_thread_reply(containing="undid")


def typed(port: int, text: str, *, user: str) -> str:
    """``/incident`` sent to this one of several processes; its answer."""
    body = urlencode({"command": "/incident", "text": text, "user_id": user, "team_id": "T0SANDBOX"}).encode()
    at = str(int(time.time()))
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": sign(at, body, secret=SIGNING_SECRET),
    }
    answer = requests.post(f"http://127.0.0.1:{port}/slack/events", data=body, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["text"])


def test_two_processes_at_once(mariadb_url: str, make_house: MakeHouse) -> None:
    house = make_house(database_url=mariadb_url).open_in_order()
    other_port = house.port + 1
    house.start_bongsu(BONGSU_PORT=str(other_port))
    for number in range(6):
        house.grafana.fires(f"rule-{number}", series=["pod"], service=f"service-{number}")
    for one in (1, 3, 5):
        told = at_once(
            lambda one=one: typed(house.port, f"merge {one} into {one + 1}", user="U0ALICE"),
            lambda one=one: typed(other_port, f"merge {one + 1} into {one}", user="U0BOB"),
        )
        assert sum("is merged into" in str(answer) for answer in told) == 1, told
        assert sum("Nothing was changed" in str(answer) for answer in told) == 1, told
    house.settled(within=60)
    for message in house.workspace.messages():
        house.workspace.expect(message)
    merged = [one for one in house.workspace.channel("#incidents").roots() if "Merged" in words(one)]
    assert len(merged) == 3
