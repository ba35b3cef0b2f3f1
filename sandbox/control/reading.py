"""Control calls that only look."""

from typing import Any

from aiohttp import web

from sandbox.control.body import find_channel
from sandbox.control.page_state import told_view
from sandbox.errors import Refused
from sandbox.people import User
from sandbox.sandbox import Sandbox

Result = dict[str, Any]


def messages(sandbox: Sandbox, request: web.Request) -> Result:
    """Of one channel, thread replies and deleted ones too; without `channel`, of all."""
    slack = sandbox.workspace
    name = request.query.get("channel")
    channels = [find_channel(name, slack)] if name else list(slack.channels.values())
    return {"messages": [m.as_control() for channel in channels for m in slack.messages.in_channel(channel.id)]}


def ephemerals(sandbox: Sandbox, request: web.Request) -> Result:
    user = asked_user(sandbox, request)
    return {"ephemerals": [m.as_control() for m in sandbox.workspace.messages.ephemerals_for(user.id)]}


def views(sandbox: Sandbox, request: web.Request) -> Result:
    """The open modals, the top one last."""
    user = asked_user(sandbox, request)
    return {"views": [told_view(view) for view in sandbox.workspace.views.stack(user.id)]}


def home(sandbox: Sandbox, request: web.Request) -> Result:
    view = sandbox.workspace.views.home(asked_user(sandbox, request).id)
    return {"home": told_view(view) if view else None}


def calls(sandbox: Sandbox, request: web.Request) -> Result:
    """All, or those of `?method=`."""
    return {"calls": sandbox.calls.told(request.query.get("method"))}


def asked_user(sandbox: Sandbox, request: web.Request) -> User:
    name = request.query.get("user")
    if not name:
        raise Refused(422, "say who looks: ?user=U0ALICE")
    user = sandbox.workspace.user_named(name)
    if user is None:
        raise Refused(404, f"there is no user {name!r}")
    return user
