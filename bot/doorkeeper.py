"""Whether somebody may do what they ask for: by their role, and only people of our own workspace who are there."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.client import Identity
from bot.groups import Groups
from bot.people import Directory
from incidents.roles import Role, Roles


class Why(StrEnum):
    """Why somebody was refused."""

    STRANGER = "stranger"
    GONE = "gone"
    ROLE = "role"
    GROUPS_UNKNOWN = "groups_unknown"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts. ``team_id``: the workspace that Slack says they are of, ``""`` where it does not say."""

    id: str
    team_id: str = ""


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Knows nothing by itself: it asks Slack, through what remembers its answers."""

    directory: Directory
    groups: Groups
    identity: Identity

    async def refuses(self, caller: Caller, needed: Role, roles: Roles) -> Why | None:
        """None: they may. Waits 1.5 s at most, and only where a group decides and was not read lately."""
        if self._is_stranger(caller):
            return Why.STRANGER
        person = self.directory.known(caller.id)
        if person is not None and person.is_gone:
            return Why.GONE
        if not roles.depends_on_groups(caller.id, needed):
            return None if roles.of(caller.id, member_of=()) >= needed else Why.ROLE
        member_of = await self.groups.of(caller.id)
        if roles.of(caller.id, member_of=member_of) >= needed:
            return None
        return Why.GROUPS_UNKNOWN if member_of is None else Why.ROLE

    async def may(self, user_id: str, needed: Role, roles: Roles) -> bool:
        """The same for where nobody is refused, but something is not even offered."""
        return await self.refuses(Caller(user_id), needed, roles) is None

    def _is_stranger(self, caller: Caller) -> bool:
        """Where it is not known who we are, Slack's signature has to do: it only brings what concerns our app."""
        person = self.directory.known(caller.id)
        team_id = caller.team_id or (person.team_id if person is not None else "")
        ours = {one for one in (self.identity.team_id, self.identity.enterprise_id) if one}
        if not self.identity.team_id or not team_id or team_id in ours:
            return False
        return person is None or not person.enterprise_id or person.enterprise_id not in ours


def caller(body: Mapping[str, Any]) -> Caller | None:
    """Who stands behind a payload of Slack's; None where nobody does."""
    event = body.get("event")
    if isinstance(event, Mapping):
        return _behind(event)
    user = body.get("user")
    if isinstance(user, Mapping):
        return _named(user.get("id"), user.get("team_id"))
    return _named(body.get("user_id"), body.get("team_id"))


def _behind(event: Mapping[str, Any]) -> Caller | None:
    """A message that was changed or deleted is told of inside; its author is who changes what it says."""
    for inside in (event.get("message"), event.get("previous_message"), event):
        if isinstance(inside, Mapping) and "user" in inside:
            return _named(inside["user"], inside.get("user_team") or inside.get("team"))
    return None


def _named(user_id: object, team_id: object) -> Caller | None:
    if not isinstance(user_id, str) or not user_id:
        return None
    return Caller(user_id, team_id if isinstance(team_id, str) else "")
