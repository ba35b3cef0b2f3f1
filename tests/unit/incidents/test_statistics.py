"""The figures, against answers computed by hand and against a plain model that counts minute by minute."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.model import DECLARED, AlertKind, Resolution
from incidents.statistics import Figures, PastEpisode, Rule, Share, Spread, figures
from tests.building import T0, minutes

WINDOW = timedelta(minutes=10)
NOW = minutes(100_000)
NOT_RECOVERED = sorted({*Resolution} - {Resolution.RECOVERED, Resolution.TEST})


def an_episode(incident: int = 1, number: int = 1, **given: Any) -> PastEpisode:
    """Times are minutes after T0. Unless told otherwise it opens at 0, as it began, and is open."""
    times = ("opened_at", "started_at", "responded_at", "resolved_at", "recovered_at")
    plain: dict[str, Any] = {
        "opened_at": 0, "opened_reason": "opened", "inherited": False, "responded_at": None, "resolved_at": None,
        "resolution": None, "recovered_at": None, "rule_uid": "r1", "rule_name": "Load", "source": "grafana",
    }  # fmt: skip
    told = plain | given
    told.setdefault("started_at", told["opened_at"])
    values = {name: minutes(v) if name in times and v is not None else v for name, v in told.items()}
    return PastEpisode(incident_id=incident, number=number, **values)


def recovered(incident: int = 1, number: int = 1, *, opened: float = 0, lasts: float = 20, **given: Any) -> PastEpisode:
    end = {"resolved_at": opened + lasts, "recovered_at": opened + lasts, "resolution": Resolution.RECOVERED}
    return an_episode(incident, number, **{"opened_at": opened} | end | given)


def ended(resolution: Resolution, incident: int = 1, **given: Any) -> PastEpisode:
    return an_episode(incident, **{"resolved_at": 30, "resolution": resolution} | given)


def of(*episodes: PastEpisode, since: float = 0, now: float | None = None) -> Figures:
    at = NOW if now is None else minutes(now)
    return figures(episodes, since=minutes(since), now=at, reopen_window=WINDOW)


def spread(n: int, *told: float) -> Spread:
    return Spread(n, *(timedelta(minutes=one) for one in told))


def test_of_nothing_nothing_is_told() -> None:
    told = of()
    assert (told.opened, told.ended, told.recovered, told.covered) == (0, 0, Spread(0), Share(0, 0))
    assert told.covered.percent is None


def test_median_and_ninetieth_come_of_sorted_samples() -> None:
    lasted = [recovered(n, lasts=lasts) for n, lasts in enumerate((50, 10, 20, 30, 40, 60, 70, 80, 90, 1000))]
    assert of(*lasted).recovered == spread(10, 55, 90, 145)


def test_below_five_only_their_number_is_told() -> None:
    assert of(*(recovered(n) for n in range(4))).recovered == Spread(4)
    assert of(*(recovered(n) for n in range(5))).recovered == spread(5, 20, 20, 20)


def test_recovery_is_timed_by_the_source_and_acknowledging_by_us() -> None:
    late = [recovered(n, started_at=-5, responded_at=3, resolved_at=25, recovered_at=20) for n in range(5)]
    told = of(*late)
    assert (told.recovered, told.acknowledged) == (spread(5, 25, 25, 25), spread(5, 3, 3, 3))


def flapped() -> list[PastEpisode]:
    """Opens at 0, recovers at 20, opens again at 30, is taken at 33, recovers at 60."""
    return [recovered(opened=0), recovered(number=2, opened=30, lasts=30, responded_at=33)]


def five_times(episodes: Sequence[PastEpisode]) -> list[PastEpisode]:
    return [replace(one, incident_id=incident) for incident in range(5) for one in episodes]


def test_episodes_within_the_window_are_one_occurrence() -> None:
    told = of(*five_times(flapped()))
    assert (told.opened, told.ended, told.recovered.n) == (5, 5, 5)
    assert told.recovered == spread(5, 60, 60, 60)
    assert told.acknowledged == spread(5, 33, 33, 33)
    assert told.false_recoveries == Share(5, 10)


def test_a_moment_after_the_window_it_is_another() -> None:
    first, second = flapped()
    later = replace(second, opened_at=minutes(30) + timedelta(microseconds=1))
    told = of(first, later)
    assert (told.opened, told.recovered.n, told.false_recoveries) == (2, 2, Share(0, 2))
    assert told.untouched == Share(1, 2)


def test_another_incident_is_another_occurrence() -> None:
    first, second = flapped()
    assert of(first, replace(second, incident_id=2)).opened == 2


def test_an_inherited_acknowledgement_adds_no_sample() -> None:
    first = recovered(responded_at=2)
    within = recovered(number=2, opened=25, inherited=True)
    after = recovered(number=2, opened=99, inherited=True, responded_at=100)
    assert of(*five_times([first, within])).acknowledged == spread(5, 2, 2, 2)
    told = of(*five_times([first, after]))
    assert told.acknowledged == spread(5, 2, 2, 2)
    assert (told.quick, told.untouched) == (Share(5, 5), Share(0, 10))


def test_who_touches_what_is_over_has_not_responded() -> None:
    told = of(recovered(responded_at=21))
    assert (told.acknowledged.n, told.untouched) == (0, Share(1, 1))


@pytest.mark.parametrize("resolution", NOT_RECOVERED)
def test_only_a_recovery_gives_the_time_to_recover(resolution: Resolution) -> None:
    told = of(ended(resolution, recovered_at=20))
    assert told.recovered.n == 0
    assert told.closed.n == (resolution is Resolution.MANUAL)
    assert told.left_out == ({} if resolution is Resolution.MANUAL else {resolution: 1})


def test_coverage_is_of_all_that_ended_and_says_so() -> None:
    other = [ended(one, n) for n, one in enumerate((Resolution.NOISE, Resolution.STALE, Resolution.MANUAL), 10)]
    told = of(*(recovered(n) for n in range(5)), *other, ended(Resolution.MERGED, 20), ended(Resolution.TEST, 21))
    assert (told.covered, told.covered.percent) == (Share(5, 9), 56)


def test_a_test_is_no_incident_and_a_merged_one_gives_no_sample() -> None:
    trial = ended(Resolution.TEST, 1, kind=AlertKind.TEST, responded_at=1)
    told = of(trial, ended(Resolution.MERGED, 2, responded_at=1))
    assert (told.opened, told.ended, told.acknowledged.n, told.left_out) == (0, 0, 0, {Resolution.MERGED: 1})


def test_noise_is_left_out_and_its_undoing_brings_it_back() -> None:
    marked = ended(Resolution.NOISE, responded_at=30)
    assert of(marked).acknowledged.n == 0
    undone = recovered(number=2, opened=500, opened_reason="marked_real")
    told = of(*five_times([marked, undone]))
    assert told.acknowledged == spread(5, 30, 30, 30)
    assert told.recovered == spread(5, 520, 520, 520)
    assert (told.opened, told.left_out, told.false_recoveries) == (5, {}, Share(0, 5))


def test_what_was_declared_is_acknowledged_and_closed_but_never_recovers() -> None:
    by_hand = [ended(Resolution.MANUAL, n, source=DECLARED, rule_uid="", responded_at=4) for n in range(5)]
    told = of(*by_hand, recovered(9, source=DECLARED, rule_uid=""))
    assert (told.acknowledged, told.closed) == (spread(5, 4, 4, 4), spread(5, 30, 30, 30))
    assert (told.recovered.n, told.covered, told.noisiest) == (0, Share(0, 6), [])


def test_times_of_a_source_that_make_no_sense_are_no_sample() -> None:
    assert of(recovered(started_at=50)).recovered.n == 0


def test_what_may_still_be_acknowledged_in_time_is_not_held_against_anybody() -> None:
    four, six = an_episode(1, opened_at=96), an_episode(2, opened_at=94)
    told = of(four, six, recovered(3, responded_at=2), recovered(4, responded_at=12), now=100)
    assert (told.quick, told.soon) == (Share(1, 3), Share(2, 2))


def test_opened_counts_by_its_opening_and_ended_by_its_end() -> None:
    across = recovered(1, opened=0, lasts=50, responded_at=1)
    told = of(across, recovered(2, opened=20, lasts=5), recovered(3, opened=0, lasts=5), since=10)
    assert (told.opened, told.ended, told.recovered.n, told.acknowledged.n) == (1, 2, 2, 0)


def test_the_noisiest_rules_are_named_by_how_often_they_opened() -> None:
    many = [ended(Resolution.NOISE, n, rule_uid=f"r{n % 7}", rule_name=f"Rule {n % 7}") for n in range(40)]
    told = of(*many, *(an_episode(100 + n, rule_uid="r6", rule_name="Rule 6") for n in range(9))).noisiest
    assert told[0] == Rule("r6", "Rule 6", 14)
    assert [rule.uid for rule in told[1:]] == ["r0", "r1", "r2", "r3"]


@pytest.mark.parametrize(("n", "of_", "percent"), [(1, 2, 50), (1, 3, 33), (2, 3, 67), (1, 200, 1), (0, 7, 0)])
def test_shares_are_rounded_half_up(n: int, of_: int, percent: int) -> None:
    assert Share(n, of_).percent == percent


# A plain model: one incident at a time, minute by minute.

Ends = st.sampled_from([*Resolution, None])


@st.composite
def incident_lives(draw: st.DrawFn) -> list[PastEpisode]:
    """Episodes one after another, on whole minutes; only the last may be open."""
    lives: list[PastEpisode] = []
    at = draw(st.integers(0, 50))
    for number in range(1, draw(st.integers(1, 4)) + 1):
        lasts, rest = draw(st.integers(0, 30)), draw(st.integers(0, 25))
        responded = draw(st.none() | st.integers(at, at + 40))
        lives.append(
            an_episode(
                1, number, opened_at=at, started_at=at - draw(st.integers(0, 5)), responded_at=responded,
                inherited=number > 1 and draw(st.booleans()), resolved_at=at + lasts,
                recovered_at=at + draw(st.integers(-3, 30)), resolution=draw(st.sampled_from(Resolution)),
                opened_reason=draw(st.sampled_from(["opened", "marked_real"])) if number > 1 else "opened",
            )
        )  # fmt: skip
        at += lasts + rest
    if draw(st.booleans()):
        lives[-1] = replace(lives[-1], resolved_at=None, resolution=None, recovered_at=None)
    return lives


def minute_of(time: Any) -> float:
    return float((time - T0).total_seconds() / 60)


def occurrences(life: Sequence[PastEpisode]) -> list[list[PastEpisode]]:
    """Cut where nothing happens for longer than the window."""
    cuts: list[list[PastEpisode]] = [[life[0]]]
    for one in life[1:]:
        quiet = minute_of(one.opened_at) - minute_of(cuts[-1][-1].resolved_at)
        if quiet > 10 and one.opened_reason != "marked_real":
            cuts.append([])
        cuts[-1].append(one)
    return cuts


def answered(some: Sequence[PastEpisode]) -> list[float]:
    """When somebody responded to what was not over."""
    told = [one for one in some if one.responded_at is not None]
    return [minute_of(one.responded_at) for one in told if not one.resolved_at or one.responded_at <= one.resolved_at]


def waited(some: Sequence[PastEpisode]) -> list[float]:
    """The sample for MTTA, if there is one."""
    answers = answered(some)
    if not answers or some[0].inherited or some[-1].resolution is Resolution.NOISE:
        return []
    return [min(answers) - minute_of(some[0].opened_at)]


def lasted(some: Sequence[PastEpisode]) -> list[float]:
    """The sample for MTTR."""
    if some[-1].resolution is not Resolution.RECOVERED:
        return []
    took = max(minute_of(one.recovered_at) for one in some if one.recovered_at) - started(some)
    return [took] if took >= 0 else []


def open_for(some: Sequence[PastEpisode]) -> list[float]:
    """The sample for time to close."""
    last = some[-1]
    return [minute_of(last.resolved_at) - started(some)] if last.resolution is Resolution.MANUAL else []


def started(some: Sequence[PastEpisode]) -> float:
    return min(minute_of(one.started_at) for one in some)


def sampled(samples: list[list[float]]) -> list[float]:
    return sorted(sample for some in samples for sample in some)


def agrees(told: Spread, samples: list[float]) -> bool:
    if len(samples) < 5 or told.median is None or told.p90 is None:
        return told == Spread(len(samples))
    half = len(samples) // 2
    middle = samples[half] if len(samples) % 2 else (samples[half - 1] + samples[half]) / 2
    below = [one for one in samples if timedelta(minutes=one) <= told.p90]
    return told.median == timedelta(minutes=middle) and len(below) >= 0.9 * len(samples)


@given(st.lists(incident_lives(), max_size=8), st.integers(0, 120))
def test_the_figures_are_those_of_a_plain_model(lives: list[list[PastEpisode]], since: int) -> None:
    told = of(*(replace(one, incident_id=n) for n, life in enumerate(lives) for one in life), since=since)
    every = [some for life in lives for some in occurrences(life) if some[-1].resolution is not Resolution.MERGED]
    opened = [some for some in every if minute_of(some[0].opened_at) >= since]
    over = [some for some in every if some[-1].resolved_at and minute_of(some[-1].resolved_at) >= since]
    recoveries = sampled([lasted(some) for some in over])
    assert (told.opened, told.ended, told.covered) == (len(opened), len(over), Share(len(recoveries), len(over)))
    assert agrees(told.recovered, recoveries)
    assert agrees(told.acknowledged, sampled([waited(some) for some in opened]))
    assert agrees(told.closed, sampled([open_for(some) for some in over]))


@given(st.lists(incident_lives(), max_size=6), st.randoms())
def test_the_order_in_which_episodes_come_changes_nothing(lives: list[list[PastEpisode]], random: Any) -> None:
    every = [replace(one, incident_id=n) for n, life in enumerate(lives) for one in life]
    shuffled = random.sample(every, len(every))
    assert of(*shuffled) == of(*every)
