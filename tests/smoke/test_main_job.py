"""The main job: an alert becomes a card, and people handle it by its buttons."""

import json

from tests.smoke.grafana import Grafana
from tests.smoke.harness import House
from tests.smoke.workspace import Workspace


def test_an_alert_becomes_one_card_that_follows_it_to_its_end_and_back(house_anywhere: House) -> None:
    workspace, grafana = house_anywhere.workspace, house_anywhere.grafana
    channel = workspace.channel("#incidents")
    assert grafana.fires("checkout-5xx", series=["pod-a"], signed=True)["incidents"] == ["INC-1"]
    card = channel.expects_card(state="active").shows("CRITICAL", "checkout · prod-a/pay", "1 firing: pod-a", "Nobody")
    assert card.buttons == ["Acknowledge", "Resolve", "Why?"]

    grafana.fires("checkout-5xx", series=["pod-b"])
    card.shows("2 firing: pod-a, pod-b", state="active")

    acknowledge = card.button("Acknowledge")
    card.click("Acknowledge", user="alice").shows("<@U0ALICE> since", state="acknowledged")
    card.expects_thread_reply(containing="<@U0ALICE> acknowledged it")
    assert card.buttons == ["Resolve", "Add note", "Why?"]

    before = card.message
    card.click_stale(acknowledge, user="bob")
    workspace.expects_ephemeral(user="bob", containing="Already acknowledged by <@U0ALICE>")
    card.is_as(before)

    grafana.resolves("checkout-5xx", series=["pod-a", "pod-b"], signed=True)
    card.shows("acknowledged in", "reopens if it fires by", state="recovered")
    assert card.buttons == ["Reopen", "Why?"]

    assert grafana.fires("checkout-5xx", series=["pod-a"])["incidents"] == ["INC-1"]
    card.shows("<@U0ALICE> since", "1 firing, 1 resolved", state="acknowledged")


def test_what_is_closed_while_it_fires_says_so_and_opens_again_by_hand(workspace: Workspace, grafana: Grafana) -> None:
    grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    assert "1 still firing" in card.button("Resolve")["confirm"]["text"]["text"]
    card.click("Resolve", user="alice").shows("by <@U0ALICE>", "1 still firing", state="closed")
    card.expects_thread_reply(containing="<@U0ALICE> closed it · ⚠ 1 still firing")
    card.click("Reopen", user="bob").shows("1 firing", state="active")
    card.expects_thread_reply(containing="<@U0BOB> reopened it")


def test_noise_is_called_with_a_reason_and_taken_back(workspace: Workspace, grafana: Grafana) -> None:
    grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    modal = card.overflow("Mark noise", user="bob").expects_modal("Noise: INC-1", user="bob")
    modal.submit(reason="a flaky probe")
    card.shows("by <@U0BOB>", "a flaky probe", state="noise").expects_thread_reply(containing="marked it as noise")
    assert card.buttons == ["It's real", "Why?"]
    card.click("It's real", user="alice").shows(state="active")
    card.expects_thread_reply(containing="<@U0ALICE> says that it is real")


def test_an_incident_is_given_to_somebody_and_noted_on(workspace: Workspace, grafana: Grafana) -> None:
    grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    assert card.menu == ["Assign", "Snooze", "Add note", "Mark noise", "More"]
    card.overflow("Assign", user="alice").expects_modal("Assign INC-1", user="alice").submit(person="U0CAROL")
    card.shows("Assigned to <@U0CAROL>").expects_thread_reply(containing="<@U0ALICE> gave it to <@U0CAROL>")
    note = card.overflow("Add note", user="carol").expects_modal("Note on INC-1", user="carol")
    note.submit(note="It is <!here> & DNS")
    card.shows("📝 <@U0CAROL>: It is &lt;!here&gt; &amp; DNS")
    card.expects_thread_reply(containing="&gt; &amp; DNS")
    card.click("Acknowledge", user="carol").shows(state="acknowledged")
    card.expects_thread_reply(containing="<@U0CAROL> acknowledged it")
    card.overflow("Unacknowledge", user="carol").shows("Nobody has it", state="active")
    card.expects_thread_reply(containing="nobody has it")


def test_two_people_press_at_once_and_one_of_them_is_told_who_won(workspace: Workspace, grafana: Grafana) -> None:
    grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    acknowledge = card.button("Acknowledge")
    card.click_stale(acknowledge, user="bob").click_stale(acknowledge, user="alice")
    card.shows("<@U0BOB> since", state="acknowledged").expects_thread_reply(containing="<@U0BOB> acknowledged it")
    workspace.expects_ephemeral(user="alice", containing="Already acknowledged by <@U0BOB>")


def test_a_stale_click_changes_nothing_that_its_author_could_not_mean(workspace: Workspace, grafana: Grafana) -> None:
    grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    resolve = card.button("Resolve")
    grafana.fires("checkout-5xx", series=["pod-b"])
    card.shows("2 firing")
    before = card.message
    card.click_stale(resolve, user="bob")
    workspace.expects_ephemeral(user="bob", containing="2 series fire now, 1 did then")
    card.click_stale(resolve | {"value": '{"from": "another version"}'}, user="bob")
    workspace.expects_ephemeral(user="bob", containing="an older version of Bongsu")
    unknown = json.dumps(json.loads(resolve["value"]) | {"id": 4711, "number": 4711})
    card.click_stale(resolve | {"value": unknown}, user="bob")
    workspace.expects_ephemeral(user="bob", containing="it was deleted as old data")
    card.is_as(before)
