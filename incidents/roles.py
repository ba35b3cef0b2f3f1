"""Who may do what: three roles, given to people and to Slack's user groups in ``bongsu.yaml``."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Role(IntEnum):
    """Each may do what the one before it may."""

    VIEWER = 1
    RESPONDER = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Roles:
    """``people`` are Slack user ids; ``groups`` are user groups by ``@handle`` or id. Where several apply, the highest.

    ``default`` is everybody's who is neither named nor in a group that is.
    """

    default: Role = Role.RESPONDER
    people: Mapping[str, Role] = field(default_factory=dict)
    groups: Mapping[str, Role] = field(default_factory=dict)

    def of(self, person: str, *, member_of: Collection[str] | None) -> Role:
        """``member_of``: their groups, each by handle and by id. None: not known, so no group gives them anything.

        Nor can it be counted upon then that no group holds them to less than everybody may.
        """
        own = self.people.get(person)
        if member_of is None:
            return own or min((self.default, *self.groups.values()))
        held = [role for group, role in self.groups.items() if group in member_of]
        return max([*held, *([own] if own else [])], default=self.default)

    def depends_on_groups(self, person: str, needed: Role) -> bool:
        """Whether it takes this person's groups to know if they have the role."""
        own = self.people.get(person)
        if own is not None and own >= needed:
            return False
        return any(_decides(role, needed, own or self.default) for role in self.groups.values())

    def having(self, role: Role) -> tuple[list[str], list[str]]:
        """(groups, people) that were given at least this role, as they stand in the file."""
        return (
            [group for group, given in self.groups.items() if given >= role],
            [person for person, given in self.people.items() if given >= role],
        )


def _decides(given: Role, needed: Role, otherwise: Role) -> bool:
    return (given >= needed) != (otherwise >= needed)
