"""How grave is an incident once another was merged into it?"""

from incidents.model import Severity
from incidents.rules.merged_severity import merged_severity, merged_told
from tests.building import an_incident

GRAVE = an_incident(id=1, severity=Severity.CRITICAL)
LIGHT = an_incident(id=2, severity=Severity.INFO)


def test_as_grave_as_the_graver_whichever_is_merged_into_which() -> None:
    assert merged_severity(LIGHT, GRAVE) is merged_severity(GRAVE, LIGHT) is Severity.CRITICAL
    assert merged_told(LIGHT, GRAVE) is None


def test_the_word_of_a_person_stands_and_what_alerts_told_is_remembered() -> None:
    said = an_incident(id=2, severity=Severity.INFO, told_severity=Severity.WARNING)
    assert (merged_severity(said, GRAVE), merged_told(said, GRAVE)) == (Severity.INFO, Severity.CRITICAL)


def test_of_the_merged_one_counts_what_its_alerts_told() -> None:
    said = an_incident(id=2, severity=Severity.INFO, told_severity=Severity.WARNING)
    lowered = an_incident(id=1, severity=Severity.INFO, told_severity=Severity.CRITICAL)
    assert merged_told(said, lowered) is Severity.CRITICAL
