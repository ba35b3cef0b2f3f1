"""What must not be kept of alerts is found wherever it stands, and what identifies them stays."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.config_redact import RedactPart, found
from incidents.ingest.mapping import mapped
from incidents.model import Alert, Delivery, Links, RejectedDelivery
from incidents.pattern import Pattern
from incidents.policy import LabelMap
from incidents.redaction import (
    MOST_LOOKS,
    REDACTED,
    WITHHELD,
    Found,
    Redaction,
    redacted,
    redacted_delivery,
    redacted_refusal,
)
from tests.building import T0, a_delivery, firing

CARD = "4111111111111111"


def rules(*told: dict[str, str]) -> list[Redaction]:
    return [RedactPart(**one).redaction() for one in told]


def an_alert(**labels: str) -> Alert:
    told = firing("pod-a", **labels)
    told = replace(
        told,
        annotations={"description": f"card {CARD} of bob", "summary": "Load is high"},
        summary=f"Load for s3cret-value {CARD}",
        links=Links(silence="https://grafana/silence?matcher=token%3Ds3cret-value%2F1"),
        raw={
            "labels": dict(told.labels),
            "annotations": {"description": f"card {CARD} of bob"},
            "fingerprint": CARD,
            "valueString": "[ labels={token=s3cret-value/1} value=5 ]",
            "values": {"A": 5},
        },
    )
    [alert] = mapped(a_delivery(told), LabelMap(), now=T0)
    return alert


def everything(alert: Alert) -> str:
    told = alert.told
    return json.dumps([dict(told.labels), dict(told.annotations), told.summary, str(told.links), dict(told.raw)])


def test_a_label_goes_by_its_name_wherever_its_value_stands() -> None:
    alert = an_alert(api_token="s3cret-value/1", service="pay")
    [after] = redacted([alert], rules({"label": "*token*"}))
    assert after.told.labels["api_token"] == REDACTED
    assert "s3cret-value/1" not in everything(after)
    assert "s3cret-value%2F1" not in everything(after)
    assert after.told.labels["service"] == "pay"
    assert after.told.raw["values"] == {"A": 5}


def test_a_pattern_goes_from_all_texts_or_from_one_annotation_alone() -> None:
    alert = an_alert(service="pay")
    [everywhere] = redacted([alert], rules({"pattern": r"\b[0-9]{16}\b"}))
    assert everywhere.told.annotations["description"] == f"card {REDACTED} of bob"
    assert CARD not in everything(everywhere).replace(f'"fingerprint": "{CARD}"', "")
    [one] = redacted([alert], rules({"annotation": "description", "pattern": "[0-9]{16}"}))
    assert CARD not in json.dumps([dict(one.told.annotations), one.told.raw["annotations"]])
    assert CARD in one.told.summary


def test_what_identifies_an_alert_stays_as_it_would_be_without() -> None:
    alert = an_alert(service=f"pay-{CARD}", api_token="s3cret-value/1")
    [after] = redacted([alert], rules({"pattern": "[0-9]{16}"}, {"label": "*token*"}, {"pattern": "pay"}))
    assert replace(after, told=alert.told) == alert
    assert (after.told.fingerprint, after.told.rule_uid) == (alert.told.fingerprint, alert.told.rule_uid)
    assert after.told.raw["fingerprint"] == CARD


def test_the_envelope_tells_nothing_that_the_alerts_may_not() -> None:
    labels = {"api_token": "s3cret-value/1", "service": "pay"}
    alert = an_alert(**labels)
    envelope = {
        "commonLabels": labels, "groupKey": '{}:{api_token="s3cret-value/1"}', "title": f"[FIRING] {CARD}",
        "version": 1,
    }  # fmt: skip
    delivery: Delivery = replace(a_delivery(alert.told), envelope=envelope)
    after = redacted_delivery(delivery, rules({"label": "api_token"}, {"pattern": "[0-9]{16}"})).envelope
    assert after["commonLabels"] == {"api_token": REDACTED, "service": "pay"}
    assert (after["groupKey"], after["title"]) == ('{}:{api_token="' + REDACTED + '"}', f"[FIRING] {REDACTED}")
    assert after["version"] == 1


def test_a_refused_body_is_kept_as_far_as_it_can_be_looked_through() -> None:
    body = json.dumps({"alerts": [{"labels": {"token": "s3cret"}, "x": CARD}], "note": "for s3cret"}).encode()
    headers = {"content-length": str(len(body)), "X-Other": "1"}
    refused = RejectedDelivery("grafana", "r", "0" * 64, headers, f"alerts.0.x is {CARD}", body)
    wanted = rules({"label": "token"}, {"pattern": "[0-9]{16}"})
    after = redacted_refusal(refused, wanted)
    assert json.loads(after.raw_body) == {
        "alerts": [{"labels": {"token": REDACTED}, "x": REDACTED}], "note": f"for {REDACTED}",
    }  # fmt: skip
    assert after.headers == {"content-length": str(len(after.raw_body)), "X-Other": "1"}
    assert after.error == f"alerts.0.x is {REDACTED}"
    unread = redacted_refusal(replace(refused, raw_body=b"\x1f\x8b" + body), wanted)
    assert (unread.raw_body, "was not kept" in unread.error) == (b"", True)
    unread = redacted_refusal(replace(refused, raw_body=b"{"), rules({"pattern": "body|[0-9]{16}"}))
    assert unread.error == f"alerts.0.x is {REDACTED} {WITHHELD}"


@pytest.mark.parametrize(
    ("pattern", "text", "after"),
    [
        ("[0-9]+", "a1b22c", "a#b#c"),
        (r"\b[0-9]{3}\b", "123 1234 x123 123x 999", "# 1234 x123 123x #"),
        ("Bearer [a-z0-9]+", "bearer ABC9!", "#!"),
        ("ss", "Straße", "Stra#e"),
        ("(ab|abc)", "abcab", "##"),
        ("x", "", ""),
    ],
)
def test_the_leftmost_and_longest_is_found(pattern: str, text: str, after: str) -> None:
    [rule] = rules({"pattern": pattern})
    alert = an_alert(service="pay")
    [done] = redacted([replace(alert, told=replace(alert.told, summary=text))], [rule])
    assert done.told.summary == after.replace("#", REDACTED)


def test_what_would_take_long_to_look_through_is_redacted_as_a_whole() -> None:
    looks = Found(Pattern("(a+)+b"))
    assert looks.spans("a" * 60_000) is None
    assert looks.spans("a" * (MOST_LOOKS // 600)) == []


@given(st.text(alphabet="ab1 ", max_size=40), st.sampled_from(["a", "ab", "[0-9]+", "a+b?", "(a|1)b"]))
@settings(max_examples=100, deadline=None)
def test_nothing_that_a_pattern_describes_is_left(text: str, pattern: str) -> None:
    looked = found(pattern)
    spans = looked.spans(text)
    assert spans is not None
    left: list[Any] = []
    place = 0
    for start, end in spans:
        assert looked.pattern.matches(text[start:end])
        left.append(text[place:start])
        place = end
    assert not any(looked.spans(part) for part in [*left, text[place:]])
