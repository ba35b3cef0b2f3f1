"""Nobody takes an incident: a running Bongsu calls people, step after step, until somebody does."""

from typing import Any

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.waiting import until

CONFIG = """\
escalations:
  default:
    steps:
      - {after: 1s, mention: ["@oncall"]}
      - {after: 2s, mention: ["<@U0BOB>"], broadcast: true, channel: "#general"}
      - {after: 5m}
    acknowledge_timeout: 30s
"""


def said(house: House, words: str, channel: str = "#incidents") -> list[Any]:
    """The messages that say this. All that is in a thread, or calls people, is expected."""
    messages = house.workspace.messages(channel)
    for one in messages:
        if one["thread_ts"] or "needs somebody" in str(one["text"]):
            house.workspace.expect(one)
    return [one for one in messages if words in str(one["text"])]


def test_people_are_called_until_somebody_takes_it_and_who_has_it_is_asked(make_house: MakeHouse) -> None:
    house = make_house(config=CONFIG).open()
    workspace = house.workspace
    house.grafana.fires("rule-1", series=["a"])
    card = workspace.channel("#incidents").expects_card(containing="Nobody has it")
    until(lambda: len(said(house, "needs somebody")) == 2, "both steps have called")
    first, second = said(house, "needs somebody")
    assert first["text"].startswith("<!subteam^S0ONCALL> ")
    assert second["text"].startswith("<@U0BOB> ")
    until(lambda: said(house, "needs somebody", "#general"), "the other channel hears of it")
    workspace.channel("#incidents").expects_card(containing="(step 3/3)")
    workspace.command("/incident show 1", user="bob").says("If nobody does anything")

    card.click("Acknowledge", user="alice")
    workspace.channel("#incidents").expects_card(state="acknowledged", containing="whether they still have it")
    workspace.command("/incident escalate 1", user="alice").says("The next ones are called about INC-1")
    until(lambda: said(house, "asks for help"), "the next step is done at once")
    workspace.command("/incident resolve 1", user="bob").says("INC-1 is resolved")
    workspace.command("/incident escalate 1", user="bob").says("INC-1 ")
    house.settled()
    for channel in ("#incidents", "#general"):
        said(house, "", channel)
