"""The tenants that this process serves, as the REST API needs them."""

from dataclasses import dataclass

from bot.doorkeeper import Caller, Doorkeeper, Why
from incidents.access.model import ApiKey
from incidents.errors import Unavailable
from incidents.policy import Policies
from incidents.roles import Role
from receiver.api.errors import NotAllowed, PersonUnknown, SlackAway
from receiver.api.organisation import Organisation
from receiver.commit import Commits
from receiver.keyring import Keys


@dataclass(frozen=True, slots=True)
class SlackPeople:
    """Implements ``receiver.api.organisation.People``."""

    doorkeeper: Doorkeeper
    policies: Policies

    async def check(self, user_id: str, needed: Role) -> None:
        """Raises NotAllowed, PersonUnknown, SlackAway."""
        person = await self.doorkeeper.directory.person(user_id)
        if person is None:
            raise PersonUnknown(user_id)
        if person.is_bot:
            raise NotAllowed(f"{user_id} is a bot: a key acts on behalf of people only")
        why = await self.doorkeeper.refuses(Caller(user_id, person.team_id), needed, self.policies.current.roles)
        if why is Why.GROUPS_UNKNOWN:
            raise SlackAway
        if why is not None:
            raise NotAllowed(f"{user_id} {_WHY[why].format(role=needed.name.lower())}")


_WHY = {
    Why.STRANGER: "is not of this workspace",
    Why.GONE: "has left the workspace",
    Why.ROLE: "may not do that: it takes the role {role}",
}


class OneOrganisation:
    """Implements ``receiver.api.organisation.Organisations`` for a single tenant."""

    def __init__(self, organisation: Organisation, keys: Keys) -> None:
        self._organisation = organisation
        self._keys = keys

    def of(self, tenant_id: int) -> Organisation:
        """Raises Unavailable."""
        if tenant_id != self._organisation.tenant_id:
            raise Unavailable(f"this process does not serve tenant {tenant_id}")
        return self._organisation

    async def key(self, digest: str) -> ApiKey | None:
        return await self._keys.find(digest)


class OneStore:
    """Implements ``receiver.intake.Stores`` for a single tenant."""

    def __init__(self, tenant_id: int, store: Commits) -> None:
        self._tenant_id = tenant_id
        self._store = store

    def of(self, tenant_id: int) -> Commits:
        """Raises Unavailable."""
        if tenant_id != self._tenant_id:
            raise Unavailable(f"this process does not serve tenant {tenant_id}")
        return self._store
