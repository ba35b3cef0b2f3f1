"""One test per distinct message that Grafana sends, and one per mistake that a body can hold."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from base.codec import CodecError, TooDeep
from incidents.model import AlertKind, AlertStatus, Resolution, SourceAlert
from receiver.errors import WrongShape
from receiver.sources import SOURCES, Normalised, advice, grafana
from tests.unit.receiver.bodies import alert, body, fixture, one


def read(raw: bytes) -> Normalised:
    return grafana.normalise(raw, {})


def read_one(**changes: Any) -> SourceAlert:
    [told] = read(one(**changes)).alerts
    return told


def refusal(raw: bytes) -> WrongShape:
    with pytest.raises(WrongShape) as refused:
        read(raw)
    return refused.value


# What Grafana sends


def test_a_firing_alert_says_everything_that_grafana_told() -> None:
    first, second = read(fixture("firing-two-pods")).alerts
    assert first.status is AlertStatus.FIRING
    assert (first.rule_uid, first.fingerprint) == ("cfgq7d2x1kzlsb", "9b1f0c2ad4e37756")
    assert first.alert_name == "Checkout 5xx above 5 %"
    assert first.summary == "Checkout answers 5xx to more than 5 % of requests"
    assert first.starts_at == datetime(2026, 3, 2, 1, 10, 20, 482913, tzinfo=UTC)
    assert first.ends_at is None
    assert first.labels["service"] == "checkout"
    assert first.metric_values == {"B": 7.25, "C": 1.0}
    assert first.links.runbook == "https://wiki.hanbit.example/runbooks/checkout-5xx"
    assert (first.links.panel or "").endswith("viewPanel=4")
    assert second.starts_at == datetime(2026, 3, 2, 1, 10, 50, tzinfo=UTC)


def test_a_resolve_carries_its_end() -> None:
    [told] = read(fixture("resolved")).alerts
    assert told.status is AlertStatus.RESOLVED
    assert told.ends_at == datetime(2026, 3, 2, 1, 31, 20, 482913, tzinfo=UTC)


def test_each_alert_keeps_its_own_status_whatever_the_group_says() -> None:
    ended, fires = read(fixture("mixed-truncated")).alerts
    assert (ended.status, fires.status) == (AlertStatus.RESOLVED, AlertStatus.FIRING)
    [hidden] = read(body(alert(status="firing"), status="resolved", state="ok")).alerts
    assert hidden.status is AlertStatus.FIRING


def test_no_data_is_told_apart_and_carries_its_rules_name() -> None:
    [told] = read(fixture("datasource-no-data")).alerts
    assert (told.kind, told.alert_name, told.rule_uid) == (AlertKind.NO_DATA, "Queue is not drained", "bd41kq0rm8ow0e")
    assert told.datasource_uid == "mimir-prod"
    assert told.labels["alertname"] == "DatasourceNoData"
    assert told.metric_values == {}


def test_no_data_that_has_ended_is_still_about_no_data() -> None:
    [told] = read(fixture("no-data-resolved")).alerts
    assert (told.kind, told.status, told.fingerprint) == (AlertKind.NO_DATA, AlertStatus.RESOLVED, "c0b8d81f6a23e974")


def test_no_data_whose_rule_nothing_names_is_about_the_rule_of_that_name() -> None:
    [told] = read(fixture("no-data-without-rule-link")).alerts
    assert (told.kind, told.rule_uid, told.alert_name) == (
        AlertKind.NO_DATA,
        "Runner queue grows",
        "Runner queue grows",
    )
    assert told.summary == 'No data for the rule "Runner queue grows"'


def test_a_rule_that_is_set_to_fire_without_data_says_why() -> None:
    [told] = read(fixture("no-data-set-to-alerting")).alerts
    assert (told.kind, told.state_reason) == (AlertKind.DATA, Resolution.NO_DATA)
    assert told.metric_values == {"B": -1.0}


def test_unrelated_rules_in_one_datasource_error_stay_apart() -> None:
    told = read(fixture("datasource-error-two-rules")).alerts
    assert [one.rule_uid for one in told] == ["bd41kq0rm8ow0e", "ee90xw2hb55jka"]
    assert [one.alert_name for one in told] == ["Queue is not drained", "Refunds stalled"]
    assert {(one.kind, one.datasource_uid) for one in told} == {(AlertKind.ERROR, "mimir-prod")}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("paused-resolve", Resolution.PAUSED),
        ("missing-series-resolve", Resolution.SERIES_MISSING),
        ("rule-deleted-resolve", Resolution.RULE_DELETED),
        ("updated-resolve", Resolution.RULE_CHANGED),
        ("error-resolve", Resolution.SOURCE_ERROR),
        ("no-data-keep-last-resolve", Resolution.NO_DATA),
        ("resolved", None),
    ],
)
def test_a_resolve_says_why_it_is_no_recovery(name: str, reason: Resolution | None) -> None:
    [told] = read(fixture(name)).alerts
    assert (told.status, told.kind, told.state_reason) == (AlertStatus.RESOLVED, AlertKind.DATA, reason)


def test_the_test_button_makes_an_alert_without_rule_or_links() -> None:
    [told] = read(fixture("test-button")).alerts
    assert (told.alert_name, told.rule_uid, told.fingerprint) == ("TestAlert", "TestAlert", "57c6d9296de2ad39")
    assert told.links.source is None
    assert told.links.dashboard is None
    assert told.kind is AlertKind.TEST


def test_the_trial_of_a_rule_is_a_test_too_whatever_its_fingerprint() -> None:
    [told] = read(fixture("relative-generator-url")).alerts
    assert (told.kind, told.rule_uid) == (AlertKind.TEST, "TestAlert")


def test_grafana_below_a_path_with_old_edit_links_names_its_rule() -> None:
    [told] = read(fixture("below-a-path-edit-link")).alerts
    assert told.rule_uid == "aeX_9-kq"


def test_the_silence_link_names_the_rule_where_nothing_else_does() -> None:
    [told] = read(fixture("rule-only-in-silence-link")).alerts
    assert told.rule_uid == "dd07hsilence"


def test_what_oncall_passes_on_as_version_4_is_taken() -> None:
    [told] = read(fixture("through-oncall-version-4")).alerts
    assert (told.rule_uid, told.summary) == ("DiskWillFill", "Disk of db-3 fills up")
    assert told.links.source is None


def test_without_a_fingerprint_one_is_derived_and_can_be_told() -> None:
    [told] = read(fixture("no-fingerprint-no-annotations")).alerts
    assert told.fingerprint.startswith("derived:")
    assert len(told.fingerprint) == len("derived:") + 16
    assert told.summary == "Backup missing"


# The envelope


def test_the_sender_is_its_organisation_and_its_address() -> None:
    assert read(fixture("firing-two-pods")).sender == "1@grafana.hanbit.example"
    assert read(one()).sender == ""


@pytest.mark.parametrize(
    ("value", "hidden"),
    [(..., 0), (0, 0), (3, 3), (-1, 0), (1.0, 0), ("3", 0), (True, 0), (None, 0), ([], 0), (10**30, 2**31 - 1)],
)
def test_only_a_positive_whole_number_of_alerts_can_be_hidden(value: Any, hidden: int) -> None:
    envelope = {} if value is ... else {"truncatedAlerts": value}
    assert read(body(alert(), **envelope)).hidden == hidden


def test_a_repeated_key_of_the_envelope_costs_nothing() -> None:
    assert read(fixture("no-group-key")).envelope["orgId"] == 1


# What is kept, and what is left alone


def test_the_envelope_is_everything_but_the_alerts() -> None:
    told = json.loads(fixture("firing-two-pods"))
    normalised = read(fixture("firing-two-pods"))
    assert normalised.envelope == {key: value for key, value in told.items() if key != "alerts"}
    assert [one.raw for one in normalised.alerts] == told["alerts"]


def test_unknown_keys_are_ignored_and_kept_in_raw() -> None:
    assert read_one(notificationReason="group", nested={"a": [1]}).raw["nested"] == {"a": [1]}


def test_the_same_body_reads_the_same_twice() -> None:
    raw = fixture("mixed-truncated")
    assert read(raw) == read(raw)


def test_reading_an_element_leaves_it_as_it_was() -> None:
    told = alert(labels={"n": 1, "gone": None})
    before = copy.deepcopy(told)
    grafana._alert(told, 0)
    assert told == before


# Status


@pytest.mark.parametrize("status", [..., None, "", "Firing", "ok", "alerting", 1, ["firing"], {}, True])
def test_a_status_that_is_neither_firing_nor_resolved_is_never_guessed(status: Any) -> None:
    refused = refusal(body(alert(), alert(), alert(), alert(status=status)))
    assert refused.field == "alerts[3].status"
    assert '"firing" or "resolved" is needed' in refused.problem


# Labels and annotations


@pytest.mark.parametrize("name", ["labels", "annotations"])
@pytest.mark.parametrize("value", [..., None, {}])
def test_missing_labels_and_annotations_are_none_at_all(name: str, value: Any) -> None:
    assert getattr(read_one(**{name: value}), name) == {}


@pytest.mark.parametrize("name", ["labels", "annotations"])
@pytest.mark.parametrize("value", [[], ["a"], "a=b", 7, False])
def test_labels_and_annotations_that_are_no_object_are_refused_by_name(name: str, value: Any) -> None:
    refused = refusal(one(**{name: value}))
    assert refused.field == f"alerts[0].{name}"
    assert "an object is needed" in refused.problem


def test_label_values_become_text_and_null_is_absent() -> None:
    told = read_one(labels={"level": 2, "ratio": 0.5, "on": True, "gone": None, "odd": ["a", {"b": 1}]})
    assert told.labels == {"level": "2", "ratio": "0.5", "on": "true", "odd": '["a",{"b":1}]'}


def test_nul_control_characters_and_lone_surrogates_never_reach_a_column() -> None:
    bad = "a\x00b\x1bc\ud800d"
    good = "a�b�c�d"
    told = read_one(labels={"alertname": bad, bad: bad}, annotations={"summary": bad}, ruleUID=bad, fingerprint=bad)
    assert told.labels == {"alertname": good, good: good}
    assert (told.alert_name, told.summary, told.rule_uid, told.fingerprint) == (good, good, good, good)
    assert told.raw["labels"][bad] == bad


def test_ten_thousand_labels_are_taken() -> None:
    assert len(read_one(labels={f"label_{n}": "x" for n in range(10_000)}).labels) == 10_000


def test_a_label_of_five_thousand_characters_is_kept_whole() -> None:
    assert read_one(labels={"pod": "x" * 5000}).labels["pod"] == "x" * 5000


# Names, summary


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"labels": {"alertname": "  Disk\n full "}}, "Disk full"),
        ({"labels": {"alertname": ""}}, "rule-1"),
        ({"labels": {}}, "rule-1"),
        ({"labels": {"pod": "a"}, "generatorURL": ""}, "(unnamed alert)"),
        ({"labels": {}, "generatorURL": ""}, "(unnamed alert)"),
    ],
)
def test_an_alert_is_called_by_its_name_else_its_rule_else_unnamed(changes: dict[str, Any], name: str) -> None:
    assert read_one(**changes).alert_name == name


def test_the_groups_labels_name_no_alert() -> None:
    [told] = read(body(alert(labels={}, generatorURL=""), groupLabels={"alertname": "Other"})).alerts
    assert told.alert_name == "(unnamed alert)"


@pytest.mark.parametrize(
    ("annotations", "summary"),
    [
        ({"summary": "S", "title": "T", "description": "D", "message": "M"}, "S"),
        ({"summary": " \n", "title": "T"}, "T"),
        ({"description": "\n  first \n second", "message": "M"}, "first"),
        ({"message": "M\nmore"}, "M"),
        ({"runbook_url": "https://x.example"}, "Checkout 5xx"),
        ({"summary": "two\n lines\t of  text"}, "two lines of text"),
        ({"summary": "x" * 501}, "x" * 499 + "…"),
        ({"summary": "x" * 500}, "x" * 500),
    ],
)
def test_the_summary_is_the_first_that_says_something_on_one_line(annotations: dict[str, str], summary: str) -> None:
    assert read_one(annotations=annotations).summary == summary


# Fingerprints


@pytest.mark.parametrize("value", [..., None, ""])
def test_a_derived_fingerprint_is_the_same_for_the_same_labels_and_rule(value: Any) -> None:
    told = read_one(fingerprint=value, labels={"a": "1", "b": "2"})
    again = read_one(fingerprint="", labels={"b": "2", "a": "1"}, status="resolved", startsAt="2026-03-03T00:00:00Z")
    assert told.fingerprint == again.fingerprint


@pytest.mark.parametrize("changes", [{"labels": {"a": "2"}}, {"ruleUID": "rule-2"}, {"labels": {"a": "1", "b": ""}}])
def test_a_derived_fingerprint_differs_by_labels_and_rule(changes: dict[str, Any]) -> None:
    base = {"fingerprint": "", "labels": {"a": "1"}}
    assert read_one(**base).fingerprint != read_one(**{**base, **changes}).fingerprint


@pytest.mark.parametrize(("value", "told"), [("x" * 4000, "x" * 4000), (12345678901234567890, "12345678901234567890")])
def test_a_fingerprint_is_taken_as_it_is_at_any_length(value: Any, told: str) -> None:
    assert read_one(fingerprint=value).fingerprint == told


@pytest.mark.parametrize("value", [[], {}, True])
def test_a_fingerprint_that_is_no_text_is_refused_by_name(value: Any) -> None:
    assert refusal(one(fingerprint=value)).field == "alerts[0].fingerprint"


def test_an_alert_that_says_nothing_but_its_status_is_refused() -> None:
    refused = refusal(body({"status": "firing"}))
    assert refused.field == "alerts[0]"
    assert "nothing says what it is about" in refused.problem


# Times


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (..., "missing"),
        (None, "missing"),
        ("", "missing"),
        ("yesterday", "not an RFC 3339 time"),
        (1772413820, "not an RFC 3339 time"),
        ("2026-02-30T00:00:00Z", "there is no such time"),
        ("0001-01-01T00:00:00Z", "outside of 1970 to 2199"),
        ("0001-01-01T00:00:00+09:00", "outside of 1970 to 2199"),
        ("9999-12-31T23:59:59-09:00", "outside of 1970 to 2199"),
    ],
)
def test_a_start_that_can_not_be_meant_is_refused_by_name(value: Any, problem: str) -> None:
    refused = refusal(body(alert(), alert(startsAt=value)))
    assert refused.field == "alerts[1].startsAt"
    assert problem in refused.problem


@pytest.mark.parametrize(
    "value",
    [
        ..., None, "", "0001-01-01T00:00:00Z", "another time", 5, [],
        "0001-01-01T00:00:00+09:00", "2026-03-01T00:00:00Z",
    ],
)  # fmt: skip
def test_a_resolve_is_not_lost_over_an_end_that_can_not_be_used(value: Any) -> None:
    told = read_one(status="resolved", endsAt=value)
    assert told.status is AlertStatus.RESOLVED
    assert told.ends_at is None


def test_what_fires_has_no_end_even_where_the_sender_foretells_one() -> None:
    assert read_one(endsAt="2026-03-02T02:00:00Z").ends_at is None


# Values


@pytest.mark.parametrize("value", [..., None, [], "B=1", 3])
def test_values_that_are_no_object_are_none_at_all(value: Any) -> None:
    assert read_one(values=value).metric_values == {}


def test_values_are_floats_or_none() -> None:
    told = read_one(values={"A": 1, "B": -0.5, "C": None, "D": "7", "E": True, "F": 10**400, "G": -1})
    assert told.metric_values == {"A": 1.0, "B": -0.5, "C": None, "D": None, "E": None, "F": None, "G": -1.0}


# Bodies of another shape


@pytest.mark.parametrize(
    ("raw", "field", "problem"),
    [
        (b"null", "body", "this is null"),
        (b"[]", "body", "this is a list"),
        (b'"alert"', "body", 'this is the string "alert"'),
        (b"12", "body", "this is a number"),
        (b"{}", "alerts", "it is missing"),
        (b'{"alerts": null}', "alerts", "a list is needed, this is null"),
        (b'{"alerts": {}}', "alerts", "a list is needed, this is an object"),
        (b'{"alerts": []}', "alerts", "the list is empty"),
        (b'{"alerts": [null]}', "alerts[0]", "an object is needed, this is null"),
        (b'{"alerts": [[]]}', "alerts[0]", "an object is needed, this is a list"),
    ],
)
def test_another_shape_is_refused_by_field_and_kind(raw: bytes, field: str, problem: str) -> None:
    refused = refusal(raw)
    assert refused.field == field
    assert problem in refused.problem


def test_more_alerts_than_one_transaction_takes_are_refused() -> None:
    refused = refusal(body(*[{}] * 10_001))
    assert refused.field == "alerts"
    assert "10001 alerts" in refused.problem


def test_a_custom_payload_is_refused_and_told_why() -> None:
    assert "a custom payload can't be read" in refusal(fixture("custom-payload")).problem


DATADOG = b'{"alert_transition": "Triggered", "id": "1"}'
NEW_RELIC = b'{"issueUrl": "https://nr.example/1", "state": "CLOSED"}'
ALERTMANAGER = body(alert(generatorURL="http://prometheus.example/graph?g0.expr=up"), version="4")


@pytest.mark.parametrize(
    ("raw", "name", "words"),
    [
        (DATADOG, "datadog", "it looks like one from Datadog"),
        (NEW_RELIC, "newrelic", "it looks like one from New Relic"),
        (ALERTMANAGER, "alertmanager", "it is one from Prometheus Alertmanager, not from Grafana"),
    ],
)
def test_another_systems_body_is_told_its_place(
    raw: bytes, name: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = refusal(raw)
    assert refused.looks_like == name
    assert words in refused.problem
    assert advice(refused).endswith(
        f"; its place is /webhooks/{name}, which this version of Bongsu does not support yet"
    )
    monkeypatch.setitem(SOURCES, name, grafana.normalise)  # type: ignore[arg-type]
    assert advice(refused).endswith(f"; send it to /webhooks/{name}")


def test_another_systems_alerts_are_not_picked_to_pieces_first() -> None:
    assert refusal(body({"labels": {}}, version=0, groupKey=0)).looks_like == "alertmanager"


@pytest.mark.parametrize("raw", [b"", b"<html>", b"\xff\xfe", b'{"alerts": [NaN]}'])
def test_what_is_not_json_is_not_a_shape(raw: bytes) -> None:
    with pytest.raises(CodecError):
        read(raw)


def test_an_abyss_of_labels_is_too_deep() -> None:
    with pytest.raises(TooDeep):
        read(b'{"alerts": [{"labels": ' + b"[" * 10_000 + b"]" * 10_000 + b"}]}")
