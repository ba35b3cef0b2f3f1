"""What the body of an acknowledgement makes happen.

Source: https://docs.slack.dev/interactivity/handling-user-interaction and
https://docs.slack.dev/surfaces/modals#response_actions
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.channels import Channel
from sandbox.content import read_content
from sandbox.errors import SlackError
from sandbox.interactions.outbound import Ack
from sandbox.people import User
from sandbox.view_content import checked_view, new_view, refusal_of_type, replace_view
from sandbox.views import View
from sandbox.workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"


def after_command(ack: Ack, command: str, user: User, channel: Channel, slack: Workspace) -> str | None:
    """Posts the answer to a slash command. Answers Slack's error if the body is refused."""
    if not ack.ok:
        error = "operation_timeout" if ack.failure == "http_timeout" else "dispatch_failed"
        _say(f'{command} failed with the error "{error}"', user, channel, slack)
        return None
    if ack.body in ("", None):
        return None
    given = ack.body if isinstance(ack.body, Mapping) else {"text": str(ack.body)}
    if not given:
        return None
    try:
        content = read_content(given)
    except SlackError as error:
        _say(f'{command} failed with the error "{error.error}"', user, channel, slack)
        return _words(error)
    in_channel = given.get("response_type") == "in_channel"
    slack.post(channel, content, visible_to=None if in_channel else user.id)
    return None


def _say(text: str, user: User, channel: Channel, slack: Workspace) -> None:
    slack.post(channel, read_content({"text": text}), user="USLACKBOT", visible_to=user.id)


def _words(error: SlackError) -> str:
    messages = error.beside.get("response_metadata", {}).get("messages", [])
    return "; ".join([error.error, *messages])


def after_submission(ack: Ack, view: View, slack: Workspace) -> str | None:
    """Closes, keeps or changes the modal. Answers Slack's error if the body is refused."""
    if not ack.ok:
        view.errors = {"": TROUBLE}
        return None
    body = ack.body if isinstance(ack.body, Mapping) else {}
    if not body.get("response_action"):
        slack.views.close(view)
        return None
    respond = _RESPONSES.get(str(body["response_action"]), _unknown)
    try:
        respond(body, view, slack)
    except SlackError as error:
        view.errors = {"": TROUBLE}
        return _words(error)
    return None


def _errors(body: Mapping[str, Any], view: View, slack: Workspace) -> None:  # noqa: ARG001
    errors = body.get("errors")
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, Mapping) or not errors:
        raise SlackError("response_action errors needs errors: {block_id: message}")
    if strangers := set(errors) - inputs:
        raise SlackError(f"errors name no input block of the view: {', '.join(sorted(strangers))}")
    view.errors = {block_id: str(message) for block_id, message in errors.items()}


def _update(body: Mapping[str, Any], view: View, slack: Workspace) -> None:
    replace_view(view, _modal(body), slack)


def _push(body: Mapping[str, Any], view: View, slack: Workspace) -> None:
    view.errors = {}
    slack.views.push(new_view(_modal(body), view.user, slack))


def _clear(body: Mapping[str, Any], view: View, slack: Workspace) -> None:  # noqa: ARG001
    slack.views.clear(view.user)


def _unknown(body: Mapping[str, Any], view: View, slack: Workspace) -> None:  # noqa: ARG001
    raise SlackError(f"unknown response_action: {body['response_action']}")


def _modal(body: Mapping[str, Any]) -> dict[str, Any]:
    given = body.get("view")
    if not isinstance(given, dict):
        raise SlackError("response_action needs a view")
    checked_view(given)
    if given["type"] != "modal":
        raise refusal_of_type("modal")
    return given


_RESPONSES: Mapping[str, Callable[[Mapping[str, Any], View, Workspace], None]] = {
    "errors": _errors,
    "update": _update,
    "push": _push,
    "clear": _clear,
}
