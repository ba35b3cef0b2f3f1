"""One test per distinct message of Grafana's legacy dashboard alerting."""

import copy
import json
from typing import Any

import pytest

from incidents.model import AlertKind, AlertStatus, Links, Resolution, SourceAlert
from receiver.errors import WrongShape
from receiver.sources import Normalised, grafana, grafana_legacy
from tests.unit.receiver.bodies import fixture


def read(raw: bytes) -> Normalised:
    return grafana.normalise(raw, {})


def body(**changes: Any) -> bytes:
    """The alerting fixture, with changes; an argument of ``...`` leaves the key out."""
    told = {**json.loads(fixture("legacy-dashboard")), **changes}
    return json.dumps({key: value for key, value in told.items() if value is not ...}).encode()


def one(**changes: Any) -> SourceAlert:
    [told] = read(body(**changes)).alerts
    return told


def refusal(**changes: Any) -> WrongShape:
    with pytest.raises(WrongShape) as refused:
        read(body(**changes))
    return refused.value


def match(value: Any = 1, metric: Any = "cpu", tags: Any = None) -> dict[str, Any]:
    return {"value": value, "metric": metric, "tags": tags}


# What it sends


def test_an_alarm_is_one_alert_of_its_rule() -> None:
    told = one()
    assert (told.status, told.kind, told.state_reason) == (AlertStatus.FIRING, AlertKind.DATA, None)
    assert (told.rule_uid, told.alert_name, told.summary) == ("legacy:12", "CPU load", "CPU is high")
    assert (told.starts_at, told.ends_at) == (None, None)
    assert told.labels == {"host": "web-1"}
    assert told.metric_values == {"cpu": 97.1}
    assert told.links == Links(source="https://grafana.hanbit.example/d/000000012/hosts?tab=alert")
    assert told.raw == json.loads(fixture("legacy-dashboard"))


def test_an_ok_ends_the_same_series_though_it_lists_no_matches() -> None:
    ended, blind = read(fixture("legacy-ok")).alerts
    assert (ended.status, ended.fingerprint, ended.rule_uid) == (AlertStatus.RESOLVED, one().fingerprint, "legacy:12")
    assert (ended.kind, ended.state_reason) == (AlertKind.DATA, None)
    assert blind.kind is AlertKind.NO_DATA


def test_no_data_is_a_series_of_its_own_of_the_same_rule() -> None:
    [told] = read(fixture("legacy-no-data")).alerts
    assert (told.status, told.kind, told.rule_uid) == (AlertStatus.FIRING, AlertKind.NO_DATA, "legacy:12")
    assert told.fingerprint != one().fingerprint
    assert told.summary == 'No data for the rule "CPU load"'


@pytest.mark.parametrize(("name", "reason"), [("legacy-ok", None), ("legacy-paused", Resolution.PAUSED)])
def test_a_rule_that_neither_alarms_nor_is_blind_has_ended_as_both(name: str, reason: Resolution | None) -> None:
    alarm, blind = read(fixture(name)).alerts
    [no_data] = read(fixture("legacy-no-data")).alerts
    assert [one.status for one in (alarm, blind)] == [AlertStatus.RESOLVED] * 2
    assert (alarm.fingerprint, blind.fingerprint) == (one().fingerprint, no_data.fingerprint)
    assert (alarm.state_reason, blind.state_reason) == (reason, reason)


def test_a_rule_that_is_set_to_alarm_without_data_alarms() -> None:
    [told] = read(fixture("legacy-no-data-set-to-alerting")).alerts
    assert (told.kind, told.fingerprint, told.metric_values) == (AlertKind.DATA, one().fingerprint, {})


def test_the_test_notification_is_a_test() -> None:
    [told] = read(fixture("legacy-test")).alerts
    assert (told.kind, told.alert_name) == (AlertKind.TEST, "Test notification")
    assert told.rule_uid == "legacy:https://grafana.hanbit.example/"
    assert told.links == Links(source="https://grafana.hanbit.example/")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"ruleId": 0, "ruleName": "Test notification"}, AlertKind.TEST),
        ({"ruleId": ..., "ruleName": "Test notification"}, AlertKind.TEST),
        ({"ruleId": 77, "ruleName": "Test notification", "message": grafana_legacy._TEST_MESSAGE}, AlertKind.TEST),
        ({"ruleId": 77, "ruleName": "Test notification"}, AlertKind.DATA),
        ({"ruleId": 0}, AlertKind.DATA),
    ],
)
def test_only_grafanas_own_test_is_one(changes: dict[str, Any], kind: AlertKind) -> None:
    assert one(**changes).kind is kind


def test_the_rules_own_tags_beat_those_that_all_matches_agree_on() -> None:
    [told] = read(fixture("legacy-rule-tags")).alerts
    assert told.labels == {"environment": "staging", "severity": "warning", "service": "power", "group": "ups"}
    assert told.metric_values == {"millivolts": 23644.5}


def test_the_oldest_bodies_name_their_link_otherwise() -> None:
    [told] = read(fixture("legacy-oldest")).alerts
    assert told.rule_uid == "legacy:7"
    assert (told.links.source or "").startswith("https://grafana.hanbit.example/dashboard/db/alarms")
    assert read(fixture("legacy-oldest")).sender == "1@grafana.hanbit.example"


@pytest.mark.parametrize("tags", [..., None, "", {}])
def test_a_rule_without_tags_is_the_same_series_however_that_is_written(tags: Any) -> None:
    assert one(tags=tags).fingerprint == one().fingerprint


# What identifies


@pytest.mark.parametrize(
    ("changes", "uid"),
    [
        ({"ruleId": "12"}, "legacy:12"),
        ({"ruleId": 0}, "legacy:https://grafana.hanbit.example/d/000000012/hosts?tab=alert"),
        ({"ruleId": "0", "ruleUrl": ""}, "legacy:CPU load"),
        ({"ruleId": ..., "ruleUrl": ..., "ruleName": " A\n b "}, "legacy:A b"),
    ],
)
def test_a_rule_is_its_number_else_its_link_else_its_name(changes: dict[str, Any], uid: str) -> None:
    assert one(**changes).rule_uid == uid


@pytest.mark.parametrize("changes", [{"ruleId": 13}, {"tags": {"a": "1"}}])
def test_another_rule_or_other_tags_are_another_series(changes: dict[str, Any]) -> None:
    assert one(**changes).fingerprint != one().fingerprint


@pytest.mark.parametrize("matches", [..., None, [], "x", [match(tags={"host": "other"})], [None, 7, {"tags": 5}]])
def test_matches_only_illustrate(matches: Any) -> None:
    assert one(evalMatches=matches, state="alerting").fingerprint == one().fingerprint


def test_no_tag_can_make_an_alarm_look_like_no_data() -> None:
    [no_data] = read(body(state="no_data")).alerts
    assert one(tags={"state": "no_data"}).fingerprint != no_data.fingerprint


@pytest.mark.parametrize("state", [..., None, "", "pending", "unknown", "Alerting", "firing", 1, [], {}])
def test_a_state_that_is_not_known_is_never_guessed(state: Any) -> None:
    refused = refusal(state=state)
    assert refused.field == "state"
    assert '"alerting", "ok", "no_data" or "paused" is needed' in refused.problem


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ruleId": [1]}, "ruleId"),
        ({"ruleId": {}}, "ruleId"),
        ({"ruleId": True}, "ruleId"),
        ({"ruleId": 1.5}, "ruleId"),
        ({"ruleId": 0, "ruleUrl": None, "ruleName": "  "}, "ruleId"),
        ({"tags": ["a"]}, "tags"),
        ({"tags": "a"}, "tags"),
        ({"tags": 7}, "tags"),
    ],
)
def test_what_identifies_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    assert refusal(**changes).field == field


# What illustrates


@pytest.mark.parametrize(
    ("matches", "values"),
    [
        ([match(1, "a"), match(-5, "a"), match(3, "a")], {"a": -5.0}),
        ([match(None, "a")], {"a": None}),
        ([match(None, "a"), match(0, "a")], {"a": 0.0}),
        ([match("7", "a"), match(True, "b"), match(10**400, "c")], {"a": None, "b": None, "c": None}),
        ([match(1, None), match(2, ["x"])], {"": 2.0}),
    ],
)
def test_the_largest_value_of_a_metric_is_told(matches: list[Any], values: dict[str, Any]) -> None:
    assert one(evalMatches=matches).metric_values == values


@pytest.mark.parametrize("url", [None, 7, "javascript:alert(1)", "/d/1", "https://[bad"])
def test_a_link_that_can_not_be_used_costs_no_page(url: Any) -> None:
    told = one(ruleUrl=url, imageUrl=url)
    assert told.links == Links()


def test_an_image_is_never_a_link() -> None:
    assert "images.hanbit.example" not in str(read(fixture("legacy-tags-null")).alerts[0].links)


@pytest.mark.parametrize(
    ("changes", "sender"),
    [
        ({}, "1@grafana.hanbit.example"),
        ({"orgId": 5, "ruleUrl": "https://x.example/sub/d/abc/y?orgId=1"}, "5@x.example/sub"),
        ({"orgId": ..., "ruleUrl": "http://localhost:3000/dashboard/db/x?orgId=3"}, "3@localhost:3000"),
        ({"orgId": ..., "ruleUrl": "http://localhost:3000/d/x?orgId=%F0"}, "@localhost:3000"),
        ({"orgId": ..., "ruleUrl": "https://[bad?orgId=1"}, "@[bad"),
        ({"orgId": ..., "ruleUrl": ...}, ""),
    ],
)
def test_the_sender_is_where_its_dashboards_are(changes: dict[str, Any], sender: str) -> None:
    assert read(body(**changes)).sender == sender


def test_reading_a_body_leaves_it_as_it_was() -> None:
    told = json.loads(fixture("legacy-rule-tags"))
    before = copy.deepcopy(told)
    grafana_legacy.normalise(told)
    assert told == before


@pytest.mark.parametrize(
    ("told", "legacy"),
    [
        ({"evalMatches": []}, True),
        ({"state": "ok", "ruleId": 1}, True),
        ({"state": "ok", "ruleName": "x"}, True),
        ({"state": "CLOSED", "issueUrl": "x"}, False),
        ({"state": "ok"}, False),
        ({"ruleId": 1}, False),
        ({"evalMatches": [], "alerts": []}, False),
        ({}, False),
    ],
)
def test_it_is_told_by_its_shape(told: dict[str, Any], legacy: bool) -> None:
    assert grafana_legacy.is_legacy(told) is legacy
