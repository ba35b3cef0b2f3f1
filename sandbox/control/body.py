"""Reads a control call's body, and says clearly what is wrong with it."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.channels import Channel
from sandbox.errors import Refused
from sandbox.messages import Message
from sandbox.people import User
from sandbox.views import View
from sandbox.workspace import Workspace


class Body:
    """Raises Refused: 400 for no JSON, 422 for a field missing or wrong, 404 for what isn't there."""

    def __init__(self, given: Mapping[str, Any], slack: Workspace) -> None:
        self.given = given
        self.slack = slack

    def text(self, name: str) -> str:
        value = self.given.get(name)
        if not isinstance(value, str) or not value:
            raise Refused(422, f"{name!r} must be a string that is not empty")
        return value

    def optional(self, name: str) -> str | None:
        return None if self.given.get(name) is None else self.text(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.given.get(name, default)
        if not isinstance(value, bool):
            raise Refused(422, f"{name!r} must be true or false")
        return value

    def number(self, name: str, default: int) -> int:
        value = self.given.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise Refused(422, f"{name!r} must be a whole number, 0 or more")
        return value

    def user(self, name: str = "user") -> User:
        user = self.slack.user_named(self.text(name))
        if user is None:
            raise Refused(404, f"there is no user {self.given[name]!r}")
        return user

    def channel(self) -> Channel:
        return find_channel(self.text("channel"), self.slack)

    def view(self) -> View:
        """An open one, and this person's."""
        view = self.slack.views.find(self.text("view_id"))
        if view is None or view.user != self.user().id:
            raise Refused(404, f"{self.user().id} has no open view {self.given['view_id']!r}")
        return view

    def message(self) -> Message:
        channel = self.channel()
        message = self.slack.messages.find(channel.id, self.text("ts"))
        if message is None:
            raise Refused(404, f"there is no message {self.given['ts']!r} in #{channel.name}")
        if message.deleted:
            raise Refused(409, f"the message {message.ts} in #{channel.name} was deleted")
        return message


def find_channel(name: str, slack: Workspace) -> Channel:
    channel = slack.channel_named(name)
    if channel is None:
        raise Refused(404, f"there is no channel {name!r}")
    return channel


async def read_body(request: web.Request, slack: Workspace) -> Body:
    try:
        given = json.loads(await request.text() or "{}")
    except ValueError as error:
        raise Refused(400, f"the body is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise Refused(400, "the body must be a JSON object")
    return Body(given, slack)
