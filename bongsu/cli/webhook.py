"""``bongsu webhook test``: does a page get through to a webhook of ``bongsu.yaml``?"""

import argparse
import asyncio
import sys
import uuid
from datetime import UTC, datetime
from typing import Any

from bongsu.cli.tenant_option import add_tenant
from bongsu.config_mistakes import nearest
from bongsu.settings import config_file
from incidents.errors import InvalidInput
from incidents.escalation.model import Template, Webhook
from incidents.escalation.webhooks import Action
from incidents.model import Place, Severity, Status
from incidents.policy import Policy
from jobs.outgoing.call import Outgoing
from jobs.outgoing.errors import Refused, Unreachable
from jobs.outgoing.page import Page
from jobs.outgoing.templates import render
from jobs.outgoing.verdict import in_words, judge
from jobs.outgoing.with_apprise import AppriseMissing, WithApprise

_NUMBER = "INC-0"


def add_to(commands: Any) -> None:
    parser = commands.add_parser("webhook", help="look after outgoing webhooks")
    kinds = parser.add_subparsers(title="what", metavar="test", required=True)
    testing = kinds.add_parser("test", help="send a test page to one, and say what it answered")
    testing.add_argument("name", metavar="NAME", help="as it stands below 'webhooks' in bongsu.yaml")
    testing.add_argument(
        "--resolve", action="store_true", help="end what was sent before, where the receiver keeps incidents"
    )
    add_tenant(testing)
    testing.set_defaults(run=test)


def test(given: argparse.Namespace) -> int:
    """Exit code 1 where it does not get through. Raises InvalidInput."""
    webhook = _find(given.name, config_file().of(given.tenant).policy())
    action = Action.RESOLVE if given.resolve else Action.TRIGGER
    is_through, told = asyncio.run(_send(_page(action), webhook))
    sys.stdout.write(f"{'✓' if is_through else '✗'} {webhook.name}: {told}\n")
    return int(not is_through)


def _find(name: str, policy: Policy) -> Webhook:
    if name not in policy.webhooks:
        known = policy.webhooks
        mend = nearest(name, known) if known else "write it below 'webhooks' in bongsu.yaml"
        raise InvalidInput("NAME", f"there is no webhook '{name}': {mend}")
    return policy.webhooks[name]


async def _send(page: Page, webhook: Webhook) -> tuple[bool, str]:
    """Whether it got through, and what is to be said of it."""
    try:
        return await _sent(page, webhook)
    except Refused as error:
        return False, f"refused, {error}"
    except (Unreachable, AppriseMissing) as error:
        return False, str(error)


async def _sent(page: Page, webhook: Webhook) -> tuple[bool, str]:
    if webhook.template is Template.APPRISE:
        await WithApprise().send(page, webhook)
        return True, "Apprise has sent it"
    request = render(page, webhook, at=page.at)
    if request is None:
        return True, "nothing was sent: it hears of pages alone"
    answer = await Outgoing().send(request)
    return judge(answer, now=page.at) is None, in_words(answer)


def _page(action: Action) -> Page:
    return Page(
        action=action,
        name=_NUMBER,
        key="bongsu-test",
        title="A test page that you sent yourself",
        severity=Severity.INFO,
        status=Status.RESOLVED if action is Action.RESOLVE else Status.ACTIVE,
        place=Place(service="bongsu"),
        link=None,
        step="1/1",
        at=datetime.now(UTC),
        event_id=0,
        idempotency_key=uuid.uuid4().hex,
    )
