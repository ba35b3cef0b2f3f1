"""The tenants that this process serves, as the REST API needs them."""

from dataclasses import dataclass
from typing import Protocol

from bot.doorkeeper import Caller, Doorkeeper, Why
from incidents.access.model import ApiKey
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from incidents.roles import Role
from receiver.api.errors import NotAllowed, PersonUnknown, SlackAway
from receiver.api.organisation import Organisation


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


class Parts(Protocol):
    """All tenants that this process serves, as far as the API needs them."""

    @property
    def transactions(self) -> Transactions:
        """To ask what is asked of all."""

    def organisation(self, tenant_id: int) -> Organisation:
        """Raises Unavailable where it is not served yet."""


class AllOrganisations:
    """Implements ``receiver.api.organisation.Organisations``."""

    def __init__(self, tenants: Parts) -> None:
        self._tenants = tenants

    def of(self, tenant_id: int) -> Organisation:
        return self._tenants.organisation(tenant_id)

    async def key(self, digest: str) -> ApiKey | None:
        async def work(uow: UnitOfWork) -> ApiKey | None:
            return await uow.api_keys.by_digest(digest)

        return await self._tenants.transactions.read(work)
