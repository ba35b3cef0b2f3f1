"""The page on which a person lets the app into a workspace. In the sandbox everybody agrees at once.

Source: https://docs.slack.dev/authentication/installing-with-oauth
"""

from urllib.parse import urlencode

from aiohttp import web

from sandbox.people import FIRST_TEAM, Team
from sandbox.sandbox import SANDBOX


async def authorize(request: web.Request) -> web.Response:
    """Back to the app at once, with a code. `team`: into which workspace, such as T0SECOND (default: the first)."""
    slack = request.app[SANDBOX].workspace
    given = request.query
    missing = [name for name in ("client_id", "scope") if not given.get(name)]
    if missing:
        raise web.HTTPBadRequest(text=f"missing: {', '.join(missing)}")
    code = slack.ids.secret()
    team_id = given.get("team") or FIRST_TEAM.id
    slack.oauth_codes[code] = FIRST_TEAM if team_id == FIRST_TEAM.id else Team(team_id, f"Workspace {team_id}")
    back = given.get("redirect_uri") or f"{slack.settings.app_url}/slack/oauth_redirect"
    told = urlencode({"code": code, "state": given.get("state", "")})
    raise web.HTTPFound(f"{back}?{told}")
