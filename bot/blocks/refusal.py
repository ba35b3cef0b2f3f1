"""What somebody is told who may not do something: who may, and whom to ask."""

from collections.abc import Callable, Sequence

from bot.blocks.text import data
from bot.doorkeeper import Why
from bot.language import t
from bot.permissions import Need
from incidents.roles import Role, Roles

_NAMED = 5
_LONGEST_NAME = 80

Naming = Callable[[str], str]
"""How a person, or a group, is written where the sentence will stand."""


def refusal(why: Why, need: Need, roles: Roles, *, person: Naming, group: Naming) -> str:
    """Whole sentences, as harmless as the names that they are given."""
    match why:
        case Why.STRANGER:
            return t(
                "You are of another workspace, and Bongsu only works for people of its own. "
                "Ask one of them to do it for you."
            )
        case Why.GONE:
            return t("This account is deactivated in Slack, so nothing was done.")
        case Why.GROUPS_UNKNOWN:
            unknown = t(
                "Slack does not tell right now who is in which group, so it is not known whether you may. "
                "Nothing was done: try again in a minute."
            )
            return f"{t(need.refusal)} {unknown}"
        case _:
            told = (t(need.refusal), _who_may(need.role, roles, person, group), _whom_to_ask(roles, person, group))
            return " ".join(part for part in told if part)


def _who_may(role: Role, roles: Roles, person: Naming, group: Naming) -> str:
    groups, people = roles.having(role)
    named = [t("the members of {group}", group=group(one)) for one in groups] + [person(one) for one in people]
    return t("That is: {who}.", who=_some(named)) if named else ""


def _whom_to_ask(roles: Roles, person: Naming, group: Naming) -> str:
    groups, people = roles.having(Role.ADMIN)
    named = [person(one) for one in people] + [group(one) for one in groups]
    if not named:
        return t("To become one, ask whoever runs Bongsu: roles stand in its bongsu.yaml.")
    return t("To become one, ask one of: {who}.", who=_some(named))


def _some(named: Sequence[str]) -> str:
    shown = ", ".join(named[:_NAMED])
    return shown if len(named) <= _NAMED else t("{some} and others", some=shown)


def by_name(name: str) -> str:
    """For where nothing can be mentioned, and for groups, whom a refusal need not wake."""
    return data(name, _LONGEST_NAME)
