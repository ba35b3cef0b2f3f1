"""Slack was away: need people still be reminded of this?"""

import pytest

from incidents.model import Event, EventKind, Incident, Resolution, Status
from incidents.rules.still_matters import still_matters
from tests.building import T0, an_acknowledged, an_incident, minutes

ACTIVE = an_incident()
WAITS = an_acknowledged(confirm_by=minutes(8))
ANSWERED = an_acknowledged()
SNOOZED = an_incident(snoozed_until=minutes(90))
CLOSED = an_incident(status=Status.RESOLVED, resolution=Resolution.MANUAL, resolved_time=minutes(3))


def event(kind: EventKind, *, episode: int = 1) -> Event:
    return Event(T0, "system", kind, episode=episode)


@pytest.mark.parametrize(
    ("kind", "incident", "matters"),
    [
        (EventKind.WORSENED, WAITS, True), (EventKind.WORSENED, ANSWERED, True), (EventKind.WORSENED, CLOSED, False),
        (EventKind.WORSENED, ACTIVE, False),
        (EventKind.UNACKNOWLEDGED, ACTIVE, True), (EventKind.UNACKNOWLEDGED, ANSWERED, False),
        (EventKind.OPENED, ACTIVE, True), (EventKind.OPENED, ANSWERED, False), (EventKind.OPENED, CLOSED, False),
        (EventKind.STILL_FIRING, CLOSED, True), (EventKind.STILL_FIRING, ACTIVE, False),
        (EventKind.ASKED, ACTIVE, True), (EventKind.ASKED, CLOSED, False),
        (EventKind.REOPENED, ACTIVE, True),
        (EventKind.WOKE, ACTIVE, True), (EventKind.WOKE, CLOSED, False), (EventKind.WOKE, SNOOZED, False),
    ],
)  # fmt: skip
def test_what_nobody_asks_any_more_is_not_said(kind: EventKind, incident: Incident, matters: bool) -> None:
    assert still_matters(event(kind), incident) is matters


def test_what_belongs_to_an_episode_that_is_over_is_not_said() -> None:
    assert not still_matters(event(EventKind.ASKED), an_incident(episode=2))


def test_a_question_that_was_answered_is_not_asked() -> None:
    asked = Event(T0, "system", EventKind.WORSENED, {"confirm_by": minutes(8).isoformat()})
    assert still_matters(asked, WAITS)
    assert not still_matters(asked, ANSWERED)
