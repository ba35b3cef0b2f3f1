"""Installing the app: the code becomes a token.

A second workspace is a second token: it has the same people and channels, and says another name when asked who it is.
Source: https://docs.slack.dev/authentication/installing-with-oauth
"""

from typing import Any

from sandbox.errors import SlackError
from sandbox.people import APP_ID, BOT_USER_ID
from sandbox.webapi.arguments import Arguments
from sandbox.workspace import Workspace


def access(args: Arguments, slack: Workspace) -> dict[str, Any]:
    """A code works once."""
    team = slack.oauth_codes.pop(args.text("code"), None)
    if team is None:
        raise SlackError("invalid_code")
    token = f"xoxb-{team.id}-{slack.ids.secret()}"
    slack.teams[token] = team
    return {
        "access_token": token,
        "token_type": "bot",
        "scope": ",".join(slack.settings.scopes),
        "bot_user_id": BOT_USER_ID,
        "app_id": APP_ID,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "U0ALICE"},
    }
