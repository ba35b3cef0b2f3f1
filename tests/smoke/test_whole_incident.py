"""A whole incident, as a team lives through it in Slack: from the first alert to the figures of the week."""

import pytest

from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import Grafana
from tests.smoke.harness import House
from tests.smoke.waiting import until
from tests.smoke.workspace import Card, Channel, Workspace

CHECKOUT, PAYMENTS = "checkout-5xx", "payments-slow"


@pytest.fixture
def house(database_url: str, make_house: MakeHouse) -> House:
    """On SQLite and on MariaDB; with Slack first, since cards lead to each other."""
    return make_house(database_url="" if database_url.startswith("sqlite") else database_url).open_in_order()


def test_a_whole_incident(house: House, workspace: Workspace, grafana: Grafana) -> None:
    channel = workspace.channel("#incidents")
    card = it_opens_and_one_person_takes_it(channel, grafana)
    they_talk_and_it_sleeps(card, grafana)
    it_gets_worse_and_is_closed(card, grafana)
    it_comes_back_and_is_no_noise(card, grafana)
    it_was_the_same_trouble_and_then_not(card, channel, grafana)
    workspace.command("/incident stats 7d", user="carol").says(
        "2 incidents opened", "None is open now", "told from 5 on"
    )


def it_opens_and_one_person_takes_it(channel: Channel, grafana: Grafana) -> Card:
    """Who comes second with a button of before is told who was first."""
    grafana.fires(CHECKOUT, series=["pod-a"])
    card = channel.expects_card(containing=CHECKOUT).shows("INC-1", "1 firing: pod-a | 5.2", "Nobody has it")
    stale = card.button("Acknowledge")
    card.click("Acknowledge", user="alice").shows("<@U0ALICE> since", state="acknowledged")
    card.expects_thread_reply(containing="<@U0ALICE> acknowledged it")
    card.click_stale(stale, user="bob")
    card.workspace.expects_ephemeral(user="bob", containing="Already acknowledged by <@U0ALICE>")
    return card


def they_talk_and_it_sleeps(card: Card, grafana: Grafana) -> None:
    card.reply("the pool is *full*", user="bob")
    card.shows("📝 <@U0BOB>: the pool is")
    card.overflow("Snooze", user="alice").expects_modal("Snooze INC-1", user="alice").submit(span="1h")
    card.shows("Snoozed until").expects_thread_reply(containing="<@U0ALICE> snoozed it until")
    grafana.fires(CHECKOUT, series=["pod-b"], value=9.1)
    card.shows("2 firing: pod-b, pod-a", "pod-b: 9.1", "Snoozed until")


def it_gets_worse_and_is_closed(card: Card, grafana: Grafana) -> None:
    card.click("Wake now", user="bob").shows(state="acknowledged").expects_thread_reply(containing="woke it")
    grafana.fires(CHECKOUT, series=["pod-a"], value=14)
    card.shows("2 firing: pod-a, pod-b", "pod-a: 5.2 → 14")
    grafana.fires(CHECKOUT, series=["pod-a"], value=12)
    card.shows("pod-a: 5.2 → peak 14 → 12")
    card.click("Resolve", user="alice").shows("2 still firing", state="closed")
    card.expects_thread_reply(containing="<@U0ALICE> closed it")
    card.overflow("Add summary", user="alice").expects_modal("Sum up INC-1", user="alice").submit(summary="rolled back")
    card.shows('"rolled back"').expects_thread_reply(containing="summed it up")
    grafana.resolves(CHECKOUT, series=["pod-a", "pod-b"])


def it_comes_back_and_is_no_noise(card: Card, grafana: Grafana) -> None:
    """It opens again with its owner."""
    grafana.fires(CHECKOUT, series=["pod-a"])
    card.shows("<@U0ALICE> since", "1 firing, 1 resolved: pod-a", state="acknowledged")
    card.overflow("Mark noise", user="bob").expects_modal("Noise: INC-1", user="bob").submit(reason="a test")
    card.shows("Noise by <@U0BOB>").expects_thread_reply(containing="<@U0BOB>")
    card.click("It's real", user="alice").shows("<@U0ALICE> since", state="acknowledged")
    card.expects_thread_reply(containing="<@U0ALICE>")


def it_was_the_same_trouble_and_then_not(card: Card, channel: Channel, grafana: Grafana) -> None:
    workspace = card.workspace
    grafana.fires(PAYMENTS, series=["pod-p"], service="payments")
    other = channel.expects_card(containing=PAYMENTS)
    workspace.do("command", command="/incident", text="merge 2", user="bob", channel="#incidents")
    form = other.expects_modal("Merge INC-2", user="bob")
    [(choice, value)] = form.search("incident_merge_into", "checkout").items()
    assert choice.startswith("INC-1 ·")
    form.submit_and_clear(incident_merge_into=value)
    other.shows("Merged into INC-1").expects_thread_reply(containing="merged it into")
    assert (other.buttons, other.leads_to("Open INC-1")) == (["Open INC-1", "Undo merge"], card.ts)
    card.shows("2 firing, 1 resolved: ", "pod-p").expects_thread_reply(containing="into this")
    other.reply("payments wait for checkout", user="carol")
    card.shows("📝 <@U0CAROL>: payments wait for checkout")

    other.click("Undo merge", user="alice").shows("1 firing: pod-p", state="active")
    other.expects_thread_reply(containing="undid its merge")
    card.shows("1 firing, 1 resolved: pod-a", state="acknowledged").expects_thread_reply(containing="undid the merge")
    grafana.resolves(CHECKOUT, series=["pod-a"])
    grafana.resolves(PAYMENTS, series=["pod-p"], service="payments")
    for one in (card, other):
        one.shows(state="recovered")
    until(lambda: other.buttons == ["Reopen", "Why?"], "it can be opened again")
