"""Whose is what Slack brings? Each request goes to the Bolt app of the tenant whose workspace it is of.

Slack signs for the app, not for a workspace: so the workspace is taken from what was signed, and one that is nobody's
is told so, and nothing else.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from base import log_context, tracing
from bongsu.tenants.all import Tenants
from bongsu.tenants.part import TenantPart
from bot.client import SLACK_ERRORS
from bot.listeners.telling import in_the_form
from bot.permissions import NEEDS, asked

logger = logging.getLogger(__name__)

NOT_CONNECTED = (
    "Bongsu is not connected with this workspace, so nothing was done. Who runs Bongsu can connect it: "
    "`bongsu tenant invite` prints the address for that."
)
_NOT_KNOWN_YET = "Bongsu does not know yet which workspaces are its own: try again in a moment."


class Switchboard:
    """Stands where a single Bolt app would: for ``/slack/events`` and for Socket Mode."""

    def __init__(self, tenants: Tenants, *, has_installs: bool) -> None:
        self._tenants = tenants
        self._has_installs = has_installs

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Raises what Bolt does where the body is no payload of Slack's."""
        known = log_context.facts() or {"request_id": uuid4().hex}  # Socket Mode has no request
        with log_context.bound(**known), tracing.span(_name(req) if tracing.is_on() else ""):
            return await self._dispatch(req)

    async def _dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        if not self._has_installs:
            return await self._tenants.default.workspace.bolt.async_dispatch(req)
        named = [name for name in (req.context.team_id, req.context.enterprise_id) if name]
        part = await self._part_of(named)
        if part is None and not self._tenants.default.workspace.identity.is_known:
            return BoltResponse(status=503, body=_NOT_KNOWN_YET)
        if part is None:
            return await self._refuse(req.body, named)
        if (why := _removal(req.body)) is not None and not part.tenant.is_default:
            await self._tenants.lost(part, why=why, at=_when(req.body))
            return BoltResponse(status=200, body="")
        return await part.workspace.bolt.async_dispatch(req)

    async def _part_of(self, named: list[str]) -> TenantPart | None:
        """Another process may have connected it a moment ago."""
        part = self._tenants.of_slack(named)
        if part is None:
            await self._tenants.look()
            part = self._tenants.of_slack(named)
        return part

    async def _refuse(self, body: Mapping[str, Any], named: list[str]) -> BoltResponse:
        """In words where somebody waits for an answer; events are taken, or Slack would bring them again."""
        logger.warning("of a workspace that is nobody's", extra={"action": "slack_stranger", "workspaces": named})
        if "command" in body:
            return BoltResponse(status=200, body={"response_type": "ephemeral", "text": NOT_CONNECTED})
        if body.get("type") == "view_submission":
            return BoltResponse(status=200, body=in_the_form(NOT_CONNECTED, body.get("view") or {}))
        if isinstance(url := body.get("response_url"), str):
            await self._answer(url)
        return BoltResponse(status=200, body="")

    async def _answer(self, url: str) -> None:
        """``url`` is Slack's: the request was signed."""
        client = self._tenants.default.workspace.identity.client
        webhook = AsyncWebhookClient(url, session=client.session)
        try:
            await webhook.send(text=NOT_CONNECTED, response_type="ephemeral", replace_original=False)
        except SLACK_ERRORS as error:
            logger.warning("slack did not take an answer", extra={"action": "slack_tell", "error": str(error)})


def _name(req: AsyncBoltRequest) -> str:
    """Of its span: what is asked for, by a name of ours."""
    what = asked(req.body)
    if what is None:
        return "slack"
    name = what.name if (what.kind, what.name) in NEEDS else "other"
    return f"slack {what.kind.value} {name}"


def _removal(body: Mapping[str, Any]) -> str | None:
    """Slack's word for it where it tells that we are to be there no more; None: it tells of something else."""
    event = body.get("event")
    kind = event.get("type") if isinstance(event, Mapping) else None
    if kind == "app_uninstalled":
        return "app_uninstalled"
    if kind == "tokens_revoked" and isinstance(event, Mapping):
        tokens = event.get("tokens")
        return "tokens_revoked" if isinstance(tokens, Mapping) and tokens.get("bot") else None
    return None


def _when(body: Mapping[str, Any]) -> datetime:
    """When it happened: what was connected again since must stay."""
    told = body.get("event_time")
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int) and told < 2**33 else datetime.now(UTC)
