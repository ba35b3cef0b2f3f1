"""Does an incident come and go too often, and when is it quiet?"""

from incidents.model import AlertKind, Resolution, Status
from incidents.rules.flapping import flaps, quiet_at
from tests.building import T0, an_incident, minutes


def test_the_third_episode_within_the_hour_flaps() -> None:
    assert not flaps(an_incident(), episodes=2)
    assert flaps(an_incident(), episodes=3)


def test_what_flaps_already_does_not_begin_to() -> None:
    assert not flaps(an_incident(flapping=True), episodes=4)


def test_a_test_never_flaps() -> None:
    assert not flaps(an_incident(kind=AlertKind.TEST), episodes=9)


def test_it_is_quiet_a_quarter_of_an_hour_after_it_was_last_heard_of() -> None:
    assert quiet_at(an_incident(flapping=True, last_alert_time=minutes(3))) == minutes(18)


def test_while_it_fires_can_not_see_or_does_not_flap_no_quiet_comes() -> None:
    assert quiet_at(an_incident(flapping=True, firing=1)) is None
    assert quiet_at(an_incident(flapping=True, blind_since=T0, doubts={Resolution.NO_DATA: 1})) is None
    assert quiet_at(an_incident()) is None
    assert quiet_at(an_incident(flapping=True, status=Status.RESOLVED)) is None
