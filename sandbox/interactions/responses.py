"""`/response/{id}`: what the bot sends to a response_url.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.content import read_content
from sandbox.errors import SlackError
from sandbox.messages import Message
from sandbox.people import BOT_USER_ID
from sandbox.response_urls import ResponseUrl
from sandbox.sandbox import SANDBOX
from sandbox.workspace import Workspace

_GONE = ("expired_url", "used_url")


async def receive(request: web.Request) -> web.Response:
    sandbox = request.app[SANDBOX]
    try:
        given = _decoded(await request.text())
        url = sandbox.workspace.response_urls.use(request.match_info["key"])
        respond(given, url, sandbox.workspace)
    except SlackError as error:
        return web.json_response(error.answer(), status=404 if error.error in _GONE else 400)
    sandbox.changes.notify()
    return web.Response(text="ok")


def _decoded(body: str) -> Mapping[str, Any]:
    try:
        given = json.loads(body)
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(given, Mapping):
        raise SlackError("invalid_payload")
    return given


def respond(given: Mapping[str, Any], url: ResponseUrl, slack: Workspace) -> None:
    source = url.source
    if given.get("delete_original") and source is not None:
        source.deleted = True
    elif given.get("replace_original") and source is not None:
        _replace(source, given, slack)
    else:
        url.source = _post(given, url, slack)


def _replace(source: Message, given: Mapping[str, Any], slack: Workspace) -> None:
    if source.deleted:
        raise SlackError("message_not_found")
    source.render(slack.with_ids(read_content(given)))
    source.edited = {"user": BOT_USER_ID, "ts": slack.ids.timestamp()}


def _post(given: Mapping[str, Any], url: ResponseUrl, slack: Workspace) -> Message | None:
    """What a click's response_url replaces stays the clicked message; a command's, its last answer."""
    channel = slack.channels.get(url.channel)
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    visible_to = None if given.get("response_type") == "in_channel" else url.user
    thread_ts = given.get("thread_ts") or None
    posted = slack.post(channel, read_content(given), thread_ts=thread_ts, visible_to=visible_to)
    return url.source or posted
