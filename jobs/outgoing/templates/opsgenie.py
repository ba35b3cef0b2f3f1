"""Opsgenie's Alert API: https://docs.opsgenie.com/docs/alert-api

What is said of one incident has one alias, so that Opsgenie keeps one alert, which is acknowledged and closed with
ours. Jira Service Management speaks the same at another address:
https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v2/intro/
"""

from typing import Any
from urllib.parse import quote

from base.codec import dumps
from incidents.escalation.model import Webhook
from incidents.escalation.webhooks import Action
from incidents.model import Severity
from jobs.outgoing.call import Request
from jobs.outgoing.page import Page, clip

URL = "https://api.opsgenie.com/v2/alerts"
"""Of an account in Europe it is https://api.eu.opsgenie.com/v2/alerts."""
_PRIORITIES = {
    Severity.CRITICAL: "P1",
    Severity.ERROR: "P2",
    Severity.WARNING: "P3",
    Severity.INFO: "P5",
    Severity.UNKNOWN: "P3",
}
_VERBS = {Action.ACKNOWLEDGE: "acknowledge", Action.UNACKNOWLEDGE: "unacknowledge", Action.RESOLVE: "close"}
_LONGEST_MESSAGE = 130
_LONGEST_ENTITY = 512


def render(page: Page, webhook: Webhook) -> Request:
    """``webhook.key`` is the integration's API key."""
    headers = {"Content-Type": "application/json", "Authorization": f"GenieKey {webhook.key}"}
    url = webhook.url.rstrip("/")
    if page.action is Action.TRIGGER:
        return Request("POST", url, headers, dumps(_alert(page)).encode())
    address = f"{url}/{quote(page.key, safe='')}/{_VERBS[page.action]}?identifierType=alias"
    return Request("POST", address, headers, dumps({"source": "Bongsu", "note": f"{page.name} in Bongsu"}).encode())


def _alert(page: Page) -> dict[str, Any]:
    place = page.place
    details = {
        "incident": page.name,
        "cluster": place.cluster,
        "namespace": place.namespace,
        "service": place.service,
        "phase": place.phase,
        "step": page.step,
        "link": page.link,
    }
    return {
        "message": clip(page.summary, _LONGEST_MESSAGE),
        "alias": page.key,
        "description": "\n".join(part for part in (page.summary, page.link) if part),
        "entity": clip(page.where, _LONGEST_ENTITY),
        "source": "Bongsu",
        "priority": _PRIORITIES[page.severity],
        "details": {name: told for name, told in details.items() if told},
    }
