"""The tenants that this process serves, as the REST API needs them."""

from dataclasses import dataclass
from typing import Protocol

from bot.asking_slack import refuse_unassignable, refuse_unusable_channel
from bot.doorkeeper import Caller, Doorkeeper, Why
from bot.people import Person
from incidents.access.model import ApiKey
from incidents.policy import Policies
from incidents.roles import Role
from receiver.api.errors import NotAllowed, NoWorkspace, PersonUnknown, SlackAway
from receiver.api.organisation import Organisation
from receiver.keyring import Keyring


@dataclass(frozen=True, slots=True)
class SlackPeople:
    """Implements ``receiver.api.organisation.People``. ``slug`` is the tenant's."""

    doorkeeper: Doorkeeper
    policies: Policies
    slug: str

    async def check(self, user_id: str, needed: Role) -> None:
        """Raises NotAllowed, PersonUnknown, SlackAway, NoWorkspace."""
        person = await self._person(user_id)
        if person.is_bot:
            raise NotAllowed(f"{user_id} is a bot: a key acts on behalf of people only")
        why = await self.doorkeeper.refuses(Caller(user_id, person.team_id), needed, self.policies.current.roles)
        if why is Why.GROUPS_UNKNOWN:
            raise SlackAway
        if why is not None:
            raise NotAllowed(f"{user_id} {_WHY[why].format(role=needed.name.lower())}")

    async def check_assignable(self, user_id: str) -> None:
        """Raises NotAssignable, PersonUnknown, SlackAway, NoWorkspace."""
        await self._person(user_id)
        await refuse_unassignable(self.doorkeeper.directory, self.doorkeeper.identity, user_id)

    async def check_channel(self, channel_id: str) -> None:
        """Raises InvalidInput."""
        await refuse_unusable_channel(self.doorkeeper.identity.client, channel_id, field="channel")

    async def _person(self, user_id: str) -> Person:
        """As Slack told within ten minutes. Raises PersonUnknown, SlackAway, NoWorkspace."""
        if not self.doorkeeper.identity.is_connected:
            raise NoWorkspace(self.slug)
        directory = self.doorkeeper.directory
        person = await directory.person(user_id)
        if person is not None:
            return person
        raise PersonUnknown(user_id) if await directory.is_missing(user_id) else SlackAway


_WHY = {
    Why.STRANGER: "is not of this workspace",
    Why.GONE: "has left the workspace",
    Why.ROLE: "may not do that: it takes the role {role}",
}


class Parts(Protocol):
    """All tenants that this process serves, as far as the API needs them."""

    def organisation(self, tenant_id: int) -> Organisation:
        """Raises Unavailable where it is not served yet."""


class AllOrganisations:
    """Implements ``receiver.api.organisation.Organisations``."""

    def __init__(self, tenants: Parts, keyring: Keyring) -> None:
        self._tenants = tenants
        self._keyring = keyring

    def of(self, tenant_id: int) -> Organisation:
        return self._tenants.organisation(tenant_id)

    async def key(self, digest: str) -> ApiKey | None:
        return await self._keyring.find(digest)

    def forget_key(self, key_id: int) -> None:
        self._keyring.forget(key_id)
