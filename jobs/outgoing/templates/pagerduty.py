"""PagerDuty's Events API v2: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/

What is said of one incident has one ``dedup_key``, so that PagerDuty keeps one incident of its own, which is
acknowledged and resolved with ours.
"""

from typing import Any

from base.codec import dumps
from incidents.escalation.model import Webhook
from incidents.escalation.webhooks import Action
from incidents.model import Severity
from jobs.outgoing.call import Request
from jobs.outgoing.page import Page, clip

URL = "https://events.pagerduty.com/v2/enqueue"
"""Of an account in Europe it is https://events.eu.pagerduty.com/v2/enqueue."""
_SEVERITIES = {
    Severity.CRITICAL: "critical",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
    Severity.UNKNOWN: "warning",
}
"""PagerDuty knows no other."""
_ACTIONS = {
    Action.TRIGGER: "trigger",
    Action.ACKNOWLEDGE: "acknowledge",
    Action.UNACKNOWLEDGE: "resolve",
    Action.RESOLVE: "resolve",
}
"""There is no taking an acknowledgement back, and what is acknowledged pages nobody: so it ends, and begins anew."""
_LONGEST_SUMMARY = 1024


def render(page: Page, webhook: Webhook) -> Request:
    """``webhook.key`` is the integration's routing key."""
    told: dict[str, Any] = {
        "routing_key": webhook.key,
        "event_action": _ACTIONS[page.action],
        "dedup_key": page.key,
    }
    if page.action is Action.TRIGGER:
        told |= {"client": "Bongsu", "payload": _payload(page)}
        if page.link:
            told |= {"client_url": page.link, "links": [{"href": page.link, "text": f"{page.name} in Slack"}]}
    return Request("POST", webhook.url, {"Content-Type": "application/json"}, dumps(told).encode())


def _payload(page: Page) -> dict[str, Any]:
    place = page.place
    details = {
        "incident": page.name,
        "cluster": place.cluster,
        "namespace": place.namespace,
        "phase": place.phase,
        "step": page.step,
    }
    return {
        "summary": clip(page.summary, _LONGEST_SUMMARY),
        "source": page.where or "Bongsu",
        "severity": _SEVERITIES[page.severity],
        "timestamp": page.at.isoformat(),
        "component": place.service,
        "custom_details": {name: told for name, told in details.items() if told},
    }
