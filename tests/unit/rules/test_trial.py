"""When is a test of the contact point over?"""

from incidents.model import AlertKind, Status
from incidents.rules.trial import SHOWN_FOR, over_at
from tests.building import an_incident, minutes


def test_it_is_shown_for_a_while_after_it_was_last_pressed() -> None:
    assert over_at(an_incident(kind=AlertKind.TEST, last_alert_time=minutes(1))) == minutes(1) + SHOWN_FOR


def test_what_is_no_test_or_is_over_already_never_is() -> None:
    assert over_at(an_incident()) is None
    assert over_at(an_incident(kind=AlertKind.TEST, status=Status.RESOLVED)) is None
