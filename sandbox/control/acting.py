"""Control calls by which a person does something. Each answers `{status, elapsed_ms, body}`."""

from collections.abc import Mapping
from typing import Any

from sandbox.control.body import Body
from sandbox.errors import Refused
from sandbox.interactions import acts, speech, suggestions
from sandbox.interactions.clicks import Press
from sandbox.interactions.elements import view_state
from sandbox.interactions.events import send_event, verify_url
from sandbox.sandbox import Sandbox

Result = dict[str, Any]


async def click(sandbox: Sandbox, body: Body) -> Result:
    raw = body.given.get("raw_value")
    press = Press(
        user=body.user(),
        action_id=body.text("action_id"),
        block_id=body.optional("block_id"),
        value=body.given.get("value"),
        raw_value=None if raw is None else str(raw),
    )
    if body.given.get("view_id") is not None:
        return await acts.click_view(sandbox, press, body.view())
    return await acts.click_message(sandbox, press, body.channel(), body.text("ts"))


async def command(sandbox: Sandbox, body: Body) -> Result:
    name = body.text("command")
    if not name.startswith("/"):
        raise Refused(422, "'command' must start with a slash, as in /incident")
    text = body.given.get("text", "")
    if not isinstance(text, str):
        raise Refused(422, "'text' must be a string")
    return await acts.command(sandbox, body.user(), body.channel(), name, text)


async def submit(sandbox: Sandbox, body: Body) -> Result:
    values = body.given.get("values") or {}
    if not isinstance(values, Mapping):
        raise Refused(422, "'values' must be an object")
    return await acts.submit(sandbox, body.view(), values)


async def suggest(sandbox: Sandbox, body: Body) -> Result:
    """Somebody types `value` into a select of a view whose options the bot provides."""
    query = body.given.get("value", "")
    if not isinstance(query, str):
        raise Refused(422, "'value' must be a string")
    view, block_id = body.view(), body.optional("block_id")
    return await suggestions.suggest(
        sandbox, body.user(), view, action_id=body.text("action_id"), block_id=block_id, query=query
    )


async def close(sandbox: Sandbox, body: Body) -> Result:
    """`clear: true` closes the whole stack, as the X in the corner does."""
    return await acts.close(sandbox, body.view(), all_of_them=body.flag("clear"))


async def shortcut(sandbox: Sandbox, body: Body) -> Result:
    """On a message when `channel` and `ts` are given, otherwise a global one."""
    user, callback_id = body.user(), body.text("callback_id")
    if body.given.get("ts") is None:
        return await acts.global_shortcut(sandbox, user, callback_id)
    return await acts.message_shortcut(sandbox, user, callback_id, body.channel(), body.message())


async def event(sandbox: Sandbox, body: Body) -> Result:
    """The body is the event; `event_id` beside it sends one that was sent before."""
    kind = body.text("type")
    if kind == "url_verification":
        return await verify_url(sandbox)
    told = {name: value for name, value in body.given.items() if name != "event_id"}
    if "channel" in told and isinstance(told["channel"], str):
        told["channel"] = body.channel().id
    if kind == "app_home_opened":
        told = _home_opened(body) | told | {"user": body.user().id}
    return await send_event(sandbox, told, body.optional("event_id"))


def _home_opened(body: Body) -> Result:
    """Source: https://docs.slack.dev/reference/events/app_home_opened"""
    user = body.user()
    view = body.slack.views.home(user.id)
    told: Result = {"user": user.id, "channel": body.slack.direct_messages(user.id).id, "tab": "home"}
    return told | ({"view": view.as_slack(view_state(view))} if view else {})


async def say(sandbox: Sandbox, body: Body) -> Result:
    """A person writes a message, with `files` files; in a thread also to the channel, with `broadcast`."""
    files = body.number("files", 0)
    return await speech.say(
        sandbox,
        body.user(),
        body.channel(),
        "" if files and not body.given.get("text") else body.text("text"),
        thread_ts=body.optional("thread_ts"),
        broadcast=body.flag("broadcast"),
        files=files,
    )


async def edit(sandbox: Sandbox, body: Body) -> Result:
    """A person changes the words of a message of theirs."""
    return await speech.edit(sandbox, body.user(), body.channel(), body.message(), body.text("text"))


async def delete(sandbox: Sandbox, body: Body) -> Result:
    """A person deletes a message, be it the bot's."""
    return await speech.delete(sandbox, body.channel(), body.message())


async def react(sandbox: Sandbox, body: Body) -> Result:
    """A person reacts with `name` to a message, or, with `remove`, takes that back."""
    on, name = not body.flag("remove"), body.text("name").strip(":")
    return await speech.react(sandbox, body.user(), body.channel(), body.message(), name, on=on)
