"""What somebody reads who may not: it fits, Slack takes it, and no name in it does anything."""

import pytest

from bot.blocks.home import told_modal
from bot.blocks.refusal import by_name, refusal
from bot.blocks.text import person
from bot.doorkeeper import Why
from bot.permissions import NEEDS, Need
from incidents.roles import Role, Roles
from sandbox.blockkit import problems_in_view

RESOLVE = Need(Role.RESPONDER, "Only responders may resolve incidents.")
MANY = Roles(
    Role.VIEWER,
    {f"U0PERSON{number}": Role.ADMIN for number in range(40)},
    {f"@group-{number}": Role.RESPONDER for number in range(40)},
)


def told(why: Why, roles: Roles, need: Need = RESOLVE) -> str:
    return refusal(why, need, roles, person=person, group=by_name)


def test_who_may_and_whom_to_ask_are_named() -> None:
    roles = Roles(Role.VIEWER, {"U0ALICE": Role.ADMIN}, {"@oncall": Role.RESPONDER})
    assert told(Why.ROLE, roles) == (
        "Only responders may resolve incidents. That is: the members of @oncall, <@U0ALICE>. "
        "To become one, ask one of: <@U0ALICE>."
    )


def test_where_nobody_is_an_admin_the_file_is_where_to_look() -> None:
    assert told(Why.ROLE, Roles(Role.VIEWER)) == (
        "Only responders may resolve incidents. To become one, ask whoever runs Bongsu: roles stand in its bongsu.yaml."
    )


def test_of_many_some_are_named() -> None:
    assert "the members of @group-4 and others." in told(Why.ROLE, MANY)
    assert "<@U0PERSON4> and others." in told(Why.ROLE, MANY)


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("sentence", sorted({need.refusal for need in NEEDS.values() if need.refusal}))
def test_slack_takes_every_refusal(why: Why, sentence: str) -> None:
    assert problems_in_view(told_modal(told(why, MANY, Need(Role.RESPONDER, sentence)))) == []


@pytest.mark.parametrize(
    "name", ["<!here>", "@channel *x* <https://example.com|a>", "가" * 200, "\u202eabc", "🔥" * 90]
)
def test_a_hostile_name_does_nothing(name: str) -> None:
    shown = refusal(Why.ROLE, RESOLVE, Roles(people={name: Role.ADMIN}, groups={name: Role.ADMIN}),
                    person=by_name, group=by_name)  # fmt: skip
    assert "<" not in shown
    assert "*" not in shown
    assert problems_in_view(told_modal(shown)) == []
