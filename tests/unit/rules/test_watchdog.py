"""Which alerts are signs of life, so that they open nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from incidents.heartbeats.model import Heartbeat
from incidents.ingest.mapping import mapped
from incidents.model import Alert, AlertKind, Resolution, SourceAlert
from incidents.pattern import Pattern
from incidents.policy import LabelMap
from incidents.rules.watchdog import signs_of_life
from tests.building import T0, a_delivery, firing, resolved

TEN = timedelta(minutes=10)


def alert(told: SourceAlert) -> Alert:
    [one] = mapped(a_delivery(replace(told, alert_name="Watchdog")), LabelMap(), now=T0)
    return one


def heartbeat(name: str = "a", **match: Any) -> Heartbeat:
    exact = {field.replace("__", "."): frozenset([told]) for field, told in match.items() if isinstance(told, str)}
    patterns = {field: (told,) for field, told in match.items() if isinstance(told, Pattern)}
    return Heartbeat(name, TEN, match=exact, patterns=patterns)


FIRING = alert(firing(cluster="Prod-A", team="infra"))


@pytest.mark.parametrize(
    ("asked", "is_one"),
    [
        ({"alert": "watchdog"}, True),
        ({"alert": "watchdog", "cluster": "prod-a", "source": "grafana"}, True),
        ({"alert": "watchdog", "cluster": "prod-b"}, False),
        ({"alert": "watchdog", "source": "alertmanager"}, False),
        ({"rule": "r1", "labels__team": "infra"}, True),
        ({"alert": Pattern("Watch.*"), "cluster": Pattern("Prod-.")}, True),
        ({"alert": Pattern("Watch")}, False),
        ({}, False),
    ],
)
def test_it_matches_as_a_route_does_and_nothing_matches_what_asks_nothing(asked: dict[str, Any], is_one: bool) -> None:
    assert signs_of_life(FIRING, [heartbeat(**asked)]) == (("a",) if is_one else ())


def test_one_alert_may_be_the_beat_of_several() -> None:
    some = [heartbeat("a", alert="watchdog"), heartbeat("b", alert="other"), heartbeat("c", cluster="prod-a")]
    assert signs_of_life(FIRING, some) == ("a", "c")


@pytest.mark.parametrize(
    "told",
    [
        resolved(),
        replace(firing(), kind=AlertKind.NO_DATA),
        replace(firing(), kind=AlertKind.ERROR),
        replace(firing(), state_reason=Resolution.SOURCE_ERROR),
    ],
)
def test_what_has_ended_or_saw_nothing_is_no_sign_of_life(told: SourceAlert) -> None:
    assert signs_of_life(alert(told), [heartbeat(alert="watchdog")]) == ()
