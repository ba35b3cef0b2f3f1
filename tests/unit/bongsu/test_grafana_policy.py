"""A route of ours in somebody's tree of policies: where each alert went before, it goes still."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.grafana.policy import sends_to, with_route

Json = dict[str, Any]
ALERTS = [{"team": team, "severity": severity} for team in ("pay", "web") for severity in ("critical", "info")]


def receivers(tree: Json, alert: dict[str, str]) -> list[str]:
    """To whom an alert goes. https://prometheus.io/docs/alerting/latest/configuration/#route"""

    def routed(route: Json, inherited: str) -> list[str] | None:
        if not all(_holds(alert, *one) for one in route.get("object_matchers") or []):
            return None
        own, found = route.get("receiver") or inherited, []
        for child in route.get("routes") or []:
            below = routed(child, own)
            if below is not None:
                found += below
                if not child.get("continue"):
                    break
        return found or [own]

    return sorted(routed(tree, "") or [])


def _holds(alert: dict[str, str], name: str, operator: str, value: str) -> bool:
    told = alert.get(name, "")
    same = bool(re.fullmatch(value, told)) if operator in {"=~", "!~"} else told == value
    return same is not operator.startswith("!")


MATCHERS = st.lists(
    st.sampled_from([("team", "=", "pay"), ("severity", "=~", "critical|error"), ("team", "!=", "web")]), max_size=2
)
ROUTES = st.recursive(
    st.fixed_dictionaries({"receiver": st.sampled_from(["mail", "sms", ""]), "object_matchers": MATCHERS}),
    lambda inner: st.fixed_dictionaries(
        {
            "receiver": st.sampled_from(["mail", "sms", ""]),
            "object_matchers": MATCHERS,
            "continue": st.booleans(),
            "routes": st.lists(inner, max_size=3),
        }
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(st.lists(ROUTES, max_size=3), MATCHERS)
def test_nobody_hears_less_or_more_than_before(routes: list[Json], matchers: list[tuple[str, str, str]]) -> None:
    tree = {"receiver": "root", "group_by": ["alertname"], "routes": routes}
    wanted = with_route(tree, "Bongsu", matchers)
    for alert in ALERTS:
        ours = ["Bongsu"] if all(_holds(alert, *one) for one in matchers) else []
        assert receivers(wanted, alert) == sorted([*receivers(tree, alert), *ours])


def test_the_tree_is_left_in_place_where_none_of_its_routes_goes_on() -> None:
    tree = {"receiver": "root", "routes": [{"receiver": "mail", "object_matchers": [["team", "=", "pay"]]}]}
    wanted = with_route(tree, "Bongsu", [("severity", "=", "critical")])
    assert wanted["routes"] == [
        {"receiver": "Bongsu", "object_matchers": [["severity", "=", "critical"]], "continue": True},
        {"receiver": "mail", "object_matchers": [["team", "=", "pay"]]},
        {"receiver": "root", "object_matchers": [["severity", "=", "critical"]]},
    ]


@pytest.mark.parametrize(
    "tree",
    [
        {"receiver": "Bongsu"},
        {"receiver": "root", "routes": [{"receiver": "mail", "routes": [{"receiver": "Bongsu"}]}]},
    ],
)
def test_a_route_that_is_there_anywhere_is_enough(tree: Json) -> None:
    assert sends_to(tree, "Bongsu")
    assert not sends_to(tree, "Bong")
