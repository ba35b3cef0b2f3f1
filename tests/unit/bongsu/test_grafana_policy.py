"""A route of ours in somebody's tree of policies: where each alert went before, it goes still."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.grafana.routes import does, places, sends_to, with_route, without_route

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


@settings(deadline=None, max_examples=60)
@given(st.lists(ROUTES, max_size=3), MATCHERS, st.sampled_from(["root", "Bongsu"]))
def test_a_route_of_ours_is_taken_out_as_it_was_put_in(
    routes: list[Json], matchers: list[tuple[str, str, str]], receiver: str
) -> None:
    tree = {"receiver": receiver, "group_by": ["alertname"], "routes": routes}
    wanted = with_route(tree, "Bongsu", matchers)
    assert without_route(wanted, "Bongsu") == (tree if receiver == "root" else None)


@settings(deadline=None, max_examples=200)
@given(st.lists(ROUTES.map(lambda one: json.loads(json.dumps(one).replace("mail", "Bongsu"))), max_size=3), MATCHERS)
def test_a_tree_that_is_said_to_do_it_already_does_it(routes: list[Json], matchers: list[tuple[str, str, str]]) -> None:
    tree = {"receiver": "root", "routes": routes}
    if does(tree, "Bongsu", matchers):
        for alert in ALERTS:
            assert ("Bongsu" in receivers(tree, alert)) is all(_holds(alert, *one) for one in matchers)


TEST_OF_B = {"receiver": "Bongsu", "object_matchers": [["bongsu", "=", "test"]]}
PARTLY = {"receiver": "mail", "object_matchers": [["team", "=", "b"]], "routes": [TEST_OF_B]}


@pytest.mark.parametrize(
    ("routes", "matchers", "already"),
    [
        ([{"receiver": "Bongsu"}], [], True),
        ([{"receiver": "Bongsu"}], [("severity", "=", "critical")], False),  # it gets more than is asked for
        ([TEST_OF_B], [], False),
        ([PARTLY], [], False),
        ([{"receiver": "mail", "continue": True}, TEST_OF_B], [("bongsu", "=", "test")], True),
        ([{"receiver": "mail"}, {"receiver": "Bongsu"}], [], False),
        ([{"receiver": "Bongsu", "mute_time_intervals": ["nights"]}], [], False),
        ([{"receiver": "Bongsu", "matchers": ["team=b"]}], [], False),
    ],
)
def test_a_tree_that_sends_only_partly_does_not_count(
    routes: list[Json], matchers: list[tuple[str, str, str]], *, already: bool
) -> None:
    assert does({"receiver": "root", "routes": routes}, "Bongsu", matchers) is already


def test_where_it_sends_already_is_named() -> None:
    assert places({"receiver": "root", "routes": [PARTLY]}, "Bongsu") == ["team=b → bongsu=test"]
    assert places({"receiver": "Bongsu"}, "Bongsu") == ["the top"]


@pytest.mark.parametrize(
    "tree",
    [
        {"receiver": "Bongsu"},
        {"receiver": "root", "routes": [{"receiver": "mail", "routes": [{"receiver": "Bongsu"}]}]},
    ],
)
def test_a_route_is_found_anywhere(tree: Json) -> None:
    assert sends_to(tree, "Bongsu")
    assert not sends_to(tree, "Bong")
