"""The word that a turn has passed, and the words to who runs Bongsu about schedules and people who left."""

from datetime import timedelta

import pytest

from base import codec
from bot.blocks.handover import HandedOver, handover
from bot.blocks.trouble_notice import trouble_notice
from incidents.browse import Listed
from incidents.model import Incident, Severity
from incidents.schedules.handover import Handover
from incidents.schedules.trouble import Trouble, TroubleKind, trouble_named
from tests.unit.bot.samples import AT_TEN, an_incident
from tests.unit.bot.snapshots import expect_message
from tests.unit.bot.test_listing import HOSTILE, link_to, many

DAY = timedelta(days=1)
PASSED = Handover("payments", AT_TEN, "U0BOB", "U0ALICE", AT_TEN + 7 * DAY, id=3)


def listed(*incidents: Incident) -> list[Listed]:
    return [Listed(one, ("C1", f"{one.id}.1")) for one in incidents]


WARNING = an_incident(id=2, number=2, severity=Severity.WARNING)
TOLD = {
    "quiet": HandedOver(Handover("payments", AT_TEN, "U0BOB", "U0ALICE", None, id=3), []),
    "open": HandedOver(PASSED, [*listed(an_incident()), Listed(WARNING, None)]),
    "many": HandedOver(PASSED, listed(*many(37))),
    "uncounted": HandedOver(PASSED, listed(*many(11)), is_more=True),
}


@pytest.mark.parametrize("name", TOLD)
def test_each_handover_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"handover-{name}", handover(TOLD[name], link_to=link_to))


PLACES = codec.dumps([["schedule", "payments", 12], ["escalation", "default", None], ["route", "#pay", 3]])
TROUBLES = {
    "calendar": Trouble(TroubleKind.CALENDAR, "payments", "", "its server answers HTTP 500"),
    "stale": Trouble(TroubleKind.STALE, "payments", "", "its server did not answer within 10 s"),
    "unmapped": Trouble(TroubleKind.UNMAPPED, "payments", "", f"'eve@example.com', '{HOSTILE[:500]}'"),
    "group": Trouble(TroubleKind.GROUP, "payments", "", "permission_denied"),
    "group-other": Trouble(TroubleKind.GROUP, "payments", "", "no_such_error"),
    "left": Trouble(TroubleKind.LEFT, "", "U0EVE", PLACES),
    "left-everywhere": Trouble(TroubleKind.LEFT, "", "U0EVE", codec.dumps([["route", HOSTILE[:200], 1]] * 99)),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_each_trouble_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"trouble-{name}", trouble_notice(TROUBLES[name], schedule=TROUBLES[name].schedule))


@pytest.mark.parametrize("schedule", ["payments", ""])
def test_what_is_mended_is_as_it_was_looked_at(schedule: str) -> None:
    expect_message(f"trouble-over-{schedule or 'nobody'}", trouble_notice(None, schedule=schedule))


def test_a_trouble_is_found_again_by_its_name() -> None:
    longest = Trouble(TroubleKind.GROUP, "p" * 64, "", "x", id=2**40)
    assert len(longest.subject) <= 64
    assert trouble_named(longest.subject) == (2**40, "p" * 40)
    assert trouble_named("config:20260102T10") is None
