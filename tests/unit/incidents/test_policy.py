"""Where incidents go."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.escalation.model import EscalationPolicy, Step
from incidents.model import Place, Severity
from incidents.pattern import Pattern
from incidents.policy import ROUTE_FIELDS, LabelMap, Policy, Route, SourcePolicy, StormPolicy, Traits

PAY = Place("prod-a", "Pay", "payments", "prod")
TOLD = {
    "cluster": "prod-a", "namespace": "pay", "service": "payments", "phase": "prod", "severity": "critical",
    "source": "grafana", "alert": "high error rate", "rule": "r1", "labels.team": "money",
}  # fmt: skip


def traits(place: Place = PAY, severity: Severity = Severity.CRITICAL, **labels: str) -> Traits:
    return Traits(place, severity, "grafana", "High Error Rate", "r1", {"team": "Money", **labels})


def route(**match: str) -> Route:
    return Route("#payments", {name: frozenset(told.split("|")) for name, told in match.items()})


def test_without_routes_all_goes_to_the_default_channel() -> None:
    assert Policy().channel_for(PAY, Severity.CRITICAL) == "#incidents"
    assert Policy(default_channel="C0123").route_for(traits()) == Route("C0123")


def test_a_route_that_asks_nothing_takes_all() -> None:
    nothing = Traits(Place(), Severity.UNKNOWN)
    assert Policy(routes=(Route("#all"),)).route_for(nothing).channel == "#all"


@pytest.mark.parametrize("field", [*ROUTE_FIELDS, "labels.team"])
def test_each_field_can_be_asked_by_value_and_by_pattern(field: str) -> None:
    assert Route("#x", {field: frozenset({TOLD[field]})}).matches(traits())
    assert not Route("#x", {field: frozenset({"other"})}).matches(traits())
    start = TOLD[field][:1]
    assert Route("#x", patterns={field: (Pattern("other"), Pattern(f"{start}.*"))}).matches(traits())
    assert not Route("#x", patterns={field: (Pattern(start),)}).matches(traits()), "the whole value is asked for"


def test_a_label_that_is_missing_is_empty() -> None:
    none, some = {"labels.squad": (Pattern(""),)}, {"labels.squad": (Pattern(".+"),)}
    assert Route("#x", {"labels.squad": frozenset({""})}).matches(traits())
    assert Route("#x", patterns=none).matches(traits())
    assert not Route("#x", patterns=some).matches(traits())
    assert Route("#x", patterns=some).matches(traits(squad="blue"))


def test_all_fields_of_a_route_must_match_and_any_of_a_fields_values() -> None:
    both = route(service="payments", severity="critical|error")
    assert both.matches(traits(severity=Severity.ERROR))
    assert not both.matches(traits(severity=Severity.WARNING))
    assert not both.matches(traits(Place(service="search"), Severity.ERROR))
    mixed = replace(
        route(service="search"), patterns={"service": (Pattern("pay.*"),), "labels.team": (Pattern("m.*"),)}
    )
    assert mixed.matches(traits())
    assert mixed.matches(traits(Place(service="search")))
    assert not mixed.matches(traits(team="search"))


def test_the_first_route_that_matches_wins() -> None:
    policy = Policy(routes=(Route("#none", {"service": frozenset({"x"})}), route(phase="prod"), Route("#all")))
    assert policy.route_for(traits()).channel == "#payments"


_SERVICES, _TEAMS = ("pay", "pay-api", "search", ""), ("money", "web", "")
_MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "service": st.sets(st.sampled_from((*_SERVICES[:3], "/pay.*/", "/.+/", "/s.*h|pay/")), min_size=1),
        "labels.team": st.sets(st.sampled_from((*_TEAMS[:2], "/w?eb|m.*/")), min_size=1),
        "severity": st.sets(st.sampled_from(("critical", "error", "/.*r.*/")), min_size=1),
    },
)
_MEANT = {
    "/pay.*/": lambda value: value.startswith("pay"),
    "/.+/": lambda value: value != "",
    "/s.*h|pay/": lambda value: value == "pay" or (len(value) > 1 and value[0] == "s" and value[-1] == "h"),
    "/w?eb|m.*/": lambda value: value in {"eb", "web"} or value.startswith("m"),
    "/.*r.*/": lambda value: "r" in value,
}


def _as_route(number: int, match: dict[str, set[str]]) -> Route:
    exact = {name: frozenset(one for one in told if one[0] != "/") for name, told in match.items()}
    patterns = {name: tuple(Pattern(one[1:-1]) for one in told if one[0] == "/") for name, told in match.items()}
    return Route(f"#{number}", {name: told for name, told in exact.items() if told}, patterns)


@given(
    st.lists(_MATCHES, max_size=5), st.sampled_from(_SERVICES), st.sampled_from(_TEAMS), st.sampled_from(list(Severity))
)
def test_first_match_wins_as_a_plain_model_says(
    matches: list[dict[str, set[str]]], service: str, team: str, severity: Severity
) -> None:
    told = {"service": service, "labels.team": team, "severity": severity.value}
    expected = "#incidents"
    for number, match in enumerate(matches):
        if all(
            any(_MEANT[one](told[name]) if one in _MEANT else one == told[name] for one in values)
            for name, values in match.items()
        ):
            expected = f"#{number}"
            break
    policy = Policy(routes=tuple(_as_route(number, match) for number, match in enumerate(matches)))
    asked = Traits(Place(service=service), severity, labels={"team": team} if team else {})
    assert policy.route_for(asked).channel == expected


def test_all_channels_are_known_each_once() -> None:
    policy = Policy(routes=(Route("#a", also=("#b",)), Route("#b"), Route("#incidents")), admin_channel="#ops")
    assert policy.channels == ("#incidents", "#a", "#b", "#ops")


def test_a_channel_has_the_storm_of_its_own_and_mentions_those_of_its_routes() -> None:
    policy = Policy(
        routes=(Route("#a", mention=("@x", "@y")), Route("#a", also=("#b",), mention=("@y", "@z")), Route("#b")),
        storms={"#a": StormPolicy(above=3)},
    )
    assert (policy.storm_in("#a").above, policy.storm_in("#b").above) == (3, 10)
    assert policy.mentioned_in("#a") == ("@x", "@y", "@z")
    assert policy.mentioned_in("#b") == ()
    assert policy.mentions == ("@x", "@y", "@z")


def test_what_steps_of_an_escalation_page_is_known_too() -> None:
    steps = (Step(timedelta(0), mention=("@x", "@y")), Step(timedelta(0), channel="#leads", mention=("@z",)))
    policy = Policy(
        routes=(Route("#a", mention=("@x",)),),
        escalations={"page": EscalationPolicy("page", steps)},
        admin_channel="#ops",
    )
    assert policy.channels == ("#incidents", "#a", "#leads", "#ops")
    assert policy.mentions == ("@x", "@y", "@z")
    assert policy.mentioned_in("#leads") == (), "who hears of it as it opens"


def test_a_source_that_nobody_configured_repeats_every_four_hours() -> None:
    assert Policy().source("grafana") == SourcePolicy()
    assert Policy().source("grafana").stale_after == timedelta(hours=8, minutes=10)


def test_silence_is_measured_by_the_sources_own_repeat_interval() -> None:
    policy = Policy(sources={"grafana": SourcePolicy(repeat_interval=timedelta(minutes=30))})
    assert policy.source("grafana").stale_after == timedelta(hours=1, minutes=10)
    assert policy.source("other").stale_after == timedelta(hours=8, minutes=10)


def test_the_label_map_knows_the_sources_defaults() -> None:
    policy = Policy(sources={"grafana": SourcePolicy({"cluster": "prod-a"})}, labels=LabelMap(series=("x",)))
    assert policy.labels == LabelMap(series=("x",), defaults={"grafana": {"cluster": "prod-a"}})
    assert replace(policy, sources={"grafana": SourcePolicy()}).labels.defaults == {"grafana": {}}
