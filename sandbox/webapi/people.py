"""users.* and usergroups.*

Source: https://docs.slack.dev/reference/methods?family=users
"""

from typing import Any

from sandbox.errors import SlackError
from sandbox.people import TEAM_ID
from sandbox.webapi.arguments import Arguments
from sandbox.webapi.paging import next_cursor, page
from sandbox.webapi.reach import user_by_id
from sandbox.workspace import Workspace


def _with_email(slack: Workspace) -> bool:
    return "users:read.email" in slack.settings.scopes


def user_info(args: Arguments, slack: Workspace) -> dict[str, Any]:
    user = user_by_id(args.required("user"), slack)
    return {"user": user.as_slack(with_email=_with_email(slack), with_locale=args.flag("include_locale"))}


def list_users(args: Arguments, slack: Workspace) -> dict[str, Any]:
    shown, cursor = page(list(slack.users.values()), args)
    members = [user.as_slack(with_email=_with_email(slack)) for user in shown]
    return {"members": members, **next_cursor(cursor)}


def lookup_by_email(args: Arguments, slack: Workspace) -> dict[str, Any]:
    email = args.required("email").lower()
    for user in slack.users.values():
        if user.email == email and not user.is_bot:
            return {"user": user.as_slack(with_email=True)}
    raise SlackError("users_not_found")


def list_groups(args: Arguments, slack: Workspace) -> dict[str, Any]:
    with_users = args.flag("include_users")
    return {"usergroups": [group.as_slack(with_users=with_users) for group in slack.groups.values()]}


def group_users(args: Arguments, slack: Workspace) -> dict[str, Any]:
    group = slack.groups.get(args.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def update_group_users(args: Arguments, slack: Workspace) -> dict[str, Any]:
    """Exchanges all members. Slack has no empty groups, and takes neither bots nor people of other workspaces.

    Source: https://docs.slack.dev/reference/methods/usergroups.users.update
    """
    group = slack.groups.get(args.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    members = args.words("users")
    if not members:
        raise SlackError("no_users_provided")
    users = [slack.users.get(one) for one in members]
    if any(user is None or user.deleted for user in users):
        raise SlackError("invalid_users")
    if any(user is not None and user.is_bot for user in users):
        raise SlackError("invalid_user")
    if any(user is not None and user.team_id != TEAM_ID for user in users):
        raise SlackError("failed_for_some_users")
    group.members = list(dict.fromkeys(members))
    return {"usergroup": group.as_slack(with_users=True)}
