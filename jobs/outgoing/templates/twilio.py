"""A text message by Twilio: https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource"""

from base64 import b64encode
from urllib.parse import urlencode

from incidents.escalation.model import Webhook
from incidents.escalation.webhooks import Action
from jobs.outgoing.call import Request
from jobs.outgoing.page import Page, clip

_LONGEST_TITLE = 300
"""Twilio takes 1600 characters, and counts each 70 as a message."""


def url_of(key: str) -> str:
    """Where messages of this account are made; ``key`` is ``sid:token``."""
    return f"https://api.twilio.com/2010-04-01/Accounts/{key.partition(':')[0]}/Messages.json"


def render(page: Page, webhook: Webhook) -> Request | None:
    """``webhook.key`` is ``sid:token``, ``webhook.fields`` say from which number to which.

    Nobody is woken to hear that they may sleep: only what begins is told.
    """
    if page.action is not Action.TRIGGER:
        return None
    told = "\n".join(part for part in (clip(page.summary, _LONGEST_TITLE), page.link) if part)
    body = urlencode({"To": webhook.fields["to"], "From": webhook.fields["from"], "Body": told})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"Basic {b64encode((webhook.key or '').encode()).decode()}",
    }
    return Request("POST", webhook.url, headers, body.encode())
