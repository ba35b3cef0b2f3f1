import pytest

from incidents.model import Incident, Resolution, Severity
from incidents.rules.rollup_click import Standing, standing
from incidents.storms import Member
from tests.unit.bot.samples import acknowledged, an_incident, resolved

MEMBER = Member(incident_id=12, incident_key="key", since_rev=5, episode=1, severity=Severity.WARNING)


@pytest.mark.parametrize(
    ("incident", "seen_rev", "expected"),
    [
        (an_incident(severity=Severity.WARNING), 5, Standing.TAKEN),
        (an_incident(severity=Severity.WARNING), 9, Standing.TAKEN),
        (an_incident(severity=Severity.INFO), 5, Standing.TAKEN),
        (an_incident(severity=Severity.WARNING), 4, Standing.UNSEEN),
        (an_incident(severity=Severity.ERROR), 5, Standing.UNSEEN),
        (an_incident(severity=Severity.WARNING, episode=2), 5, Standing.UNSEEN),
        (acknowledged(severity=Severity.WARNING), 5, Standing.HELD),
        (resolved(Resolution.RECOVERED), 5, Standing.OVER),
    ],
)
def test_what_was_seen_and_waits_is_taken(incident: Incident, seen_rev: int, expected: Standing) -> None:
    assert standing(MEMBER, incident, seen_rev=seen_rev) is expected
