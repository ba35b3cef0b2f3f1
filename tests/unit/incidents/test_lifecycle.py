"""What may follow what: every transition that the table allows, and every one that it refuses."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from incidents import lifecycle
from incidents.change import Change
from incidents.errors import (
    AlreadyAcknowledged,
    AlreadyNoise,
    AlreadyResolved,
    NotAcknowledged,
    NothingToConfirm,
    NotNoise,
    NotOver,
    NotResolved,
    NotSnoozed,
    Refused,
)
from incidents.model import SYSTEM, Actor, EventKind, Incident, Resolution, Severity, Status
from tests.building import ALICE, BOB, T0, an_acknowledged, an_incident, minutes

NOW = minutes(30)
CLOSED = {"status": Status.RESOLVED, "resolved_time": minutes(20), "resolved_by": "system"}

ACTIVE = an_incident()
ACKNOWLEDGED = an_acknowledged()
RESOLVED = an_incident(**CLOSED, resolution=Resolution.RECOVERED)
RESOLVED_WITH_OWNER = an_acknowledged(**CLOSED, resolution=Resolution.RECOVERED)
NOISE = an_incident(**CLOSED, resolution=Resolution.NOISE, is_noise=True, noise_reason="test rule")
NOISE_WITH_OWNER = an_acknowledged(**CLOSED, resolution=Resolution.NOISE, is_noise=True)
WORSENED = an_acknowledged(confirm_by=minutes(35), acknowledged_severity=Severity.WARNING, acknowledged_firing=1)
ALL = {
    "worsened": WORSENED,
    "active": ACTIVE, "acknowledged": ACKNOWLEDGED, "resolved": RESOLVED, "resolved with owner": RESOLVED_WITH_OWNER,
    "noise": NOISE, "noise with owner": NOISE_WITH_OWNER,
}  # fmt: skip


COMES_BACK = {
    "resolved": Status.ACTIVE, "resolved with owner": Status.ACKNOWLEDGED,
    "noise": Status.ACTIVE, "noise with owner": Status.ACKNOWLEDGED,
}  # fmt: skip


def acknowledge(incident: Incident) -> Change:
    return lifecycle.acknowledge(incident, by=BOB, now=NOW)


def unacknowledge(incident: Incident) -> Change:
    return lifecycle.unacknowledge(incident, by=BOB, now=NOW)


def resolve(incident: Incident) -> Change:
    return lifecycle.resolve(incident, by=BOB, now=NOW, resolution=Resolution.MANUAL, still_firing=2, note="done")


def recover(incident: Incident) -> Change:
    return lifecycle.resolve(incident, by=SYSTEM, now=NOW, resolution=Resolution.RECOVERED)


def reopen(incident: Incident) -> Change:
    return lifecycle.reopen(incident, by=BOB, now=NOW, reason="by_hand", start_time=minutes(29))


def mark_noise(incident: Incident) -> Change:
    return lifecycle.mark_noise(incident, by=BOB, now=NOW, reason="flaky", still_firing=1)


def mark_real_firing(incident: Incident) -> Change:
    return lifecycle.mark_real(incident, by=BOB, now=NOW, firing_since=minutes(29), resolution=Resolution.MANUAL)


def mark_real_silent(incident: Incident) -> Change:
    return lifecycle.mark_real(incident, by=BOB, now=NOW, firing_since=None, resolution=Resolution.RECOVERED)


Step = Callable[[Incident], Change]


def confirm(incident: Incident) -> Change:
    return lifecycle.confirm(incident, by=BOB, now=NOW)


def lapse(incident: Incident) -> Change:
    return lifecycle.lapse(incident, by=SYSTEM, now=NOW)


def leave(incident: Incident) -> Change:
    return lifecycle.leave(incident, by=SYSTEM, now=NOW)


def come_back(incident: Incident) -> Change:
    return lifecycle.come_back(incident, by=SYSTEM, now=NOW)


LEGAL: list[tuple[Step, str, Status, EventKind]] = [
    (acknowledge, "active", Status.ACKNOWLEDGED, EventKind.ACKNOWLEDGED),
    (unacknowledge, "acknowledged", Status.ACTIVE, EventKind.UNACKNOWLEDGED),
    (resolve, "active", Status.RESOLVED, EventKind.RESOLVED),
    (resolve, "acknowledged", Status.RESOLVED, EventKind.RESOLVED),
    (recover, "active", Status.RESOLVED, EventKind.RESOLVED),
    (recover, "acknowledged", Status.RESOLVED, EventKind.RESOLVED),
    (reopen, "resolved", Status.ACTIVE, EventKind.REOPENED),
    (reopen, "resolved with owner", Status.ACKNOWLEDGED, EventKind.REOPENED),
    (reopen, "noise", Status.ACTIVE, EventKind.REOPENED),
    (reopen, "noise with owner", Status.ACKNOWLEDGED, EventKind.REOPENED),
    (mark_noise, "active", Status.RESOLVED, EventKind.MARKED_NOISE),
    (mark_noise, "acknowledged", Status.RESOLVED, EventKind.MARKED_NOISE),
    (mark_noise, "resolved", Status.RESOLVED, EventKind.MARKED_NOISE),
    (mark_noise, "resolved with owner", Status.RESOLVED, EventKind.MARKED_NOISE),
    (mark_real_firing, "noise", Status.ACTIVE, EventKind.MARKED_REAL),
    (mark_real_firing, "noise with owner", Status.ACKNOWLEDGED, EventKind.MARKED_REAL),
    (mark_real_silent, "noise", Status.RESOLVED, EventKind.MARKED_REAL),
    (confirm, "worsened", Status.ACKNOWLEDGED, EventKind.CONFIRMED),
    (lapse, "acknowledged", Status.ACTIVE, EventKind.UNACKNOWLEDGED),
    (lapse, "worsened", Status.ACTIVE, EventKind.UNACKNOWLEDGED),
    (leave, "active", Status.ACTIVE, EventKind.UNASSIGNED),
    (leave, "acknowledged", Status.ACTIVE, EventKind.UNASSIGNED),
    (leave, "worsened", Status.ACTIVE, EventKind.UNASSIGNED),
    (unacknowledge, "worsened", Status.ACTIVE, EventKind.UNACKNOWLEDGED),
    (resolve, "worsened", Status.RESOLVED, EventKind.RESOLVED),
    (recover, "worsened", Status.RESOLVED, EventKind.RESOLVED),
    (mark_noise, "worsened", Status.RESOLVED, EventKind.MARKED_NOISE),
    *[(come_back, name, status, EventKind.REOPENED) for name, status in COMES_BACK.items()],
    (mark_real_silent, "noise with owner", Status.RESOLVED, EventKind.MARKED_REAL),
]
REFUSED: list[tuple[Step, str, type[Refused]]] = [
    (acknowledge, "acknowledged", AlreadyAcknowledged),
    *[(acknowledge, name, AlreadyResolved) for name in ALL if "resolved" in name or "noise" in name],
    (unacknowledge, "active", NotAcknowledged),
    *[(unacknowledge, name, AlreadyResolved) for name in ALL if "resolved" in name or "noise" in name],
    *[(resolve, name, AlreadyResolved) for name in ALL if "resolved" in name or "noise" in name],
    *[(recover, name, AlreadyResolved) for name in ALL if "resolved" in name or "noise" in name],
    (acknowledge, "worsened", AlreadyAcknowledged),
    (confirm, "acknowledged", NothingToConfirm),
    *[(step, "active", NotAcknowledged) for step in (confirm, lapse)],
    *[(step, name, AlreadyResolved) for step in (confirm, lapse, leave) for name in COMES_BACK],
    *[(step, name, NotResolved) for step in (reopen, come_back) for name in ("active", "acknowledged", "worsened")],
    *[(mark_noise, name, AlreadyNoise) for name in ALL if "noise" in name],
    *[(mark_real_firing, name, NotNoise) for name in ALL if "noise" not in name],
    *[(mark_real_silent, name, NotNoise) for name in ALL if "noise" not in name],
]


@pytest.mark.parametrize(("step", "name", "status", "kind"), LEGAL)
def test_what_the_table_allows_happens(step: Step, name: str, status: Status, kind: EventKind) -> None:
    change = step(ALL[name])
    assert change.before is ALL[name]
    assert change.after.status is status
    assert change.after.version == ALL[name].version + 1
    assert (change.event.kind, change.event.at, change.event.episode) == (kind, NOW, change.after.episode)


@pytest.mark.parametrize(("step", "name", "refusal"), REFUSED)
def test_what_the_table_does_not_allow_is_refused(step: Step, name: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal, match="INC-12"):
        step(ALL[name])


def test_the_table_is_complete() -> None:
    decided = [(step, name) for step, name, *_ in [*LEGAL, *REFUSED]]
    steps = {step for step, _ in decided}
    assert sorted(map(repr, decided)) == sorted(repr((step, name)) for step in steps for name in ALL)


def test_acknowledging_says_who_and_when() -> None:
    after = acknowledge(ACTIVE).after
    assert (after.acknowledged_by, after.acknowledged_time, after.owner) == ("U0BOB", NOW, "U0BOB")


def test_who_comes_second_is_told_who_has_it_and_since_when() -> None:
    with pytest.raises(AlreadyAcknowledged) as refused:
        acknowledge(ACKNOWLEDGED)
    assert (refused.value.name, refused.value.by, refused.value.at) == ("INC-12", "U0ALICE", minutes(3))


def test_who_resolves_second_is_told_who_closed_it() -> None:
    with pytest.raises(AlreadyResolved) as refused:
        resolve(RESOLVED)
    assert (refused.value.by, refused.value.at) == ("system", minutes(20))


def test_giving_it_back_leaves_nobody_in_charge_and_says_who_was() -> None:
    change = unacknowledge(replace(ACKNOWLEDGED, assignee="U0CAROL"))
    assert (change.after.acknowledged_by, change.after.acknowledged_time, change.after.owner) == (None, None, None)
    assert change.event.data == {"was": "U0CAROL"}


def test_resolving_says_how_by_whom_and_over_what() -> None:
    change = resolve(ACKNOWLEDGED)
    assert (change.after.resolution, change.after.resolved_by, change.after.resolved_time) == (
        Resolution.MANUAL, "U0BOB", NOW,
    )  # fmt: skip
    assert change.event.data == {"resolution": "manual", "still_firing": 2, "note": "done"}


@pytest.mark.parametrize("step", [resolve, recover, mark_noise])
def test_closing_keeps_the_acknowledgement_for_a_reopening(step: Step) -> None:
    after = step(replace(ACKNOWLEDGED, assignee="U0CAROL")).after
    assert (after.acknowledged_by, after.acknowledged_time, after.assignee) == ("U0ALICE", minutes(3), "U0CAROL")


@pytest.mark.parametrize("step", [reopen, mark_real_firing])
def test_opening_again_is_a_new_episode_of_which_nothing_is_closed(step: Step) -> None:
    change = step(NOISE)
    after = change.after
    assert change.opens_episode
    assert (after.episode, after.start_time) == (2, minutes(29))
    assert (after.resolved_time, after.resolved_by, after.resolution) == (None, None, None)
    assert (after.is_noise, after.noise_reason) == (False, None)


@pytest.mark.parametrize("step", [reopen, mark_real_firing])
def test_acknowledged_stays_acknowledged_with_its_owner(step: Step) -> None:
    after = step(replace(NOISE_WITH_OWNER, assignee="U0CAROL")).after
    assert (after.status, after.acknowledged_by, after.acknowledged_time) == (
        Status.ACKNOWLEDGED, "U0ALICE", minutes(3),
    )  # fmt: skip
    assert after.owner == "U0CAROL"


def test_noise_on_a_closed_incident_keeps_its_end() -> None:
    after = mark_noise(RESOLVED).after
    assert (after.resolved_time, after.resolved_by) == (minutes(20), "system")
    assert (after.is_noise, after.noise_reason, after.resolution) == (True, "flaky", Resolution.NOISE)


def test_noise_on_an_open_incident_ends_it_and_says_what_it_was() -> None:
    change = mark_noise(ACKNOWLEDGED)
    assert (change.after.resolved_time, change.after.resolved_by) == (NOW, "U0BOB")
    assert change.event.data == {"reason": "flaky", "still_firing": 1, "was": "acknowledged"}


def test_real_after_all_ended_as_told_where_nothing_fires() -> None:
    change = mark_real_silent(NOISE)
    assert not change.opens_episode
    assert (change.after.is_noise, change.after.noise_reason) == (False, None)
    assert change.after.resolution is Resolution.RECOVERED
    assert change.after.resolved_time == minutes(20)


@pytest.mark.parametrize("name", ALL)
def test_assigning_noting_and_severity_leave_the_state_as_it_is(name: str) -> None:
    incident = ALL[name]
    changes = [
        lifecycle.assign(incident, to="U0CAROL", by=BOB, now=NOW),
        lifecycle.assign(incident, to=None, by=BOB, now=NOW),
        lifecycle.note(incident, text="seen", by=BOB, now=NOW),
        lifecycle.raise_severity(incident, to=Severity.CRITICAL, by=SYSTEM, now=NOW),
        lifecycle.series_event(incident, EventKind.SERIES_FIRING, by=SYSTEM, now=NOW, data={}),
        lifecycle.set_severity(incident, to=Severity.INFO, by=BOB, now=NOW),
        lifecycle.snooze(incident, until=minutes(90), by=BOB, now=NOW),
        lifecycle.wake(replace(incident, snoozed_until=minutes(90)), by=BOB, now=NOW),
        lifecycle.add_to_timeline(incident, text="deployed", happened_at=None, by=BOB, now=NOW),
    ]
    assert {change.after.status for change in changes} == {incident.status}
    assert {change.after.version for change in changes} == {incident.version + 1}
    assert not any(change.opens_episode for change in changes)


def test_assigning_says_to_whom_and_who_had_it() -> None:
    to_carol = lifecycle.assign(ACTIVE, to="U0CAROL", by=BOB, now=NOW)
    to_nobody = lifecycle.assign(to_carol.after, to=None, by=BOB, now=NOW)
    assert (to_carol.event.kind, to_carol.event.data) == (EventKind.ASSIGNED, {"to": "U0CAROL", "was": None})
    assert (to_nobody.event.kind, to_nobody.event.data) == (EventKind.UNASSIGNED, {"to": None, "was": "U0CAROL"})


def test_a_rise_says_from_what_to_what() -> None:
    change = lifecycle.raise_severity(ACTIVE, to=Severity.CRITICAL, by=SYSTEM, now=NOW)
    assert change.after.severity is Severity.CRITICAL
    assert change.event.data == {"from": "warning", "to": "critical"}


@pytest.mark.parametrize("name", ALL)
def test_a_snooze_lasts_whatever_becomes_of_the_incident(name: str) -> None:
    incident = lifecycle.snooze(ALL[name], until=minutes(90), by=BOB, now=NOW).after
    steps = [acknowledge, unacknowledge, resolve, recover, reopen, mark_noise, mark_real_firing, mark_real_silent]
    for step in steps:
        with suppress(Refused):
            after = step(incident).after
            assert (after.snoozed_until, after.snoozed_by) == (minutes(90), "U0BOB")
            assert after.is_open or after.check_at == minutes(90)


def test_who_snoozes_what_waits_for_an_answer_has_seen_it() -> None:
    after = lifecycle.snooze(WORSENED, until=minutes(90), by=BOB, now=NOW).after
    assert (after.confirm_by, after.acknowledged_severity, after.acknowledged_by) == (
        None,
        WORSENED.severity,
        "U0ALICE",
    )


def test_only_what_sleeps_can_wake_and_only_what_is_over_can_be_summed_up() -> None:
    with pytest.raises(NotSnoozed):
        lifecycle.wake(ACTIVE, by=BOB, now=NOW)
    with pytest.raises(NotOver):
        lifecycle.sum_up(ACTIVE, text="rolled back", by=BOB, now=NOW)
    assert lifecycle.sum_up(RESOLVED, text="rolled back", by=BOB, now=NOW).event.data["is_closing"]


def test_what_alerts_have_told_is_remembered_over_what_people_say() -> None:
    grave = an_incident(severity=Severity.ERROR)
    lowered = lifecycle.set_severity(grave, to=Severity.INFO, by=BOB, now=NOW).after
    assert (lowered.severity, lowered.told_severity) == (Severity.INFO, Severity.ERROR)
    lower = lifecycle.set_severity(lowered, to=Severity.UNKNOWN, by=BOB, now=NOW).after
    assert (lower.severity, lower.told_severity) == (Severity.UNKNOWN, Severity.ERROR)
    assert lifecycle.set_severity(lower, to=Severity.ERROR, by=BOB, now=NOW).after.told_severity is None
    risen = lifecycle.raise_severity(lower, to=Severity.CRITICAL, by=SYSTEM, now=NOW).after
    assert (risen.severity, risen.told_severity) == (Severity.CRITICAL, None)


def test_what_a_person_lowers_need_not_be_confirmed_and_is_what_its_owner_has() -> None:
    worse = replace(WORSENED, severity=Severity.CRITICAL, acknowledged_severity=Severity.CRITICAL)
    after = lifecycle.set_severity(worse, to=Severity.INFO, by=BOB, now=NOW).after
    assert (after.confirm_by, after.acknowledged_severity) == (None, Severity.INFO)


@pytest.mark.parametrize(("by", "took"), [(ALICE, Severity.CRITICAL), (BOB, Severity.WARNING)])
def test_an_owner_has_taken_what_they_set_themselves(by: Actor, took: Severity) -> None:
    has_it = an_acknowledged(acknowledged_severity=Severity.WARNING, acknowledged_firing=1)
    assert lifecycle.set_severity(has_it, to=Severity.CRITICAL, by=by, now=NOW).after.acknowledged_severity is took


def test_opening_is_told_once_and_is_no_second_episode() -> None:
    change = lifecycle.opened(ACTIVE, by=SYSTEM, now=NOW, data={"title": "x"})
    assert (change.event.kind, change.event.actor, change.opens_episode) == (EventKind.OPENED, "system", False)


def test_times_are_handed_down_as_they_are() -> None:
    seoul = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    assert lifecycle.acknowledge(ACTIVE, by=ALICE, now=seoul).after.acknowledged_time == T0


def test_acknowledging_remembers_what_it_was_like() -> None:
    after = acknowledge(replace(ACTIVE, firing=4, severity=Severity.ERROR)).after
    assert (after.acknowledged_severity, after.acknowledged_firing) == (Severity.ERROR, 4)
    again = unacknowledge(after).after
    assert (again.acknowledged_severity, again.acknowledged_firing) == (None, None)


def test_confirming_takes_it_as_it_is_now_and_leaves_it_with_its_owner() -> None:
    after = confirm(replace(WORSENED, severity=Severity.CRITICAL, firing=9)).after
    assert (after.acknowledged_severity, after.acknowledged_firing, after.confirm_by) == (Severity.CRITICAL, 9, None)
    assert after.owner == "U0ALICE"


@pytest.mark.parametrize("step", [resolve, recover, mark_noise, unacknowledge, lapse])
def test_what_was_to_be_confirmed_is_settled(step: Step) -> None:
    assert step(WORSENED).after.confirm_by is None


def test_giving_it_to_somebody_confirms_it_and_to_nobody_does_not() -> None:
    to_carol = lifecycle.assign(WORSENED, to="U0CAROL", by=BOB, now=NOW).after
    assert to_carol.confirm_by is None
    assert lifecycle.assign(WORSENED, to=None, by=BOB, now=NOW).after.confirm_by == minutes(35)


@pytest.mark.parametrize("step", [resolve, recover, mark_noise])
def test_closing_ends_flapping_and_blindness(step: Step) -> None:
    after = step(an_incident(flapping=True, blind_since=T0, check_at=minutes(40))).after
    assert (after.flapping, after.blind_since, after.check_at) == (False, None, None)


def test_a_critical_one_that_is_closed_by_hand_over_what_fires_is_looked_at_in_half_an_hour() -> None:
    critical = an_incident(severity=Severity.CRITICAL, firing=2)
    assert resolve(critical).after.check_at == NOW + timedelta(minutes=30)
    assert recover(critical).after.check_at is None
    assert mark_noise(resolve(critical).after).after.check_at is None


def test_opening_again_forgets_the_doubts_of_the_episode_before() -> None:
    assert reopen(replace(RESOLVED, doubts={Resolution.NO_DATA: 1})).after.doubts == {}


@pytest.mark.parametrize(
    ("change", "mention"),
    [
        (lapse(WORSENED), "U0ALICE"),
        (come_back(replace(RESOLVED, resolved_by="U0BOB")), "U0BOB"),
        (lifecycle.still_firing(replace(RESOLVED, resolved_by="U0BOB"), firing=1, by=SYSTEM, now=NOW), "U0BOB"),
        (lifecycle.ask(ACTIVE, since=T0, by=SYSTEM, now=NOW), None),
        (lifecycle.ask(ACKNOWLEDGED, since=T0, by=SYSTEM, now=NOW), "U0ALICE"),
    ],
)
def test_who_must_hear_of_it_is_named(change: Change, mention: str | None) -> None:
    assert change.remind
    assert change.event.data["mention"] == mention
