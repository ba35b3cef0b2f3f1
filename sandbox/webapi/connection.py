"""api.test, auth.test, apps.connections.open: who am I, and may I come in.

Source: https://docs.slack.dev/reference/methods
"""

from typing import Any

from sandbox.errors import SlackError
from sandbox.people import BOT_ID, BOT_USER_ID
from sandbox.webapi.arguments import Arguments
from sandbox.workspace import Workspace


def api_test(args: Arguments, slack: Workspace) -> dict[str, Any]:  # noqa: ARG001 - a method like the others
    if args.has("error"):
        raise SlackError(args.text("error"), args=dict(args.given))
    return {"args": dict(args.given)}


def auth_test(args: Arguments, slack: Workspace) -> dict[str, Any]:  # noqa: ARG001
    return {
        "url": f"{slack.settings.public_url}/",
        "team": slack.team.name,
        "team_id": slack.team.id,
        "user": "bongsu",
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def open_connection(args: Arguments, slack: Workspace) -> dict[str, Any]:  # noqa: ARG001
    """The URL works once."""
    ticket = slack.ids.secret()
    slack.socket_tickets.add(ticket)
    base = "ws" + slack.settings.public_url.removeprefix("http")
    return {"url": f"{base}/socket?ticket={ticket}"}
