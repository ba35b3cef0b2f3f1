"""Turns what a bot sends as a view into a view, whether by views.* or by an acknowledgement."""

from typing import Any

from sandbox.blockkit import problems_in_view
from sandbox.content import refusal
from sandbox.errors import SlackError
from sandbox.views import View
from sandbox.workspace import Workspace


def checked_view(given: dict[str, Any]) -> dict[str, Any]:
    """Raises SlackError with pointers from `/view`, as Slack gives them."""
    if problems := problems_in_view(given):
        raise refusal("invalid_arguments", [problem.under("/view") for problem in problems])
    return given


def refusal_of_type(wanted: str) -> SlackError:
    message = f"[ERROR] must be of type {wanted} [json-pointer:/view/type]"
    return SlackError("invalid_arguments", response_metadata={"messages": [message]})


def new_view(given: dict[str, Any], user: str, slack: Workspace) -> View:
    external_id = given.get("external_id")
    if external_id and slack.views.find_external(external_id):
        raise SlackError("duplicate_external_id")
    view_id = slack.ids.new("V")
    stored = {**given, "blocks": slack.blocks_with_ids(given["blocks"])}
    return View(view_id, user, stored, slack.ids.timestamp(), root_id=view_id)


def replace_view(view: View, given: dict[str, Any], slack: Workspace) -> None:
    """What was filled in stays where block_id and action_id stay."""
    view.given = {**given, "blocks": slack.blocks_with_ids(given["blocks"])}
    view.hash = slack.ids.timestamp()
    view.errors = {}
