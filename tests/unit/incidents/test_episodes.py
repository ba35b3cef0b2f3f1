"""Times of an episode that are set once are never set again."""

from dataclasses import replace

from incidents import episodes, lifecycle
from incidents.change import Change
from incidents.model import SYSTEM, Actor, Episode, Incident, Resolution, Severity, Status
from tests.building import ALICE, BOB, T0, an_acknowledged, an_episode, an_incident, minutes

KEY = Actor("key", "ci")


def play(episode: Episode, *steps: tuple[Change, Actor]) -> Episode:
    for change, by in steps:
        episode = episodes.advanced(episode, change, by=by)
    return episode


def acknowledged(incident: Incident, by: Actor, minute: float) -> Change:
    return lifecycle.acknowledge(incident, by=by, now=minutes(minute))


def test_the_first_row_tells_when_why_and_how_grave() -> None:
    incident = an_incident(start_time=minutes(-2), severity=Severity.ERROR, episode=3)
    row = episodes.opened(incident, now=T0, reason="within_reopen_window")
    assert (row.number, row.opened_at, row.started_at) == (3, T0, minutes(-2))
    assert (row.opened_reason, row.severity, row.inherited) == ("within_reopen_window", Severity.ERROR, False)


def test_an_acknowledgement_from_the_episode_before_is_inherited_and_is_no_response_of_this_one() -> None:
    row = episodes.opened(an_acknowledged(), now=minutes(30), reason="by_hand")
    assert row.inherited
    assert (row.acknowledged_at, row.acknowledged_by, row.responded_at) == (None, None, None)


def test_the_first_acknowledgement_counts_also_after_it_was_given_back() -> None:
    first = acknowledged(an_incident(), ALICE, 1)
    back = lifecycle.unacknowledge(first.after, by=ALICE, now=minutes(2))
    second = acknowledged(back.after, BOB, 3)
    row = play(an_episode(), (first, ALICE), (back, ALICE), (second, BOB))
    assert (row.acknowledged_at, row.acknowledged_by) == (minutes(1), "U0ALICE")
    assert (row.responded_at, row.responded_by) == (minutes(1), "U0ALICE")


def test_assigning_is_a_response_but_no_acknowledgement() -> None:
    assigned = lifecycle.assign(an_incident(), to="U0BOB", by=ALICE, now=minutes(1))
    later = acknowledged(assigned.after, BOB, 2)
    row = play(an_episode(), (assigned, ALICE), (later, BOB))
    assert (row.responded_at, row.responded_by) == (minutes(1), "U0ALICE")
    assert (row.acknowledged_at, row.acknowledged_by) == (minutes(2), "U0BOB")


def test_a_note_is_no_response() -> None:
    noted = lifecycle.note(an_incident(), text="hm", by=ALICE, now=minutes(1))
    assert play(an_episode(), (noted, ALICE)) == an_episode()


def test_a_machine_does_not_respond() -> None:
    row = play(an_episode(), (acknowledged(an_incident(), KEY, 1), KEY))
    assert (row.acknowledged_at, row.acknowledged_by) == (minutes(1), "key:ci")
    assert row.responded_at is None


def test_resolving_by_hand_ends_it_and_is_a_response() -> None:
    change = lifecycle.resolve(an_incident(), by=ALICE, now=minutes(9), resolution=Resolution.MANUAL)
    row = play(an_episode(), (change, ALICE))
    assert (row.resolved_at, row.resolved_by, row.resolution) == (minutes(9), "U0ALICE", Resolution.MANUAL)
    assert (row.responded_at, row.recovered_at) == (minutes(9), None)


def test_recovering_says_when_the_source_saw_the_end() -> None:
    change = lifecycle.resolve(
        an_incident(), by=SYSTEM, now=minutes(9), resolution=Resolution.RECOVERED, recovered_at=minutes(8)
    )
    row = play(an_episode(), (change, SYSTEM))
    assert (row.resolved_at, row.resolved_by, row.recovered_at) == (minutes(9), "system", minutes(8))
    assert row.responded_at is None


def test_noise_on_a_closed_incident_does_not_rewrite_how_its_episode_ended() -> None:
    closed = lifecycle.resolve(an_incident(), by=SYSTEM, now=minutes(9), resolution=Resolution.RECOVERED)
    noise = lifecycle.mark_noise(closed.after, by=ALICE, now=minutes(20))
    row = play(an_episode(), (closed, SYSTEM), (noise, ALICE))
    assert (row.resolved_at, row.resolution) == (minutes(9), Resolution.RECOVERED)
    assert row.responded_at == minutes(20)


def test_an_end_that_is_set_is_never_set_again() -> None:
    ended = an_episode(resolved_at=minutes(5), resolved_by="system", resolution=Resolution.RECOVERED)
    change = lifecycle.resolve(an_incident(), by=ALICE, now=minutes(9), resolution=Resolution.MANUAL)
    row = play(ended, (change, ALICE))
    assert (row.resolved_at, row.resolved_by, row.resolution) == (minutes(5), "system", Resolution.RECOVERED)


def test_its_severity_is_the_gravest_it_had() -> None:
    risen = lifecycle.raise_severity(an_incident(), to=Severity.CRITICAL, by=SYSTEM, now=minutes(1))
    fallen = lifecycle.note(replace(risen.after, severity=Severity.INFO), text="lowered", by=ALICE, now=minutes(2))
    assert play(an_episode(), (risen, SYSTEM), (fallen, ALICE)).severity is Severity.CRITICAL


def test_a_change_never_touches_the_row_it_was_given() -> None:
    row = an_episode()
    play(row, (acknowledged(an_incident(), ALICE, 1), ALICE))
    assert row == an_episode()
    assert acknowledged(an_incident(), ALICE, 1).after.status is Status.ACKNOWLEDGED
