"""Where incidents go."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incidents.model import Place, Severity
from incidents.policy import ROUTE_FIELDS, LabelMap, Policy, Route, SourcePolicy

PAY = Place("prod-a", "Pay", "payments", "prod")


def route(**match: str) -> Route:
    return Route("#payments", {name: frozenset(told.split("|")) for name, told in match.items()})


def test_without_routes_all_goes_to_the_default_channel() -> None:
    assert Policy().channel_for(PAY, Severity.CRITICAL) == "#incidents"
    assert Policy(default_channel="C0123").channel_for(PAY, Severity.INFO) == "C0123"


def test_a_route_that_asks_nothing_takes_all() -> None:
    assert Policy(routes=(Route("#all"),)).channel_for(Place(), Severity.UNKNOWN) == "#all"


@pytest.mark.parametrize("field", sorted(ROUTE_FIELDS))
def test_each_field_can_be_asked(field: str) -> None:
    told = {"cluster": "prod-a", "namespace": "pay", "service": "payments", "phase": "prod", "severity": "critical"}
    assert route(**{field: told[field]}).matches(PAY, Severity.CRITICAL)
    assert not route(**{field: "other"}).matches(PAY, Severity.CRITICAL)


def test_all_fields_of_a_route_must_match_and_any_of_a_fields_values() -> None:
    both = route(service="payments", severity="critical|error")
    assert both.matches(PAY, Severity.ERROR)
    assert not both.matches(PAY, Severity.WARNING)
    assert not both.matches(Place(service="search"), Severity.ERROR)


def test_the_first_route_that_matches_wins() -> None:
    policy = Policy(routes=(Route("#none", {"service": frozenset({"x"})}), route(phase="prod"), Route("#all")))
    assert policy.channel_for(PAY, Severity.INFO) == "#payments"


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
