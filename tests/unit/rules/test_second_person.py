"""May this one be the second person?"""

import pytest

from incidents.actor import SYSTEM, Actor
from incidents.approvals.errors import NotSecondBecause
from incidents.approvals.model import Approval, Wanted
from incidents.rules.second_person import why_not_second
from tests.building import ALICE, BOB, T0, minutes

CI, DEPLOY = Actor.key("ci"), Actor.key("deploy")
ALICE_BY_CI, BOB_BY_CI = Actor("slack", "U0ALICE", via="ci"), Actor("slack", "U0BOB", via="ci")
BOB_BY_DEPLOY = Actor("slack", "U0BOB", via="deploy")
PERSON, KEY = NotSecondBecause.SAME_PERSON, NotSecondBecause.SAME_KEY


def asked_by(actor: Actor) -> Approval:
    return Approval(1, 1, 1, 1, Wanted.RESOLVE, "", str(actor), actor.via, T0, minutes(15), 7)


@pytest.mark.parametrize(
    ("asker", "by", "why"),
    [
        (ALICE, BOB, None),
        (ALICE, ALICE, PERSON),
        (ALICE, ALICE_BY_CI, PERSON),
        (ALICE_BY_CI, ALICE, PERSON),
        (ALICE, BOB_BY_CI, None),
        (ALICE, CI, None),
        (ALICE_BY_CI, BOB, None),
        (ALICE_BY_CI, BOB_BY_CI, KEY),
        (ALICE_BY_CI, BOB_BY_DEPLOY, None),
        (ALICE_BY_CI, CI, KEY),
        (ALICE_BY_CI, DEPLOY, None),
        (CI, CI, PERSON),
        (CI, BOB_BY_CI, KEY),
        (CI, BOB, None),
        (CI, DEPLOY, None),
        (ALICE, SYSTEM, PERSON),
    ],
)
def test_another_person_who_comes_by_another_key(asker: Actor, by: Actor, why: NotSecondBecause | None) -> None:
    assert why_not_second(asked_by(asker), by) is why


@pytest.mark.parametrize("asker", [ALICE, ALICE_BY_CI, CI])
def test_who_asked_is_known_again(asker: Actor) -> None:
    told = asked_by(asker).asker
    assert (told.kind, told.id, told.via) == (asker.kind, asker.id, asker.via)
