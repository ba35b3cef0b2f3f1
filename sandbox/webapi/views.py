"""views.*

Source: https://docs.slack.dev/reference/methods?family=views
"""

from typing import Any

from sandbox.errors import SlackError
from sandbox.interactions.elements import view_state
from sandbox.view_content import checked_view, new_view, refusal_of_type, replace_view
from sandbox.views import View
from sandbox.webapi.arguments import Arguments
from sandbox.webapi.reach import user_by_id
from sandbox.workspace import Workspace


def open_view(args: Arguments, slack: Workspace) -> dict[str, Any]:
    view = _triggered(args, slack)
    slack.views.open(view)
    slack.triggers.use(args.text("trigger_id"))
    return _told(view)


def push(args: Arguments, slack: Workspace) -> dict[str, Any]:
    """Only what was done inside a modal can put another one on top of it."""
    view = _triggered(args, slack)
    if not slack.views.stack(view.user):
        raise SlackError("invalid_trigger_id")
    slack.views.push(view)
    slack.triggers.use(args.text("trigger_id"))
    return _told(view)


def update(args: Arguments, slack: Workspace) -> dict[str, Any]:
    given = checked_view(args.mapping("view"))
    view = _existing(args, slack)
    if view is None:
        raise SlackError("not_found")
    _require_hash(args, view)
    if given["type"] != view.given["type"]:
        raise refusal_of_type(view.given["type"])
    replace_view(view, given, slack)
    return _told(view)


def publish(args: Arguments, slack: Workspace) -> dict[str, Any]:
    user = user_by_id(args.required("user_id"), slack)
    given = checked_view(args.mapping("view"))
    if given["type"] != "home":
        raise refusal_of_type("home")
    home = slack.views.home(user.id)
    if home is None:
        home = new_view(given, user.id, slack)
        slack.views.set_home(home)
        return _told(home)
    _require_hash(args, home)
    replace_view(home, given, slack)
    return _told(home)


def _triggered(args: Arguments, slack: Workspace) -> View:
    if not args.has("trigger_id"):
        raise SlackError("invalid_trigger_id")
    given = checked_view(args.mapping("view"))
    if given["type"] != "modal":
        raise refusal_of_type("modal")
    return new_view(given, slack.triggers.check(args.text("trigger_id")), slack)


def _existing(args: Arguments, slack: Workspace) -> View | None:
    if args.has("view_id"):
        return slack.views.find(args.text("view_id"))
    return slack.views.find_external(args.required("external_id"))


def _require_hash(args: Arguments, view: View) -> None:
    if args.has("hash") and args.text("hash") != view.hash:
        raise SlackError("hash_conflict")


def _told(view: View) -> dict[str, Any]:
    return {"view": view.as_slack(view_state(view))}
