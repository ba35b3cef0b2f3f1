"""What a person declared: no alert hits it, no clock closes it."""

from datetime import timedelta

import pytest

from incidents.keys import declared_key, incident_key
from incidents.model import DECLARED, Place, Resolution, Status
from incidents.rules.next_check import next_check
from incidents.rules.reopen import reopens, reopens_until
from incidents.rules.stale import stale_at, staleness
from tests.building import T0, an_incident, minutes

EVER = timedelta(minutes=1)


@pytest.mark.parametrize("token", ["", "V1", "declared"])
def test_no_alert_has_its_key(token: str) -> None:
    assert declared_key(token) not in {incident_key(token, Place()), incident_key("declared", Place(token))}
    assert len(declared_key(token)) == 64


def test_it_is_never_stale_and_the_clock_has_nothing_to_do_with_it() -> None:
    incident = an_incident(source=DECLARED, rule_uid="")
    assert stale_at(incident, now=minutes(9), stale_after=EVER) is None
    assert staleness(incident, now=minutes(9), stale_after=EVER) is None
    assert next_check(incident, now=minutes(9), stale_after=EVER) is None
    assert next_check(an_incident(), now=minutes(9), stale_after=EVER) is not None


def test_what_is_to_be_confirmed_is_looked_at_all_the_same() -> None:
    incident = an_incident(source=DECLARED, confirm_by=minutes(12))
    assert next_check(incident, now=minutes(9), stale_after=EVER) == minutes(12)


def test_nothing_opens_it_again_by_itself() -> None:
    ended = {"status": Status.RESOLVED, "resolved_time": T0, "resolution": Resolution.MANUAL}
    incident = an_incident(source=DECLARED, **ended)
    assert reopens_until(incident, timedelta(minutes=10)) is None
    assert not reopens(incident, now=minutes(1), window=timedelta(minutes=10))
