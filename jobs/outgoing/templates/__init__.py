"""How a page is put to each kind of receiver: one pure module each, ``render(page, webhook) -> Request | None``."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from incidents.escalation.model import Template, Webhook
from jobs.outgoing import signature
from jobs.outgoing.call import Request
from jobs.outgoing.page import Page
from jobs.outgoing.templates import generic, opsgenie, pagerduty, twilio

_TEMPLATES: Mapping[Template, Callable[[Page, Webhook], Request | None]] = {
    Template.GENERIC: generic.render,
    Template.PAGERDUTY: pagerduty.render,
    Template.OPSGENIE: opsgenie.render,
    Template.TWILIO: twilio.render,
}


def render(page: Page, webhook: Webhook, *, at: datetime) -> Request | None:
    """The call to make at ``at``; None: this receiver keeps no incidents, so it need not hear what becomes of them.

    Apprise makes its calls by itself, and has no template. Raises KeyError for it.
    """
    request = _TEMPLATES[webhook.template](page, webhook)
    if request is None:
        return None
    headers = {**request.headers, signature.KEY: page.idempotency_key}
    if webhook.secret is not None:
        headers |= signature.signed(request.body, secret=webhook.secret, at=at)
    return replace(request, headers=headers, allow_private=webhook.allow_private)
