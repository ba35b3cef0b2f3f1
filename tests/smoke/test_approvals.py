"""What is critical takes two people to close: asked, answered, and told in the thread, by a running Bongsu."""

from tests.smoke.conftest import MakeHouse
from tests.smoke.waiting import until
from tests.smoke.workspace import Card

CONFIG = """\
approvals:
  - {match: {severity: critical}, for: [resolve, noise], timeout: 15m}
"""


def question(card: Card) -> Card:
    """The newest message in the thread that has these buttons."""

    def look() -> str | None:
        asking = [one["ts"] for one in card.thread() if "Approve" in str(one["blocks"])]
        return asking[-1] if asking else None

    found = until(look, "the thread asks for a second person")
    assert found is not None
    return Card(card.workspace, card.channel, found)


def test_two_people_close_what_is_critical_and_one_alone_does_not(make_house: MakeHouse) -> None:
    house = make_house(config=CONFIG).open()
    workspace = house.workspace
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    card.click("Resolve", user="alice")
    workspace.expects_ephemeral(user="alice", containing="A second person must confirm: INC-1 is asked in its thread")
    card.shows("Waiting for a second person: <@U0ALICE> wants to resolve it until")
    asked = question(card)
    card.expects_thread_reply(containing="A second person must confirm by")
    asked.click("Approve", user="alice")
    workspace.expects_ephemeral(user="alice", containing="You asked for it yourself")
    old = asked.button("Decline")
    asked.click("Approve", user="bob")
    card.shows("Closed by <@U0ALICE>, approved by <@U0BOB>", state="closed")
    card.expects_thread_reply(containing="<@U0ALICE> closed it, approved by <@U0BOB>")
    asked.shows("<@U0ALICE> wanted to resolve it", "Approved by <@U0BOB>")
    assert asked.buttons == []
    asked.click_stale(old, user="carol")
    workspace.expects_ephemeral(user="carol", containing="<@U0BOB> was faster and has approved it")
