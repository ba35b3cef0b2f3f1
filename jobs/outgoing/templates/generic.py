"""JSON of our own, for receivers that people write themselves: docs/how-to/page-out-of-slack.md shows it."""

from base.codec import dumps
from incidents.escalation.model import Webhook
from jobs.outgoing.call import Request
from jobs.outgoing.page import Page


def render(page: Page, webhook: Webhook) -> Request:
    """All that is known, under names that stay."""
    place = page.place
    told = {
        "action": page.action.value,
        "incident": page.name,
        "key": page.key,
        "title": page.title,
        "severity": page.severity.value,
        "status": page.status.value,
        "summary": page.summary,
        "cluster": place.cluster,
        "namespace": place.namespace,
        "service": place.service,
        "phase": place.phase,
        "step": page.step,
        "link": page.link,
        "at": page.at.isoformat(),
        "event_id": page.event_id,
        "idempotency_key": page.idempotency_key,
    }
    return Request("POST", webhook.url, {"Content-Type": "application/json"}, dumps(told).encode())
