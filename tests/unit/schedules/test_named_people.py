"""Who is named in bongsu.yaml, and where."""

from bongsu.config_file import parse_policy
from incidents.schedules.people import Named, NamedIn, named_people

CONFIG = """\
routes:
  - {channel: "#pay", mention: ["<@U0ALICE>", "@oncall", "schedule:a"]}
escalations:
  default:
    steps: [{after: 5m, mention: ["<@U0BOB>", "<!subteam^S0X>"], direct: ["<@U0ALICE>", "schedule:a"]}]
schedules:
  a: {timezone: UTC, people: ["<@U0ALICE>", "<@U0ALICE>"], holidays: [{days: 2026-12-25, person: "<@U0CAROL>"}]}
  b: {timezone: UTC, ical: /x.ics, people: {x: "<@U0DAVE>"}, fallback: "<@U0CAROL>"}
"""


def test_each_person_is_told_with_each_place_once() -> None:
    a, b = Named(NamedIn.SCHEDULE, "a", 7), Named(NamedIn.SCHEDULE, "b", 8)
    default, route = Named(NamedIn.ESCALATION, "default", 4), Named(NamedIn.ROUTE, "#pay", 2)
    assert named_people(parse_policy(CONFIG, name="bongsu.yaml")) == {
        "U0ALICE": (a, default, route),
        "U0CAROL": (a, b),
        "U0DAVE": (b,),
        "U0BOB": (default,),
    }
