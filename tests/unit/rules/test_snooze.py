"""For how long may an incident be snoozed, and what wakes it?"""

from datetime import timedelta

import pytest

from incidents.model import Incident, Severity
from incidents.reasons import Reason
from incidents.rules.snooze import hands_on, is_graver, longest, wakes
from tests.building import T0, an_incident, minutes


def snoozed(until: float = 60, **given: object) -> Incident:
    return an_incident(**{"snoozed_until": minutes(until), "snoozed_severity": Severity.WARNING, **given})


@pytest.mark.parametrize("severity", Severity)
def test_critical_for_four_hours_others_for_thirty_days(severity: Severity) -> None:
    expected = timedelta(hours=4) if severity is Severity.CRITICAL else timedelta(days=30)
    assert longest(severity) == expected


def test_it_wakes_at_its_end_and_not_before() -> None:
    assert wakes(snoozed(60), now=minutes(59)) is None
    assert wakes(snoozed(60), now=minutes(60)) is Reason.SNOOZE_OVER
    assert wakes(an_incident(), now=T0) is None


@pytest.mark.parametrize(
    ("severity", "graver"), [(Severity.INFO, False), (Severity.WARNING, False), (Severity.ERROR, True)]
)
def test_only_what_is_graver_than_at_snoozing_wakes_it(severity: Severity, graver: bool) -> None:
    incident = snoozed(severity=severity)
    assert is_graver(incident) is graver
    assert wakes(incident, now=T0) is (Reason.GRAVER_THAN_SNOOZED if graver else None)


def test_what_is_not_snoozed_is_never_graver() -> None:
    assert not is_graver(an_incident(severity=Severity.CRITICAL, snoozed_severity=Severity.INFO))


def test_a_new_incident_takes_the_longest_snooze_that_lasts() -> None:
    one, two, three = snoozed(10, id=1), snoozed(90, id=2), snoozed(60, id=3)
    assert hands_on([one, two, three], now=minutes(5)) is two
    assert hands_on([one, an_incident(id=4)], now=minutes(5)) is one
    assert hands_on([one], now=minutes(10)) is None
    assert hands_on([], now=T0) is None
