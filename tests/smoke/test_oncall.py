"""A schedule of a running Bongsu: who has it is mentioned, somebody takes it over and gives it back."""

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.waiting import until

CONFIG = """\
routes: [{match: {service: checkout}, channel: "#incidents", mention: ["schedule:payments"]}]
schedules:
  payments: {timezone: Asia/Seoul, rotate: weekly, handover: "Mon 09:00", people: ["<@U0BOB>"]}
"""


def mentions(house: House, person: str) -> bool:
    """Whether the newest incident's thread mentions them. All that was said there is expected."""
    replies = [one for one in house.workspace.messages("#incidents") if one["thread_ts"]]
    for one in replies:
        house.workspace.expect(one)
    return bool(replies) and person in str(replies[-1]["text"])


def test_who_is_on_call_is_mentioned_and_somebody_takes_it_over(make_house: MakeHouse) -> None:
    house = make_house(config=CONFIG).open()
    workspace = house.workspace
    workspace.command("/incident oncall", user="alice").says("*payments*: <@U0BOB>, until further notice")
    house.grafana.fires("rule-1", series=["a"], service="checkout")
    workspace.channel("#incidents").expects_card(containing="INC-1")
    until(lambda: mentions(house, "<@U0BOB>"), "Bob is mentioned")

    workspace.command("/incident oncall payments me 4h", user="alice").says("<@U0ALICE> is on call for *payments*")
    workspace.home(user="bob").open().shows("On call now: payments <@U0ALICE>")
    house.grafana.fires("rule-2", series=["a"], service="checkout")
    workspace.channel("#incidents").expects_card(containing="INC-2")
    until(lambda: mentions(house, "<@U0ALICE>"), "Alice is mentioned")

    [*_, answer] = workspace.ephemerals("alice")
    workspace.do("click", user="alice", action_id="oncall_end", channel="#incidents", ts=answer["ts"])
    workspace.command("/incident oncall", user="carol").says("*payments*: <@U0BOB>, until further notice")
