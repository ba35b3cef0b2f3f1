"""The section routes, as it is meant."""

from datetime import timedelta

import pytest

from bongsu.config_file import parse_policy
from incidents.pattern import Pattern
from incidents.policy import Policy, Route, StormPolicy


def read(text: str) -> Policy:
    return parse_policy(text, name="bongsu.yaml")


def test_values_lists_and_expressions_of_fields_and_labels() -> None:
    policy = read(
        """
routes:
  - match:
      service: "/pay.*/"
      severity: [critical, Error]
      alert: [HighErrorRate, "/.*Latency/"]
      labels.team: Payments
      namespace: ""
    channel: "#payments"
"""
    )
    match = {
        "severity": frozenset({"critical", "error"}),
        "alert": frozenset({"higherrorrate"}),
        "labels.team": frozenset({"payments"}),
        "namespace": frozenset({""}),
    }
    patterns = {"service": (Pattern("pay.*"),), "alert": (Pattern(".*Latency"),)}
    assert policy.routes == (Route("#payments", match, patterns),)
    assert policy.routes[0].line == 3


@pytest.mark.parametrize("value", ["/", "/api", "api/"])
def test_what_is_not_between_slashes_is_no_expression(value: str) -> None:
    policy = read(f"routes: [{{match: {{service: '{value}'}}, channel: C1}}]")
    assert policy.routes[0].match == {"service": frozenset({value})}


def test_more_than_one_channel() -> None:
    [route] = read("routes: [{channels: ['#a', C2]}]").routes
    assert route.channels == ("#a", "C2")


@pytest.mark.parametrize(
    ("told", "mention"),
    [
        ("'@oncall'", ("@oncall",)),
        (
            "['<@U0ALICE>', '<@W0BOB|bob>', '<!subteam^S0ONCALL|@oncall>']",
            ("<@U0ALICE>", "<@W0BOB>", "<!subteam^S0ONCALL>"),
        ),
        ("['@온콜-팀']", ("@온콜-팀",)),
        ("[]", ()),
    ],
)
def test_people_and_groups_are_mentioned(told: str, mention: tuple[str, ...]) -> None:
    assert read(f"routes: [{{channel: C1, mention: {told}}}]").routes[0].mention == mention


@pytest.mark.parametrize(
    ("told", "storm"),
    [
        ("30", StormPolicy(above=30)),
        ("off", StormPolicy(above=0)),
        ("{above: 3, calm: 5m}", StormPolicy(above=3, calm=timedelta(minutes=5))),
    ],
)
def test_a_route_gives_its_channels_a_rate(told: str, storm: StormPolicy) -> None:
    policy = read(f"routes: [{{channels: ['#a', '#b'], storm: {told}}}, {{channel: '#c'}}]")
    assert policy.storms == {"#a": storm, "#b": storm}
    assert policy.storm_in("#c") == StormPolicy()


def test_routes_that_agree_on_a_rate_are_fine() -> None:
    assert read("routes: [{channel: '#a', storm: 3}, {channel: '#a', storm: {above: 3}}, {channel: '#a'}]").storms
