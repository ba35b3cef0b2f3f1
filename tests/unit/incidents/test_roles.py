"""Who has which role, and what holds where Slack does not tell who is in which group."""

import pytest

from incidents.roles import Role, Roles

VIEWER, RESPONDER, ADMIN = Role
ALICE, BOB, CAROL = "U0ALICE", "U0BOB", "U0CAROL"
GIVEN = Roles(VIEWER, {BOB: RESPONDER, CAROL: VIEWER}, {"@oncall": RESPONDER, "S0LEADS": ADMIN})
HELD_BACK = Roles(RESPONDER, {BOB: ADMIN}, {"@contractors": VIEWER})


def test_everybody_is_a_responder_where_nothing_is_said() -> None:
    assert Roles().of(ALICE, member_of=()) is RESPONDER
    assert Roles().of(ALICE, member_of=None) is RESPONDER


@pytest.mark.parametrize(
    ("person", "member_of", "role"),
    [
        (ALICE, (), VIEWER),
        (ALICE, ("@oncall",), RESPONDER),
        (ALICE, ("@oncall", "S0LEADS"), ADMIN),
        (ALICE, ("@lunch",), VIEWER),
        (BOB, (), RESPONDER),
        (BOB, ("S0LEADS",), ADMIN),
        (CAROL, ("@oncall",), RESPONDER),
    ],
)
def test_the_highest_role_counts(person: str, member_of: tuple[str, ...], role: Role) -> None:
    assert GIVEN.of(person, member_of=member_of) is role


def test_the_default_is_for_those_who_are_not_named() -> None:
    roles = Roles(RESPONDER, {CAROL: VIEWER}, {})
    assert (roles.of(CAROL, member_of=()), roles.of(ALICE, member_of=())) == (VIEWER, RESPONDER)


@pytest.mark.parametrize(("person", "role"), [(ALICE, VIEWER), (BOB, RESPONDER), (CAROL, VIEWER)])
def test_without_known_groups_only_what_needs_none_is_granted(person: str, role: Role) -> None:
    assert GIVEN.of(person, member_of=None) is role


def test_who_may_be_in_a_group_that_holds_them_back_is_held_back_while_that_is_not_known() -> None:
    assert HELD_BACK.of(ALICE, member_of=()) is RESPONDER
    assert HELD_BACK.of(ALICE, member_of=("@contractors",)) is VIEWER
    assert HELD_BACK.of(ALICE, member_of=None) is VIEWER
    assert HELD_BACK.of(BOB, member_of=None) is ADMIN


@pytest.mark.parametrize(
    ("roles", "person", "needed", "depends"),
    [
        (Roles(), ALICE, RESPONDER, False),
        (GIVEN, ALICE, VIEWER, False),
        (GIVEN, ALICE, RESPONDER, True),
        (GIVEN, BOB, RESPONDER, False),
        (GIVEN, BOB, ADMIN, True),
        (GIVEN, CAROL, RESPONDER, True),
        (HELD_BACK, ALICE, RESPONDER, True),
        (HELD_BACK, ALICE, ADMIN, False),
        (Roles(VIEWER, {}, {"@leads": ADMIN}), ALICE, ADMIN, True),
    ],
)
def test_groups_are_asked_for_only_where_they_decide(roles: Roles, person: str, needed: Role, depends: bool) -> None:
    assert roles.depends_on_groups(person, needed) is depends
    if not depends:
        every = [roles.of(person, member_of=groups) >= needed for groups in ((), tuple(roles.groups), None)]
        assert len(set(every)) == 1


def test_who_has_a_role_is_told_by_name() -> None:
    assert GIVEN.having(RESPONDER) == (["@oncall", "S0LEADS"], [BOB])
    assert GIVEN.having(ADMIN) == (["S0LEADS"], [])
