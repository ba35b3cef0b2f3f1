"""Builds the sandbox as an aiohttp application, on its own or below another one."""

from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from sandbox import page_files, uploads
from sandbox.control import routes
from sandbox.interactions import responses
from sandbox.sandbox import SANDBOX, Sandbox
from sandbox.settings import DEFAULT_SCOPES, Settings, Timing, require_loopback
from sandbox.webapi import authorize, endpoint

MOST_BODY_BYTES = 4 * 1024 * 1024


def create_app(
    *,
    app_url: str,
    signing_secret: str,
    bot_token: str | None = None,
    app_token: str | None = None,
    scopes: Sequence[str] = DEFAULT_SCOPES,
    pace_posts: bool = False,
    intro: str = "",
    public_url: str,
    timing: Timing | None = None,
) -> web.Application:
    """A Slack workspace for the bot at `app_url`, which is told of everything at `{app_url}/slack/events`.

    `public_url` is where this application is reached from outside (its mount point included): response_urls,
    permalinks and the Socket Mode address start with it. Tokens: None accepts every one that looks right.
    `intro` is shown on the page. Raises SandboxError unless `app_url` is on this machine.
    """
    settings = Settings(
        app_url=require_loopback(app_url),
        public_url=public_url.rstrip("/"),
        signing_secret=signing_secret,
        bot_token=bot_token,
        app_token=app_token,
        scopes=tuple(scopes),
        pace_posts=pace_posts,
        intro=intro,
        timing=timing or Timing(),
    )
    app = web.Application(client_max_size=MOST_BODY_BYTES)
    app[SANDBOX] = Sandbox(settings)
    app.cleanup_ctx.append(_running)
    app.on_shutdown.append(_hang_up)
    app.add_routes(_routes())
    return app


def _routes() -> list[web.RouteDef]:
    return [
        web.route("*", "/api/{method}", endpoint.call_method),
        web.get("/oauth/v2/authorize", authorize.authorize),
        web.post("/response/{key}", responses.receive),
        web.post("/upload/{key}", uploads.receive),
        web.get("/files/{file_id}", uploads.show),
        web.get("/socket", _socket),
        web.get("/_control/stream", routes.stream),
        web.get("/_control/{name}", routes.look),
        web.post("/_control/{name}", routes.do),
        web.get("", page_files.index),
        web.get("/", page_files.index),
        web.get("/{name}", page_files.file),
    ]


async def _socket(request: web.Request) -> web.StreamResponse:
    """The ticket comes from apps.connections.open and works once."""
    sandbox = request.app[SANDBOX]
    ticket = request.query.get("ticket", "")
    if ticket not in sandbox.workspace.socket_tickets:
        raise web.HTTPForbidden(text="this address was used before, or never given")
    sandbox.workspace.socket_tickets.discard(ticket)
    return await sandbox.sockets.serve(request)


async def _running(app: web.Application) -> AsyncIterator[None]:
    await app[SANDBOX].open()
    yield
    await app[SANDBOX].close()


async def _hang_up(app: web.Application) -> None:
    await app[SANDBOX].hang_up()
