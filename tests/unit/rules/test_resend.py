"""Does an alert say anything that is not known of its series?"""

import pytest

from incidents.model import AlertStatus, Resolution, Status
from incidents.reasons import Reason
from incidents.rules.resend import is_homeless, known_end, known_firing
from tests.building import a_series, an_incident, minutes

FIRES = a_series(starts_at=minutes(5))
ENDED = a_series(starts_at=minutes(5), status=AlertStatus.RESOLVED, ends_at=minutes(8))


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("series", [FIRES, ENDED], ids=["fires", "ended"])
def test_a_later_start_is_news(series: object, is_open: bool) -> None:
    assert known_firing(series, minutes(6), incident_is_open=is_open) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("series", [FIRES, ENDED], ids=["fires", "ended"])
def test_an_earlier_start_is_outdated(series: object, is_open: bool) -> None:
    reason = known_firing(series, minutes(4), incident_is_open=is_open)  # type: ignore[arg-type]
    assert reason is Reason.OUTDATED_FIRING


def test_the_same_start_is_the_same_firing_also_after_its_end() -> None:
    assert known_firing(FIRES, minutes(5), incident_is_open=True) is Reason.RESENT
    assert known_firing(ENDED, minutes(5), incident_is_open=True) is Reason.RESENT
    assert known_firing(ENDED, minutes(5), incident_is_open=False) is Reason.RESENT


def test_a_firing_that_people_closed_still_fires() -> None:
    assert known_firing(FIRES, minutes(5), incident_is_open=False) is Reason.STILL_FIRING


def test_a_sound_after_silence_and_blindness_without_its_incident_have_no_home() -> None:
    closed = {"status": Status.RESOLVED, "resolved_time": minutes(9)}
    by_hand = an_incident(**closed, resolution=Resolution.MANUAL)
    assert is_homeless(FIRES, an_incident(**closed, resolution=Resolution.STALE))
    assert is_homeless(a_series(is_blind=True), by_hand)
    assert not is_homeless(FIRES, by_hand)
    assert not is_homeless(a_series(is_blind=True), an_incident())


def test_the_end_of_the_known_firing_is_news() -> None:
    assert known_end(FIRES, minutes(5)) is None


def test_the_end_of_a_later_firing_ends_the_known_one_too() -> None:
    assert known_end(FIRES, minutes(6)) is None


def test_the_end_of_an_earlier_firing_is_stale() -> None:
    assert known_end(FIRES, minutes(4)) is Reason.STALE_RESOLVE
    assert known_end(ENDED, minutes(4)) is Reason.STALE_RESOLVE


def test_an_end_that_is_known_is_repeated() -> None:
    assert known_end(ENDED, minutes(5)) is Reason.RESENT


def test_an_end_after_the_known_end_belongs_to_a_firing_never_seen() -> None:
    assert known_end(ENDED, minutes(6)) is Reason.UNKNOWN_SERIES
