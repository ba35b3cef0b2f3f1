"""Control calls by which an administrator changes somebody's account or a group. The bot is told by events."""

from typing import Any

from sandbox.control.body import Body
from sandbox.errors import Refused
from sandbox.interactions.events import send_event
from sandbox.people import Group, User
from sandbox.sandbox import Sandbox

Result = dict[str, Any]


async def people(sandbox: Sandbox, body: Body) -> Result:
    """Of a `user`: `deleted`, `tz`, `locale`, `team_id`. Of a `group`: `members`. What isn't given stays.

    `silent`: the event gets lost. Answers `{user}` or `{group}`, and `event`: what came of telling the bot.
    """
    if body.given.get("group") is None:
        user = body.user()
        _change_user(user, body)
        changed = {"user": user.as_slack(with_email=False, with_locale=True)}
        event = {"type": "user_change", **changed}
    else:
        group, before = _group(body), set(_group(body).members)
        group.members = _members(body)
        changed = {"group": group.as_slack(with_users=True)}
        event = _members_changed(group, before)
    return {**changed, "event": None if body.flag("silent") else await send_event(sandbox, event, None)}


def _change_user(user: User, body: Body) -> None:
    user.deleted = body.flag("deleted", default=user.deleted)
    user.tz = body.optional("tz") or user.tz
    user.locale = body.optional("locale") or user.locale
    user.team_id = body.optional("team_id") or user.team_id


def _group(body: Body) -> Group:
    name = body.text("group")
    for group in body.slack.groups.values():
        if name.removeprefix("@") in (group.id, group.handle):
            return group
    raise Refused(404, f"there is no group {name!r}")


def _members(body: Body) -> list[str]:
    told = body.given.get("members")
    if not isinstance(told, list):
        raise Refused(422, "'members' must be a list of users")
    found = {name: body.slack.user_named(str(name)) for name in told}
    missing = [name for name, user in found.items() if user is None]
    if missing:
        raise Refused(404, f"there is no user {missing[0]!r}")
    return [user.id for user in found.values() if user is not None]


def _members_changed(group: Group, before: set[str]) -> Result:
    """Source: https://docs.slack.dev/reference/events/subteam_members_changed"""
    now = set(group.members)
    return {
        "type": "subteam_members_changed",
        "subteam_id": group.id,
        "added_users": sorted(now - before),
        "removed_users": sorted(before - now),
    }
