"""A schedule of a running Bongsu: who has it is mentioned, somebody takes it over and gives it back."""

from pathlib import Path

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.waiting import until
from tests.unit.calendars.ics import event, ics

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


CALENDAR = """\
schedules:
  payments:
    timezone: Asia/Seoul
    ical: {path}
    people: {{Bob: "<@U0BOB>"}}
    handover_channel: "#general"
"""
BOBS = ics(event("20200101T000000Z", "20990101T000000Z", summary="Bob"))


def test_a_calendar_says_who_is_on_call_and_who_takes_it_over_is_told_of(make_house: MakeHouse, tmp_path: Path) -> None:
    path = tmp_path / "bob.ics"
    path.write_bytes(BOBS)
    house = make_house(config=CALENDAR.format(path=path)).open()
    workspace = house.workspace

    def asked() -> str:
        workspace.command("/incident oncall", user="carol").says("*payments*: ")
        return str(workspace.ephemerals("carol")[-1])

    until(lambda: "From a calendar (bob.ics), last read" in asked(), "the calendar is read")
    assert "<@U0BOB>" in asked()
    until(lambda: bool(house.rows("SELECT 1 FROM handovers")), "somebody has looked whose turn it is")
    workspace.command("/incident oncall payments me 4h", user="alice").says("<@U0ALICE> is on call for *payments*")
    until(lambda: bool(workspace.messages("#general")), "the channel is told")
    [told] = workspace.messages("#general")
    workspace.expect(told)
    assert "<@U0BOB> hands *payments* over to <@U0ALICE>, until" in told["text"]
