"""What the API needs of each tenant. ``bongsu/app.py`` hands it in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from incidents.access.model import ApiKey
from incidents.policy import Policies
from incidents.ports import Transactions
from incidents.roles import Role


class People(Protocol):
    """The people of a tenant's Slack workspace, and where they talk."""

    async def check(self, user_id: str, needed: Role) -> None:
        """That this person is there, and may do what the role may. Raises NotAllowed, PersonUnknown, SlackAway,
        NoWorkspace.
        """

    async def check_assignable(self, user_id: str) -> None:
        """That this is somebody who can have an incident. Raises NotAssignable, PersonUnknown, SlackAway,
        NoWorkspace.
        """

    async def check_channel(self, channel_id: str) -> None:
        """That messages can be sent there. Raises InvalidInput."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """One tenant. ``changed`` is called after each commit: Slack must be told."""

    tenant_id: int
    transactions: Transactions
    policies: Policies
    people: People
    changed: Callable[[], None]


class Organisations(Protocol):
    """All tenants that this process serves."""

    def of(self, tenant_id: int) -> Organisation:
        """Raises Unavailable where this process does not serve that tenant yet."""

    async def key(self, digest: str) -> ApiKey | None:
        """The key with this digest, whoever's it is; None: there is none. Raises Unavailable."""

    def forget_key(self, key_id: int) -> None:
        """It was changed: what this process remembers of it holds no more."""
