"""The Slack Web API client and who we are in the workspace."""

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from base import failpoints
from base.failpoints import Failpoint
from bot.settings import SlackSettings
from bot.traced_calls import traced_calls

SLACK_ERRORS = (SlackClientError, aiohttp.ClientError, TimeoutError)
"""All that a call to Slack raises."""

_CALL_SECONDS = 10.0

logger = logging.getLogger(__name__)


def make_session() -> aiohttp.ClientSession:
    """One for all calls to Slack; close it at the end. With a session of ours the SDK ignores its own timeout."""
    timeout = aiohttp.ClientTimeout(total=_CALL_SECONDS)
    return aiohttp.ClientSession(timeout=timeout, trust_env=True, trace_configs=[*_failpoints(), *traced_calls()])


def _failpoints() -> list[aiohttp.TraceConfig]:
    """What passes once the bytes of a message have left. None where it is not armed: a trace has its price."""
    if not failpoints.is_armed(*_SENT.values()):
        return []

    async def about_to_write(_session: object, _context: object, sent: aiohttp.TraceRequestChunkSentParams) -> None:
        # aiohttp says so right before it writes, in the same step of the loop: the next step is after that.
        if name := _SENT.get(sent.url.name):
            asyncio.get_running_loop().call_soon(failpoints.passed, name)

    trace = aiohttp.TraceConfig()
    trace.on_request_chunk_sent.append(about_to_write)
    return [trace]


_SENT = {"chat.postMessage": Failpoint.PUBLISHER_POST_SENT, "chat.update": Failpoint.PUBLISHER_UPDATE_SENT}


def make_client(settings: SlackSettings, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Never sends anything twice by itself: the SDK's default retries a POST whose reply was lost."""
    return AsyncWebClient(
        token=settings.bot_token,
        base_url=f"{settings.api_url.rstrip('/')}/",
        session=session,
        retry_handlers=[],
    )


@dataclass(frozen=True)
class TokenFile:
    """Where the bot token was read, None: it is a variable of the environment, which nobody can change any more."""

    client: AsyncWebClient = field(repr=False)
    path: Path | None

    def read_again(self) -> None:
        """What stands there now is the token from the next call on. An unreadable or empty file changes nothing."""
        if self.path is None:
            return
        try:
            told = self.path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = type(error).__name__
            logger.warning("the token's file can't be read", extra={"action": "slack_token_file", "error": why})
            return
        if told and told != self.client.token:
            self.client.token = told
            logger.info("the bot token was read again", extra={"action": "slack_token_read"})


@dataclass
class Identity:
    """Who we are, told by ``auth.test`` at start. While it isn't known, people are served all the same.

    ``url`` is the workspace's, with a slash at its end: links to messages begin with it. ``enterprise_id`` None: the
    workspace belongs to no organisation of several.
    """

    client: AsyncWebClient = field(repr=False)
    user_id: str | None = None
    bot_id: str | None = None
    team_id: str | None = None
    url: str | None = None
    enterprise_id: str | None = None

    @property
    def is_connected(self) -> bool:
        """Whether we have a token at all: else the organisation has no workspace, or we were removed from it."""
        return bool(self.client.token)

    @property
    def is_known(self) -> bool:
        """Whether Slack has told."""
        return self.team_id is not None

    @property
    def slack_ids(self) -> frozenset[str]:
        """Of the workspace, and of the organisation that it belongs to."""
        return frozenset(one for one in (self.team_id, self.enterprise_id) if one)

    def become(self, token: str | None) -> None:
        """From the next call on. Who that is, Slack is to be asked anew. None: there is no workspace any more."""
        self.client.token = token
        self.user_id = self.bot_id = self.team_id = self.url = self.enterprise_id = None

    async def learn(self) -> bool:
        """Ask Slack. False: it could not be asked or refused, which is logged; call again later."""
        try:
            told = await self.client.auth_test()
        except SLACK_ERRORS as error:
            logger.warning("slack does not tell who we are", extra={"action": "slack_identity", "error": str(error)})
            return False
        self.user_id, self.bot_id = told.get("user_id"), told.get("bot_id")
        self.team_id, self.url = told.get("team_id"), told.get("url")
        self.enterprise_id = told.get("enterprise_id")
        return True

    async def learn_once(self) -> None:
        """Ask Slack, unless it has told already."""
        if self.user_id is None and self.is_connected:
            await self.learn()

    def authorization(self, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        """For Bolt, which else would call ``auth.test`` inside the first person's request."""
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id or self.team_id,
            bot_user_id=self.user_id,
            bot_id=self.bot_id,
            bot_token=self.client.token,
        )

    def link_to(self, channel: str, ts: str, *, thread_ts: str | None = None) -> str | None:
        """The address of a message, None while the workspace isn't known. ``thread_ts``: of the thread it stands in."""
        if not self.url:
            return None
        place = f"{self.url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
        return place if thread_ts in {None, ts} else f"{place}?thread_ts={thread_ts}&cid={channel}"
