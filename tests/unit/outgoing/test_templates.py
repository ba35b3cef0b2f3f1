"""How a page is put to each kind of receiver."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from incidents.escalation.model import Template, Webhook
from incidents.escalation.webhooks import Action
from incidents.model import Place, Severity, Status
from jobs.outgoing.templates import render
from tests.unit.outgoing.pages import AT, a_page

PAGERDUTY = Webhook("pd", "https://events.pagerduty.com/v2/enqueue", Template.PAGERDUTY, key="R" * 32)
OPSGENIE = Webhook("og", "https://api.opsgenie.com/v2/alerts", Template.OPSGENIE, key="genie")
TWILIO = Webhook(
    "sms", "https://api.twilio.com/x", Template.TWILIO, key="AC1:token", fields={"to": "+4912", "from": "+4934"}
)
GENERIC = Webhook("own", "https://example.com/hook")
HOSTILE = "<!channel>\n\x00" + "5xx " * 1000


def body(webhook: Webhook, **given: Any) -> dict[str, Any]:
    request = render(a_page(**given), webhook, at=AT)
    assert request is not None
    told: dict[str, Any] = json.loads(request.body)
    return told


def test_our_own_json_tells_all_that_is_known() -> None:
    assert body(GENERIC) == {
        "action": "trigger",
        "incident": "INC-12",
        "key": "bongsu-INC-12-kkkkkkkkkkkk",
        "title": "Checkout 5xx above 5 %",
        "severity": "critical",
        "status": "active",
        "summary": "CRITICAL INC-12: Checkout 5xx above 5 % (checkout, prod-a/pay)",
        "cluster": "prod-a",
        "namespace": "pay",
        "service": "checkout",
        "phase": "",
        "step": "2/3",
        "link": "https://acme.slack.com/archives/C1/p1",
        "at": "2026-01-02T10:05:00+00:00",
        "event_id": 7,
        "idempotency_key": "0123abcd",
    }


def test_pagerduty_gets_one_incident_per_incident() -> None:
    told = body(PAGERDUTY)
    assert (told["routing_key"], told["event_action"], told["dedup_key"]) == (
        "R" * 32,
        "trigger",
        "bongsu-INC-12-kkkkkkkkkkkk",
    )
    assert told["payload"] == {
        "summary": "CRITICAL INC-12: Checkout 5xx above 5 % (checkout, prod-a/pay)",
        "source": "checkout, prod-a/pay",
        "severity": "critical",
        "timestamp": "2026-01-02T10:05:00+00:00",
        "component": "checkout",
        "custom_details": {"incident": "INC-12", "cluster": "prod-a", "namespace": "pay", "step": "2/3"},
    }
    assert told["links"] == [{"href": "https://acme.slack.com/archives/C1/p1", "text": "INC-12 in Slack"}]


@pytest.mark.parametrize("severity", Severity)
def test_pagerduty_knows_four_severities(severity: Severity) -> None:
    assert body(PAGERDUTY, severity=severity)["payload"]["severity"] in {"critical", "error", "warning", "info"}


@pytest.mark.parametrize(
    ("action", "told"),
    [(Action.ACKNOWLEDGE, "acknowledge"), (Action.UNACKNOWLEDGE, "resolve"), (Action.RESOLVE, "resolve")],
)
def test_pagerduty_acknowledges_and_resolves_its_own(action: Action, told: str) -> None:
    assert body(PAGERDUTY, action=action, status=Status.RESOLVED) == {
        "routing_key": "R" * 32,
        "event_action": told,
        "dedup_key": "bongsu-INC-12-kkkkkkkkkkkk",
    }


def test_opsgenie_gets_one_alert_per_incident() -> None:
    request = render(a_page(), OPSGENIE, at=AT)
    assert request is not None
    assert (request.url, request.headers["Authorization"]) == (OPSGENIE.url, "GenieKey genie")
    told = json.loads(request.body)
    assert (told["alias"], told["priority"], told["source"]) == ("bongsu-INC-12-kkkkkkkkkkkk", "P1", "Bongsu")
    assert told["message"] == "CRITICAL INC-12: Checkout 5xx above 5 % (checkout, prod-a/pay)"


@pytest.mark.parametrize(
    ("action", "verb"),
    [(Action.ACKNOWLEDGE, "acknowledge"), (Action.UNACKNOWLEDGE, "unacknowledge"), (Action.RESOLVE, "close")],
)
def test_opsgenie_acknowledges_and_closes_by_the_alias(action: Action, verb: str) -> None:
    request = render(a_page(action=action), OPSGENIE, at=AT)
    assert request is not None
    assert request.url == f"{OPSGENIE.url}/bongsu-INC-12-kkkkkkkkkkkk/{verb}?identifierType=alias"


def test_twilio_gets_a_text_message_and_hears_of_no_end() -> None:
    request = render(a_page(), TWILIO, at=AT)
    assert request is not None
    assert request.headers["Authorization"] == "Basic QUMxOnRva2Vu"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode()) == {
        "To": ["+4912"],
        "From": ["+4934"],
        "Body": [
            "CRITICAL INC-12: Checkout 5xx above 5 % (checkout, prod-a/pay)\nhttps://acme.slack.com/archives/C1/p1"
        ],
    }
    assert render(a_page(action=Action.RESOLVE), TWILIO, at=AT) is None
    assert render(a_page(action=Action.ACKNOWLEDGE), TWILIO, at=AT) is None


@pytest.mark.parametrize("webhook", [PAGERDUTY, OPSGENIE, TWILIO, GENERIC], ids=lambda one: one.name)
def test_each_can_be_verified_and_told_from_one_that_was_heard_before(webhook: Webhook) -> None:
    signed = Webhook(webhook.name, webhook.url, webhook.template, webhook.key, "s3cret", webhook.fields)
    request = render(a_page(), signed, at=AT)
    assert request is not None
    assert request.headers["Idempotency-Key"] == "0123abcd"
    timestamp = request.headers["X-Bongsu-Timestamp"]
    assert timestamp == str(int(AT.timestamp()))
    expected = hmac.new(b"s3cret", timestamp.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Bongsu-Signature"] == f"sha256={expected}"
    unsigned = render(a_page(), webhook, at=AT)
    assert unsigned is not None
    assert "X-Bongsu-Signature" not in unsigned.headers


@pytest.mark.parametrize("webhook", [PAGERDUTY, OPSGENIE, TWILIO, GENERIC], ids=lambda one: one.name)
def test_what_is_very_long_or_missing_can_be_sent(webhook: Webhook) -> None:
    for given in (
        {"title": HOSTILE, "place": Place(service="s" * 5000)},
        {"title": "", "place": Place(), "link": None},
    ):
        request = render(a_page(**given), webhook, at=AT)
        assert request is not None
        assert b"\n" not in b"".join(f"{name}{value}".encode() for name, value in request.headers.items())


def test_titles_are_as_long_as_their_receivers_take_them() -> None:
    assert len(body(PAGERDUTY, title=HOSTILE)["payload"]["summary"]) <= 1024
    assert len(body(OPSGENIE, title=HOSTILE)["message"]) <= 130
    request = render(a_page(title=HOSTILE), TWILIO, at=AT)
    assert request is not None
    assert len(parse_qs(request.body.decode())["Body"][0]) < 1600


def test_what_is_secret_is_in_no_repr() -> None:
    request = render(a_page(), PAGERDUTY, at=AT)
    assert "R" * 32 not in repr(request) + repr(PAGERDUTY)
    assert "QUMx" not in repr(render(a_page(), TWILIO, at=AT))
