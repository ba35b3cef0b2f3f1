"""Slack fails in every way it can, and still shows each incident exactly once, as it is."""

from collections.abc import Sequence

import pytest

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.waiting import until
from tests.smoke.workspace import Card, Workspace

PASSING = ("ratelimited", "http_500", "reset_before", "reset_after", "stored_late", "html", "error:internal_error")
UNSHOWABLE = ("error:msg_too_long", "error:invalid_blocks")
KINDS = PASSING + UNSHOWABLE
LATER = KINDS[1:]
"""Once Slack has said "slow down", all updates are slower: that kind comes last where others would wait for it."""


def channel_for(kind: str) -> str:
    return "#" + kind.replace(":", "-").replace("_", "-")


@pytest.fixture
def faulty(make_house: MakeHouse) -> House:
    """A channel for each kind of fault, so that the waits for all of them pass at the same time."""
    routes = [f"  - {{match: {{service: '{kind}'}}, channel: '{channel_for(kind)}'}}\n" for kind in KINDS]
    house = make_house(config="routes:\n" + "".join(routes))
    house.start_sandbox()
    for kind in KINDS:
        house.workspace.do("channel", name=channel_for(kind))
    house.start_bongsu()
    house.allowed.add("outbox_plain_text")
    return house


def suffer(workspace: Workspace, method: str, kind: str) -> None:
    """Until a call has met the fault that was ordered last."""
    until(lambda: kind in [call.get("fault") for call in workspace.calls(method)], f"{method} meets {kind}")


def expect_cards(workspace: Workspace, kinds: Sequence[str], *, state: str = "active") -> dict[str, Card]:
    """By kind: the one card in its channel, which has come to show this state with or without blocks."""
    found = {}
    for kind in kinds:
        wanted = f"is {state}"

        def look(kind: str = kind, wanted: str = wanted) -> bool:
            return [wanted in one["text"] for one in workspace.channel(channel_for(kind)).roots()] == [True]

        until(look, f"after {kind} there is one card that {wanted}", within=30)
        [message] = workspace.channel(channel_for(kind)).roots()
        workspace.expect(message)
        found[kind] = Card(workspace, message["channel"], message["ts"])
    return found


def test_a_post_that_goes_wrong_ends_as_exactly_one_true_card(faulty: House) -> None:
    workspace = faulty.workspace
    for kind in KINDS:
        workspace.breaks("chat.postMessage", kind)
        faulty.grafana.fires(f"rule-{kind}", series=["pod-a"], service=kind)
        suffer(workspace, "chat.postMessage", kind)
    cards = expect_cards(workspace, KINDS)
    faulty.settled()
    for kind in KINDS:
        assert bool(cards[kind].message["blocks"]) == (kind not in UNSHOWABLE), kind
        assert [call["fault"] for call in workspace.calls("chat.postMessage") if call.get("fault") == kind] == [kind]


def test_an_update_that_goes_wrong_ends_in_the_same_card_showing_the_truth(faulty: House) -> None:
    workspace = faulty.workspace
    for kind in KINDS:
        faulty.grafana.fires(f"rule-{kind}", series=["pod-a"], service=kind)
    cards = expect_cards(workspace, KINDS)
    for kind in LATER:
        workspace.breaks("chat.update", kind)
        cards[kind].click("Acknowledge", user="alice")
        suffer(workspace, "chat.update", kind)
    assert expect_cards(workspace, LATER, state="acknowledged") == {kind: cards[kind] for kind in LATER}
    workspace.breaks("chat.update", "ratelimited")
    cards["ratelimited"].click("Acknowledge", user="alice").shows(state="acknowledged")
    first, second = [call["at"] for call in workspace.calls("chat.update")][-2:]
    assert second - first >= 1
    for card in cards.values():
        card.expects_thread_reply(containing="acknowledged it")


def test_a_refused_token_stops_nothing_for_good(house: House) -> None:
    workspace, channel = house.workspace, house.workspace.channel("#incidents")
    house.allowed.add("slack_locked_out")
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    card = channel.expects_card()
    workspace.do("token", valid=False)
    house.grafana.fires("checkout-5xx", series=["pod-b"])
    house.wait_until_told("slack_locked_out")
    house.grafana.fires("search-p99", series=["pod-c"])
    assert len(channel.roots()) == 1
    workspace.do("token", valid=True)
    card.shows("2 firing")
    channel.expects_card(containing="INC-2")
    house.wait_until_told("slack_let_in")


def test_a_card_that_somebody_deleted_is_posted_anew_when_something_changes(house: House) -> None:
    channel = house.workspace.channel("#incidents")
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    deleted = channel.expects_card()
    deleted.is_deleted_by_a_person()
    house.grafana.fires("checkout-5xx", series=["pod-b"])
    card = channel.expects_card().shows("2 firing")
    assert card.ts != deleted.ts
    card.click("Acknowledge", user="alice").shows(state="acknowledged")
    card.expects_thread_reply(containing="<@U0ALICE> acknowledged it")


def test_bongsu_starts_without_slack_and_catches_up(make_house: MakeHouse) -> None:
    house = make_house()
    house.start_bongsu()
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    house.wait_until_told("outbox_failed")
    house.start_sandbox()
    house.workspace.channel("#incidents").expects_card(within=20).shows("1 firing")


AN_HOUR_AGO = "strftime('%Y-%m-%d %H:%M:%f', expires_at, '-1 hour') || '000'"


def test_after_an_hour_without_slack_one_digest_tells_what_was_missed(house: House) -> None:
    """The hour is made by setting back since when Slack is away."""
    workspace, channel = house.workspace, house.workspace.channel("#incidents")
    house.allowed.add("slack_away")
    workspace.breaks("*", "http_500", times=None)
    house.grafana.fires("checkout-5xx", series=["pod-a"], service="checkout")
    house.grafana.fires("search-p99", series=["pod-b"], service="search")
    house.wait_until_told("outbox_failed")
    house.grafana.resolves("search-p99", series=["pod-b"], service="search")
    house.rows(f"UPDATE leases SET expires_at = {AN_HOUR_AGO} WHERE name = 'pace:away'")
    house.wait_until_told("slack_away", within=40)
    workspace.heals()
    digest = channel.expects_digest("2 incidents, 1 already resolved", "INC-1", "INC-2")
    card = channel.expects_card(containing="INC-1")
    assert card.ts > digest["ts"]
    assert [one["text"] for one in channel.roots() if "INC-2" in one["text"]] == []
    card.click("Acknowledge", user="alice").shows(state="acknowledged")
    card.expects_thread_reply(containing="acknowledged it")
