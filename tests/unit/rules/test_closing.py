"""A series has ended: is the incident over?"""

import pytest

from incidents.model import Resolution
from incidents.reasons import Reason
from incidents.rules.closing import closing
from tests.building import T0, an_incident

UNSEEN = [Resolution.NO_DATA, Resolution.SOURCE_ERROR, Resolution.SERIES_MISSING]


def test_while_others_fire_it_is_not() -> None:
    assert closing(an_incident(), firing=1, doubts={}) == (None, Reason.SERIES_RESOLVED)


def test_with_its_last_series_it_recovers_or_ends_as_the_worst_of_them() -> None:
    assert closing(an_incident(), firing=0, doubts={}) == (Resolution.RECOVERED, Reason.RECOVERED)
    paused = {Resolution.PAUSED: 1}
    assert closing(an_incident(), firing=0, doubts=paused) == (Resolution.PAUSED, Reason.ENDED_UNPROVEN)


def test_while_it_flaps_it_waits_for_quiet() -> None:
    assert closing(an_incident(flapping=True), firing=0, doubts={}) == (None, Reason.FLAPPING)


@pytest.mark.parametrize("reason", UNSEEN)
def test_blindness_holds_it_open_while_it_alone_ended_a_series(reason: Resolution) -> None:
    blind = an_incident(blind_since=T0)
    assert closing(blind, firing=0, doubts={reason: 1, Resolution.PAUSED: 1}) == (None, Reason.BLIND)
    assert closing(blind, firing=0, doubts={reason: 0}).resolution is Resolution.RECOVERED
    assert closing(an_incident(), firing=0, doubts={reason: 1}).resolution is reason


@pytest.mark.parametrize("reason", [Resolution.PAUSED, Resolution.RULE_DELETED, Resolution.RULE_CHANGED])
def test_what_somebody_did_to_the_rule_ends_it_also_while_it_is_blind(reason: Resolution) -> None:
    assert closing(an_incident(blind_since=T0), firing=0, doubts={reason: 1}).resolution is reason
