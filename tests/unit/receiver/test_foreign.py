"""Whose body is it, if not Grafana's? Nobody's page may be lost over a guess."""

from typing import Any

import pytest

from receiver.sources.foreign import is_alertmanagers, looks_like

ALERT = {
    "status": "firing",
    "labels": {"alertname": "Down"},
    "annotations": {},
    "startsAt": "2026-03-02T01:10:20Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "",
    "fingerprint": "f00d",
}
PROMETHEUS = "http://prometheus.example:9090/graph?g0.expr=up&g0.tab=1"
BODY = {
    "receiver": "r", "status": "firing", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
    "externalURL": "https://x.example", "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0,
}  # fmt: skip


def of(alert: dict[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    told = {**BODY, **envelope, "alerts": [{**ALERT, **(alert or {})}]}
    return {key: value for key, value in told.items() if value is not ...}


@pytest.mark.parametrize(
    "told",
    [
        of(),
        of(version="3", groupKey=43434343434343434343),
        of(version=0, groupKey=0),
        of({"generatorURL": PROMETHEUS}, version=..., groupKey=...),
        of({"generatorURL": "http://oldpad:9090/graph#%5B%5D"}, version=...),
        of({"source": "GMP"}, version="1", groupLabels=..., commonLabels=...),
        of({"generatorURL": PROMETHEUS}, version="1"),
        of(notification_reason="x", routeLabels={}),
        {key: value for key, value in ALERT.items() if key != "fingerprint"},
        {**of(), "alerts": [{"labels": {"alertname": "Down"}}, "text", None]},
    ],
)
def test_alertmanagers_bodies_are_told(told: dict[str, Any]) -> None:
    assert is_alertmanagers(told)
    assert looks_like(told) == "alertmanager"


@pytest.mark.parametrize("mark", ["orgId", "title", "state", "message", "appVersion", "numFiring", "numResolved"])
def test_one_mark_of_grafanas_in_the_envelope_makes_it_grafanas(mark: str) -> None:
    assert not is_alertmanagers(of({"generatorURL": PROMETHEUS}, **{mark: ""}))


@pytest.mark.parametrize(
    "alert",
    [
        {"silenceURL": ""}, {"dashboardURL": ""}, {"panelURL": ""}, {"values": None}, {"valueString": ""},
        {"ruleUID": "x"}, {"imageURL": "x"}, {"orgId": 1}, {"labels": {"grafana_folder": "x"}},
        {"labels": {"__alert_rule_uid__": "x"}}, {"generatorURL": "https://g.example/alerting/grafana/x/view"},
        {"generatorURL": "https://g.example/sub/alerting/x/edit?orgId=1"},
    ],
)  # fmt: skip
def test_one_mark_of_grafanas_on_an_alert_makes_it_grafanas(alert: dict[str, Any]) -> None:
    assert not is_alertmanagers(of(alert))
    assert not is_alertmanagers({**ALERT, **alert})


@pytest.mark.parametrize(
    "told",
    [
        of(version="1"),
        of(version=...),
        of(version=..., groupKey=..., externalURL=...),
        {"alerts": [ALERT]},
        {"alerts": []},
        {"alerts": None},
        {"alerts": [7, None]},
        {"labels": {"a": "b"}},
        {},
    ],
)
def test_what_nothing_speaks_for_is_not_taken_for_alertmanagers(told: dict[str, Any]) -> None:
    assert not is_alertmanagers(told)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"alert_transition": "Triggered"}, "datadog"),
        ({"event_type": "log_alert", "alert_type": "error"}, "datadog"),
        ({"issueUrl": "x"}, "newrelic"),
        ({"current_state": "open", "incident_id": 0}, "newrelic"),
        ({"text": "x"}, None),
        ({"alert_transition": "x", "alerts": []}, None),
    ],
)
def test_other_systems_are_guessed_by_keys_that_only_they_have(told: dict[str, Any], name: str | None) -> None:
    assert looks_like(told) == name
