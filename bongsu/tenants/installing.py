"""``/slack/install`` and ``/slack/oauth_redirect``: an organisation connects its workspace, by Bolt's OAuth flow.

Who comes must bring a token that `bongsu tenant invite` has printed: so nobody attaches a workspace to an organisation
that they don't belong to. Source: https://docs.slack.dev/authentication/installing-with-oauth
"""

import html
import logging
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from aiohttp import web
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore

from bongsu.tenants.all import Tenants
from bongsu.tenants.shared import Shared
from bongsu.tenants.tokens import Tokens
from bot.check import NEEDED_SCOPES, USEFUL_SCOPES
from bot.client import SLACK_ERRORS, make_client
from bot.settings import SLACK_API, SlackSettings
from incidents.errors import BongsuError
from incidents.tenants.errors import InvitationOver, WorkspaceTaken
from incidents.tenants.workspaces import digest

logger = logging.getLogger(__name__)

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
SCOPES: Sequence[str] = tuple(dict.fromkeys((*NEEDED_SCOPES, *USEFUL_SCOPES)))
"""Those of the manifest."""
_STATE_SECONDS = 600


class NotConnected(BoltError):
    """Bolt shows the page for a failure, with these words."""


def add_installs(app: web.Application, shared: Shared, tenants: Tenants, tokens: Tokens) -> None:
    """Nothing where the app's id and secret are not set: then these addresses are as any that there are not."""
    if not shared.slack.has_installs:
        return
    installs = Installs(_Flow(shared, tenants, tokens), tenants)
    app.router.add_get(INSTALL, installs.begin)
    app.router.add_get(REDIRECT, installs.end)


class Installs:
    """What a browser is answered."""

    def __init__(self, flow: "_Flow", tenants: Tenants) -> None:
        self._flow = flow
        self._tenants = tenants

    async def begin(self, request: web.Request) -> web.Response:
        """Off to Slack, where they choose a workspace."""
        return await self._answer(request, self._begin)

    async def end(self, request: web.Request) -> web.Response:
        """Back from Slack."""
        return await self._answer(request, self._flow.handle_callback)

    async def _begin(self, asked: AsyncBoltRequest) -> BoltResponse:
        invited = digest(_one(asked, "tenant"))
        await self._tenants.transactions.read(lambda uow: uow.slack_workspaces.invited(invited))
        return await self._flow.handle_installation(asked)

    async def _answer(
        self, request: web.Request, work: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]
    ) -> web.Response:
        asked = AsyncBoltRequest(body="", query=request.query_string, headers=dict(request.headers))
        try:
            return _response(await work(asked))
        except InvitationOver as error:
            return _response(_page(HTTPStatus.FORBIDDEN, "Not connected", f"{error}."))
        except BongsuError as error:
            return _response(_page(HTTPStatus.SERVICE_UNAVAILABLE, "Not connected", f"{error}."))
        except SLACK_ERRORS as error:
            logger.warning("slack did not answer", extra={"action": "slack_install_failed", "error": str(error)})
            told = "Slack did not answer. Open the address that you were given once more."
            return _response(_page(HTTPStatus.BAD_GATEWAY, "Not connected", told))


class _Flow(AsyncOAuthFlow):
    """Bolt's, which knows besides whose invitation it is that somebody has come with."""

    def __init__(self, shared: Shared, tenants: Tenants, tokens: Tokens) -> None:
        slack, engine = shared.slack, shared.engines.write
        super().__init__(
            client=make_client(_without_token(slack), shared.session),
            logger=logger,
            settings=AsyncOAuthSettings(
                client_id=slack.client_id,
                client_secret=slack.client_secret,
                scopes=SCOPES,
                user_scopes=[],
                redirect_uri=f"{slack.public_url}{REDIRECT}" if slack.public_url else None,
                install_path=INSTALL,
                redirect_uri_path=REDIRECT,
                install_page_rendering_enabled=False,
                authorization_url=_authorize_url(slack.api_url),
                installation_store=tokens.store,
                state_store=AsyncSQLAlchemyOAuthStateStore(_STATE_SECONDS, engine, logger),
                state_expiration_seconds=_STATE_SECONDS,
                callback_options=AsyncCallbackOptions(success=_succeeded, failure=_failed),
                logger=logger,
            ),
        )
        self._tenants = tenants

    async def issue_new_state(self, request: AsyncBoltRequest) -> str:
        """Raises InvitationOver."""
        state = await super().issue_new_state(request)
        invited = digest(_one(request, "tenant"))
        await self._tenants.transactions.write(lambda uow: uow.slack_workspaces.begin(invited, state))
        return state

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        """First the token, then whose it is: what is nobody's is never used. Raises NotConnected."""
        try:
            await self._store(_one(request, "state"), installation)
        except BongsuError as error:
            logger.warning("a workspace was not connected", extra={"action": "slack_not_connected", "why": str(error)})
            raise NotConnected(str(error)) from error
        await self._tenants.look()

    async def _store(self, state: str, installation: Installation) -> None:
        is_org = bool(installation.is_enterprise_install)
        told_id = installation.enterprise_id if is_org else installation.team_id
        told_name = installation.enterprise_name if is_org else installation.team_name
        if not told_id or not installation.bot_token:
            raise NotConnected("Slack has not told which workspace it is")
        slack_id, name = str(told_id), str(told_name or told_id)
        await self._refuse_our_own(slack_id, name)
        transactions = self._tenants.transactions
        await transactions.read(lambda uow: uow.slack_workspaces.check(state, slack_id, name))
        await self.settings.installation_store.async_save(installation)
        tenant_id = await transactions.write(lambda uow: uow.slack_workspaces.connect(state, slack_id, name))
        told = {"action": "slack_connected", "tenant_id": tenant_id, "workspace": slack_id}
        logger.info("a workspace is connected", extra=told)

    async def _refuse_our_own(self, slack_id: str, name: str) -> None:
        """The default tenant's is told by its token, and stands in no table."""
        identity = self._tenants.default.workspace.identity
        await identity.learn_once()
        if not identity.is_known:
            raise NotConnected("Slack does not tell yet which workspaces are connected: try again in a moment")
        if slack_id in identity.slack_ids:
            raise WorkspaceTaken(name)


def _without_token(slack: SlackSettings) -> SlackSettings:
    return SlackSettings("", api_url=slack.api_url)


def _authorize_url(api_url: str) -> str | None:
    """None: Slack's own. A sandbox has one beside its API."""
    if api_url == SLACK_API:
        return None
    return f"{api_url.rstrip('/').removesuffix('/api')}/oauth/v2/authorize"


async def _succeeded(args: AsyncSuccessArgs) -> BoltResponse:
    name = args.installation.team_name or args.installation.enterprise_name or "the workspace"
    told = f"Bongsu is connected with {name}. You can close this page; in Slack, /incident help says how to begin."
    return _page(HTTPStatus.OK, "Connected", told)


_REASONS = {
    "access_denied": "You have not allowed it, so nothing was connected.",
    "invalid_browser": "This is not the browser in which it was begun, or the page was loaded twice. "
    "Open the address that you were given once more.",
    "invalid_state": "It took too long, or was done already. Open the address that you were given once more.",
    "missing_code": "Slack brought no code. Open the address that you were given once more.",
    "invalid_code": "Slack did not take the code that it gave. Open the address that you were given once more.",
}


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    if isinstance(args.error, NotConnected):
        return _page(HTTPStatus.CONFLICT, "Not connected", f"{args.error}.")
    status = HTTPStatus(args.suggested_status_code)
    return _page(status, "Not connected", _REASONS.get(args.reason, f"Slack says: {args.reason}"))


def _page(status: HTTPStatus, title: str, told: str) -> BoltResponse:
    words = html.escape(told[:1].upper() + told[1:])
    body = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Bongsu: {title}</title></head>'
        f"<body><h1>{title}</h1><p>{words}</p></body></html>"
    )
    headers: dict[str, str | Sequence[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }
    return BoltResponse(status=status, body=body, headers=headers)


def _response(answer: BoltResponse) -> web.Response:
    response = web.Response(status=answer.status, body=(answer.body or "").encode())
    for name, values in answer.headers.items():
        for value in values:
            response.headers.add(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response


def _one(request: AsyncBoltRequest, name: str) -> str:
    """A parameter of the address; "" where it is not there."""
    return str((request.query.get(name) or [""])[0])
