"""Which rule: the first place that tells, in order."""

from typing import Any

import pytest

from receiver.sources.rule_uid import rule_uid

SOURCE = "https://g.example/alerting/grafana/from-source/view?orgId=1"
SILENCE = (
    "https://g.example/alerting/silence/new?alertmanager=grafana&matcher=__alert_rule_uid__%3Dfrom-silence&orgId=1"
)
LABELS = {"__alert_rule_uid__": "from-label"}


@pytest.mark.parametrize(
    ("alert", "labels", "uid"),
    [
        ({"ruleUID": "from-field", "generatorURL": SOURCE, "silenceURL": SILENCE}, LABELS, "from-field"),
        ({"generatorURL": SOURCE, "silenceURL": SILENCE}, LABELS, "from-source"),
        ({"silenceURL": SILENCE}, LABELS, "from-silence"),
        ({}, LABELS, "from-label"),
        ({}, {"alertname": "only a name"}, None),
    ],
)
def test_the_first_place_that_names_the_rule_wins(alert: dict[str, Any], labels: dict[str, str], uid: str) -> None:
    assert rule_uid(alert, labels) == uid


@pytest.mark.parametrize("nothing", [None, "", "  ", 7, [], {"a": 1}])
def test_a_place_that_holds_nothing_usable_is_passed_over(nothing: Any) -> None:
    told = {"ruleUID": nothing, "generatorURL": nothing, "silenceURL": nothing}
    assert rule_uid(told, LABELS) == "from-label"


@pytest.mark.parametrize(
    ("url", "uid"),
    [
        ("/alerting/grafana/a_B-9/view", "a_B-9"),
        ("http://localhost:3000/alerting/grafana/abc/view?orgId=1", "abc"),
        ("https://x.example/some/path/alerting/abc/edit?returnTo=%2Falerting%2Fgrafana%2Fwrong%2Fview", "abc"),
        ("https://x.example/grafana/alerting/grafana/abc/view#tab", "abc"),
        ("https://x.example/d/1?back=/alerting/grafana/wrong/view", None),
        ("https://x.example/alerting/grafana/a b/view", None),
        ("https://x.example/alerting/grafana/abc/viewer", None),
        ("https://prometheus.example/graph?g0.expr=up", None),
        ("http://[broken", None),
        ("?orgId=1", None),
    ],
)
def test_the_source_link_is_searched_in_its_path(url: str, uid: str | None) -> None:
    assert rule_uid({"generatorURL": url}, {}) == uid


@pytest.mark.parametrize(
    ("url", "uid"),
    [
        ("?matcher=pod%3Dx&matcher=__alert_rule_uid__%3dabc", "abc"),
        ("?matcher=__alert_rule_uid__=abc&x=1", "abc"),
        ("?alertmanager=grafana\\u0026matcher=__alert_rule_uid__%3Dabc\\u0026orgId=1", "abc"),
        ("?matcher=alertname%3D__alert_rule_uid__", None),
    ],
)
def test_the_silence_link_is_searched_for_its_matcher(url: str, uid: str | None) -> None:
    assert rule_uid({"silenceURL": url}, {}) == uid
