"""What tests of outgoing webhooks are made of."""

from datetime import UTC, datetime
from typing import Any

from incidents.escalation.webhooks import Action
from incidents.model import Place, Severity, Status
from jobs.outgoing.page import Page

AT = datetime(2026, 1, 2, 10, 5, tzinfo=UTC)


def a_page(**given: Any) -> Page:
    values: dict[str, Any] = {
        "action": Action.TRIGGER,
        "name": "INC-12",
        "key": "bongsu-INC-12-kkkkkkkkkkkk",
        "title": "Checkout 5xx above 5 %",
        "severity": Severity.CRITICAL,
        "status": Status.ACTIVE,
        "place": Place(cluster="prod-a", namespace="pay", service="checkout"),
        "link": "https://acme.slack.com/archives/C1/p1",
        "step": "2/3",
        "at": AT,
        "event_id": 7,
        "idempotency_key": "0123abcd",
    }
    return Page(**{**values, **given})
