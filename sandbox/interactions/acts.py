"""What a person does, from the act to what the bot's answer made of it."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.channels import Channel
from sandbox.errors import Refused
from sandbox.interactions import payloads
from sandbox.interactions.acknowledgements import after_command, after_submission
from sandbox.interactions.clicks import Press, press_in_message, press_in_view
from sandbox.interactions.elements import view_state
from sandbox.interactions.forms import fill_in, require_answers
from sandbox.messages import Message
from sandbox.people import User
from sandbox.sandbox import Sandbox
from sandbox.views import View
from sandbox.workspace import Workspace

Result = dict[str, Any]


async def click_message(sandbox: Sandbox, press: Press, channel: Channel, ts: str) -> Result:
    payload = press_in_message(press, channel, ts, sandbox.workspace)
    return (await sandbox.outbound.send("interactive", payload)).as_control()


async def click_view(sandbox: Sandbox, press: Press, view: View) -> Result:
    payload = press_in_view(press, view, sandbox.workspace)
    return (await sandbox.outbound.send("interactive", payload)).as_control()


async def command(sandbox: Sandbox, user: User, channel: Channel, name: str, text: str) -> Result:
    slack = sandbox.workspace
    form = payloads.slash_command(
        user,
        channel,
        command=name,
        text=escaped(text, slack),
        trigger_id=slack.triggers.issue(user.id),
        response_url=slack.response_urls.issue(channel.id, user.id),
    )
    ack = await sandbox.outbound.send("slash_commands", form)
    return _with_refusal(ack.as_control(), after_command(ack, name, user, channel, slack))


async def submit(sandbox: Sandbox, view: View, values: Mapping[str, Any]) -> Result:
    slack = sandbox.workspace
    if view.given["type"] != "modal" or slack.views.stack(view.user)[-1:] != [view]:
        raise Refused(409, f"{view.id} is not the modal on top of {view.user}'s stack")
    if "submit" not in view.given:
        raise Refused(409, f"{view.id} has no submit button")
    fill_in(view, values, slack)
    require_answers(view)
    payload = {
        **payloads.who_and_where("view_submission", slack.users[view.user]),
        "trigger_id": slack.triggers.issue(view.user),
        "view": view.as_slack(view_state(view)),
        "response_urls": _response_urls(view, slack),
    }
    ack = await sandbox.outbound.send("interactive", payload)
    return _with_refusal(ack.as_control(), after_submission(ack, view, slack))


async def close(sandbox: Sandbox, view: View, *, all_of_them: bool) -> Result:
    """The bot hears of it only if it asked to (`notify_on_close`); `sent` says whether it did."""
    slack = sandbox.workspace
    if view not in slack.views.stack(view.user):
        raise Refused(409, f"{view.id} is not open")
    all_of_them = all_of_them or bool(view.given.get("clear_on_close"))
    if all_of_them:
        slack.views.clear(view.user)
    else:
        slack.views.close(view)
    if not view.given.get("notify_on_close"):
        return {"status": 200, "elapsed_ms": 0, "body": "", "sent": False}
    payload = {
        **payloads.who_and_where("view_closed", slack.users[view.user]),
        "view": view.as_slack(view_state(view)),
        "is_cleared": all_of_them,
    }
    return (await sandbox.outbound.send("interactive", payload)).as_control() | {"sent": True}


async def global_shortcut(sandbox: Sandbox, user: User, callback_id: str) -> Result:
    slack = sandbox.workspace
    payload = {
        **payloads.who_and_where("shortcut", user),
        "callback_id": callback_id,
        "trigger_id": slack.triggers.issue(user.id),
        "action_ts": slack.ids.timestamp(),
    }
    return (await sandbox.outbound.send("interactive", payload)).as_control()


async def message_shortcut(
    sandbox: Sandbox, user: User, callback_id: str, channel: Channel, message: Message
) -> Result:
    slack = sandbox.workspace
    payload = {
        **payloads.who_and_where("message_action", user),
        "callback_id": callback_id,
        "trigger_id": slack.triggers.issue(user.id),
        "action_ts": slack.ids.timestamp(),
        "channel": payloads.named(channel),
        "message_ts": message.ts,
        "message": message.as_slack(with_metadata=True),
        "response_url": slack.response_urls.issue(channel.id, user.id, message),
    }
    return (await sandbox.outbound.send("interactive", payload)).as_control()


def escaped(text: str, slack: Workspace) -> str:
    """As Slack does with `should_escape`: @alice, @oncall and #incidents become `<@U…|alice>` and so on.

    Source: https://docs.slack.dev/interactivity/implementing-slash-commands#creating_commands
    """

    def mention(found: re.Match[str]) -> str:
        name = found[1]
        user, channel = slack.user_named(name), slack.channel_named(name)
        group = next((g for g in slack.groups.values() if f"@{g.handle}" == name), None)
        if name.startswith("@") and user is not None:
            return f"<@{user.id}|{user.name}>"
        if group is not None:
            return f"<!subteam^{group.id}|@{group.handle}>"
        if name.startswith("#") and channel is not None:
            return f"<#{channel.id}|{channel.name}>"
        return name

    return re.sub(r"(?<![\w<|@#])([@#][\w-]+)", mention, text)


def _response_urls(view: View, slack: Workspace) -> list[dict[str, str]]:
    """For inputs that ask where to answer (`response_url_enabled`)."""
    state = view_state(view)
    asked = []
    for block in view.blocks:
        element = block.get("element", {})
        if element.get("response_url_enabled"):
            held = state[block["block_id"]][element["action_id"]]
            channel = held.get("selected_conversation") or held.get("selected_channel")
            if channel:
                url = slack.response_urls.issue(channel, view.user)
                ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
                asked.append({**ids, "channel_id": channel, "response_url": url})
    return asked


def _with_refusal(result: Result, refusal: str | None) -> Result:
    """`ack_error`: why Slack refused what the acknowledgement carried."""
    return {**result, "ack_error": refusal} if refusal else result
