"""Has an incident become worse than what its owner took?"""

import pytest

from incidents.model import Incident, Severity
from incidents.reasons import Reason
from incidents.rules.worsening import confirm_by, is_unconfirmed, worsening
from tests.building import an_acknowledged, an_incident, minutes


def taken(severity: Severity = Severity.WARNING, firing: int = 2, **given: object) -> Incident:
    return an_acknowledged(acknowledged_severity=severity, acknowledged_firing=firing, **given)


def test_a_severity_above_the_acknowledged_one_is_worse() -> None:
    assert worsening(taken(severity=Severity.INFO), firing=2) == (Reason.SEVERITY, "info", "warning")
    assert worsening(taken(severity=Severity.CRITICAL), firing=2) is None


@pytest.mark.parametrize(("took", "firing", "worse"), [(2, 5, False), (2, 6, True), (0, 2, False), (0, 3, True)])
def test_three_times_the_series_are_worse(took: int, firing: int, worse: bool) -> None:
    assert (worsening(taken(firing=took), firing=firing) == (Reason.SERIES, took, firing)) is worse


def test_where_both_are_the_severity_says_more() -> None:
    told = worsening(taken(severity=Severity.INFO), firing=99)
    assert told is not None
    assert told.reason is Reason.SEVERITY


def test_what_nobody_has_or_nobody_knows_does_not_worsen() -> None:
    assert worsening(an_incident(acknowledged_severity=Severity.INFO, acknowledged_firing=1), firing=99) is None
    assert worsening(an_acknowledged(), firing=99) is None


def test_what_is_snoozed_is_not_told_to_worsen() -> None:
    assert worsening(taken(severity=Severity.INFO, snoozed_until=minutes(90)), firing=99) is None


def test_critical_must_be_confirmed_in_five_minutes_and_a_standing_question_keeps_its_time() -> None:
    assert confirm_by(an_acknowledged(), now=minutes(10)) is None
    assert confirm_by(an_acknowledged(severity=Severity.CRITICAL), now=minutes(10)) == minutes(15)
    asked = an_acknowledged(severity=Severity.CRITICAL, confirm_by=minutes(12))
    assert confirm_by(asked, now=minutes(10)) == minutes(12)


def test_it_is_unconfirmed_when_the_time_is_over() -> None:
    asked = an_acknowledged(confirm_by=minutes(12))
    assert not is_unconfirmed(asked, now=minutes(11.9))
    assert is_unconfirmed(asked, now=minutes(12))
    assert not is_unconfirmed(an_acknowledged(), now=minutes(12))
