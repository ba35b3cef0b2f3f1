"""Merging by hand: the series move, later alerts follow, the figures stay true, and undo restores it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from db import tables
from incidents import actions
from incidents.errors import (
    AlreadyResolved,
    AnotherIsOpen,
    MergedAway,
    MergeIntoItself,
    MergeIntoResolved,
    MergeOfTest,
    NotMerged,
    StaleView,
)
from incidents.model import AlertKind, Incident, Resolution, Severity, SourceAlert, Status
from incidents.ports import UnitOfWork
from incidents.rules.stale_click import Seen
from tests.building import ALICE, BOB, because, cannot_see, firing, minutes, resolved
from tests.integration.db.anything import nothing_is_miscounted
from tests.integration.db.stage import Stage, the

Act = Callable[[int, UnitOfWork], Awaitable[Incident]]


def at_db(fingerprint: str = "db-0", **given: object) -> SourceAlert:
    """A series of the database's incident, which opens second."""
    return firing(fingerprint, service="db", **given)  # type: ignore[arg-type]


def ends(fingerprint: str = "db-0", **given: object) -> SourceAlert:
    return resolved(fingerprint, service="db", **given)  # type: ignore[arg-type]


async def two(stage: Stage) -> None:
    """INC-1 of the checkout, and INC-2 of the database."""
    await stage.take(firing("pod-a"))
    await stage.take(at_db())


async def id_of(stage: Stage, number: int) -> int:
    return (await stage.incident(number)).id


async def merged(stage: Stage, number: int = 2, *, into: int = 1) -> Incident:
    child, parent = await id_of(stage, number), await id_of(stage, into)
    return await stage.write(lambda uow: actions.merge(child, into=parent, by=ALICE, uow=uow))


async def unmerged(stage: Stage, number: int = 2) -> Incident:
    child = await id_of(stage, number)
    return await stage.write(lambda uow: actions.unmerge(child, by=BOB, uow=uow))


async def where(stage: Stage) -> dict[str, int]:
    """By series, the number of the incident that holds it; of each there is one row."""
    numbers = {row["id"]: row["number"] for row in await stage.all(tables.incidents)}
    rows = await stage.all(tables.incident_series)
    assert len({row["series_key"] for row in rows}) == len(rows)
    return {row["fingerprint"]: numbers[row["incident_id"]] for row in rows}


async def test_the_child_resolves_as_merged_and_its_series_move(stage: Stage) -> None:
    await two(stage)
    child = await merged(stage)
    parent = await stage.incident(1)
    assert (child.status, child.resolution, child.merged_into_id) == (Status.RESOLVED, Resolution.MERGED, parent.id)
    assert (child.firing, child.series_count) == (0, 0)
    assert (parent.status, parent.firing, parent.series_count) == (Status.ACTIVE, 2, 2)
    assert await where(stage) == {"pod-a": 1, "db-0": 1}
    [episode] = await stage.episodes(2)
    assert (episode.resolution, episode.responded_at) == (Resolution.MERGED, None)
    await nothing_is_miscounted(stage)


async def test_the_parent_is_as_grave_as_the_graver_and_began_with_the_earlier(stage: Stage) -> None:
    await stage.take(firing("pod-a", since=9))
    await stage.take(at_db(since=2, severity="critical"))
    await merged(stage)
    parent = await stage.incident(1)
    assert (parent.severity, parent.start_time) == (Severity.CRITICAL, minutes(2))
    [episode] = await stage.episodes(1)
    assert (episode.severity, episode.started_at) == (Severity.CRITICAL, minutes(2))


async def test_both_timelines_tell_it_and_both_cards_are_shown_anew(stage: Stage) -> None:
    await two(stage)
    before = {row["incident_id"]: row["desired_rev"] for row in await stage.all(tables.outbox)}
    await merged(stage)
    assert await stage.kinds(2) == ["opened", "merged"]
    assert await stage.kinds(1) == ["opened", "absorbed"]
    rows = await stage.all(tables.outbox)
    cards = {row["incident_id"]: row["desired_rev"] for row in rows if row["kind"] == "card"}
    assert all(cards[incident_id] > before[incident_id] for incident_id in before)
    assert sorted(row["incident_id"] for row in rows if row["kind"] == "thread") == sorted(before)


async def test_alerts_keep_the_incident_that_they_arrived_in(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(at_db("db-1"))
    counted = {number: (await stage.incident(number)).alert_count for number in (1, 2)}
    assert counted == {1: 2, 2: 1}


async def test_a_moved_series_that_ends_ends_in_the_parent(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(resolved("pod-a", until=3))
    assert (await stage.incident(1)).is_open
    done = await stage.take(ends(until=8))
    assert (done.incidents, the(done)) == (("INC-1",), "recovered")
    [episode] = await stage.episodes(1)
    assert (episode.resolution, episode.recovered_at) == (Resolution.RECOVERED, minutes(8))


async def test_what_ended_before_the_merge_counts_to_the_end_of_the_parent(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.take(at_db("db-0"), at_db("db-1"))
    await stage.take(because(Resolution.PAUSED, ends("db-0", until=20)))
    await merged(stage)
    await stage.take(resolved("pod-a"), ends("db-1"))
    assert (await stage.incident(1)).resolution is Resolution.PAUSED


async def test_a_new_series_of_the_childs_key_goes_to_the_parent(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    done = await stage.take(at_db("db-1"))
    assert (done.incidents, the(done)) == (("INC-1",), "joined")
    assert len(await stage.all(tables.incidents)) == 2
    assert (await stage.incident(1)).firing == 3
    await nothing_is_miscounted(stage)


async def test_long_after_the_merge_too_while_the_parent_is_open(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.wait(minutes=120)
    assert (await stage.take(at_db("db-1"))).incidents == ("INC-1",)


async def test_a_batch_of_both_goes_to_the_parent(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.wait(minutes=120)
    done = await stage.take(firing("pod-b"), at_db("db-1"), at_db("db-2"), firing("other", service="other"))
    assert done.incidents == ("INC-1", "INC-3")


async def test_when_the_parent_has_resolved_and_its_window_is_over_the_key_has_its_own_again(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(resolved("pod-a"), ends())
    await stage.wait(minutes=11)
    done = await stage.take(at_db(since=20))
    assert (done.incidents, the(done)) == (("INC-3",), "opened")
    await nothing_is_miscounted(stage)


async def test_within_the_parents_window_the_childs_series_open_the_parent_again(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(resolved("pod-a"), ends())
    known = await stage.take(at_db(since=20))
    assert (known.incidents, the(known)) == (("INC-1",), "within_reopen_window")
    await stage.take(ends(since=20, until=21))
    new = await stage.take(at_db("db-1", since=22))
    assert (new.incidents, the(new)) == (("INC-1",), "within_reopen_window")
    assert (await stage.incident(1)).flapping
    await nothing_is_miscounted(stage)


async def test_a_parent_that_people_open_again_later_takes_the_childs_alerts_again(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(resolved("pod-a"), ends())
    await stage.wait(minutes=60)
    first = await id_of(stage, 1)
    await stage.write(lambda uow: actions.reopen(first, by=ALICE, uow=uow))
    assert (await stage.take(at_db("db-1"))).incidents == ("INC-1",)


async def test_an_open_incident_of_the_key_itself_comes_first(stage: Stage) -> None:
    """An older one, opened again by hand."""
    await stage.take(at_db())
    await stage.take(ends())
    await stage.wait(minutes=60)
    await stage.take(firing("pod-a"))
    await stage.take(at_db(since=30))
    await merged(stage, 3, into=2)
    first = await id_of(stage, 1)
    await stage.write(lambda uow: actions.reopen(first, by=ALICE, uow=uow))
    assert (await stage.take(at_db("db-9"))).incidents == ("INC-1",)


# Undo


async def test_undo_gives_its_series_back_and_what_came_meanwhile(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(at_db("db-1"))
    child = await unmerged(stage)
    assert (child.status, child.resolution, child.merged_into_id) == (Status.ACTIVE, None, None)
    assert (child.firing, child.series_count) == (2, 2)
    assert await where(stage) == {"pod-a": 1, "db-0": 2, "db-1": 2}
    assert (await stage.incident(1)).firing == 1
    assert (await stage.take(at_db("db-2"))).incidents == ("INC-2",)
    assert await stage.kinds(1) == ["opened", "absorbed", "series_firing", "unmerged"]
    await nothing_is_miscounted(stage)


async def test_undo_brings_back_the_state_that_it_had(stage: Stage) -> None:
    await two(stage)
    second = await id_of(stage, 2)
    await stage.write(lambda uow: actions.acknowledge(second, by=BOB, uow=uow))
    before = await stage.incident(2)
    await merged(stage)
    child = await unmerged(stage)
    same = ("status", "acknowledged_by", "acknowledged_time", "assignee", "episode", "severity", "start_time", "firing")
    assert [getattr(child, name) for name in same] == [getattr(before, name) for name in same]


async def test_undo_goes_on_with_the_episode_as_if_it_had_never_ended(stage: Stage) -> None:
    await two(stage)
    second = await id_of(stage, 2)
    await stage.write(lambda uow: actions.acknowledge(second, by=BOB, uow=uow))
    [before] = await stage.episodes(2)
    await merged(stage)
    await unmerged(stage)
    assert await stage.episodes(2) == [before]
    await stage.take(ends(until=9))
    [ended] = await stage.episodes(2)
    assert (ended.resolution, ended.recovered_at) == (Resolution.RECOVERED, minutes(9))
    assert (ended.opened_at, ended.responded_at) == (before.opened_at, before.responded_at)


async def test_undo_of_one_whose_series_have_all_ended_leaves_it_resolved_as_they_ended(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(ends(until=7))
    child = await unmerged(stage)
    assert (child.status, child.resolution) == (Status.RESOLVED, Resolution.RECOVERED)
    [episode] = await stage.episodes(2)
    assert (episode.resolution, episode.recovered_at) == (Resolution.RECOVERED, minutes(7))
    assert (await stage.incident(1)).is_open
    await nothing_is_miscounted(stage)


async def test_undo_tells_ends_that_were_no_recovery(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(because(Resolution.PAUSED, ends(until=7)))
    assert (await unmerged(stage)).resolution is Resolution.PAUSED


async def test_undo_takes_back_how_grave_and_how_old_the_merge_made_the_parent(stage: Stage) -> None:
    await stage.take(firing("pod-a", since=9))
    await stage.take(at_db(since=2, severity="critical"))
    before = await stage.incident(1)
    await merged(stage)
    await unmerged(stage)
    parent = await stage.incident(1)
    assert (parent.severity, parent.start_time) == (before.severity, before.start_time)
    assert (await stage.episodes(1))[0].started_at == minutes(9)


async def test_what_a_person_has_set_stands_and_alerts_that_are_no_news_do_not_change_it(stage: Stage) -> None:
    await stage.take(firing("pod-a", severity="error"))
    await stage.take(at_db(severity="critical"))
    first = await id_of(stage, 1)
    await stage.write(lambda uow: actions.set_severity(first, to=Severity.INFO, by=ALICE, uow=uow))
    await merged(stage)
    await stage.take(at_db(severity="critical"))
    assert (await stage.incident(1)).severity is Severity.INFO
    await unmerged(stage)
    assert (await stage.incident(1)).told_severity is Severity.ERROR
    await stage.take(firing("pod-a", severity="critical"))
    assert (await stage.incident(1)).severity is Severity.CRITICAL


async def test_undo_leaves_what_another_child_still_makes_of_the_parent(stage: Stage) -> None:
    await two(stage)
    await stage.take(firing("q", service="queue", severity="critical"))
    await stage.take(firing("r", service="router", severity="critical"))
    await merged(stage, 3)
    await merged(stage, 4)
    await unmerged(stage, 3)
    assert (await stage.incident(1)).severity is Severity.CRITICAL


async def test_undo_closes_a_parent_that_nothing_fires_in_any_more(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(resolved("pod-a", until=4))
    await unmerged(stage)
    parent = await stage.incident(1)
    assert (parent.status, parent.resolution) == (Status.RESOLVED, Resolution.RECOVERED)
    assert (await stage.episodes(1))[0].recovered_at == minutes(4)


async def test_undo_after_the_parent_has_resolved_gives_each_its_own_end(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    await stage.take(resolved("pod-a", until=4))
    await stage.take(ends(until=9))
    await stage.wait(minutes=60)
    await unmerged(stage)
    told = [(await stage.episodes(number))[0] for number in (1, 2)]
    assert [one.resolution for one in told] == [Resolution.RECOVERED] * 2
    assert [one.recovered_at and one.recovered_at + timedelta(minutes=60) for one in told] == [minutes(4), minutes(9)]


async def test_undo_of_one_that_people_held_open_opens_it_again_though_nothing_fires(stage: Stage) -> None:
    await two(stage)
    await stage.take(ends())
    second = await id_of(stage, 2)
    await stage.write(lambda uow: actions.reopen(second, by=BOB, uow=uow))
    await merged(stage)
    assert (await unmerged(stage)).is_open


async def test_undo_is_refused_where_another_of_its_key_is_open_by_now(stage: Stage) -> None:
    await two(stage)
    await merged(stage)
    first = await id_of(stage, 1)
    await stage.write(lambda uow: actions.resolve(first, by=ALICE, uow=uow))
    await stage.wait(minutes=11)
    assert (await stage.take(at_db("db-1"))).incidents == ("INC-3",)
    with pytest.raises(AnotherIsOpen, match="INC-3"):
        await unmerged(stage)
    assert await where(stage) == {"pod-a": 1, "db-0": 1, "db-1": 3}


async def test_merged_again_and_undone_again_it_is_the_same(stage: Stage) -> None:
    await two(stage)
    before = (await stage.incident(1), await stage.incident(2))
    for _ in range(3):
        await merged(stage)
        await unmerged(stage)
    after = (await stage.incident(1), await stage.incident(2))
    same = ("status", "severity", "start_time", "episode", "firing", "series_count", "doubts", "acknowledged_by")
    for one, other in zip(before, after, strict=True):
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
    assert await stage.all(tables.key_aliases) == []


# Chains


async def three(stage: Stage) -> None:
    """INC-3 is merged into INC-2, and that into INC-1."""
    await two(stage)
    await stage.take(firing("q", service="queue"))
    await merged(stage, 3, into=2)
    await merged(stage, 2, into=1)


async def test_what_was_merged_into_the_child_comes_along(stage: Stage) -> None:
    await three(stage)
    assert set((await where(stage)).values()) == {1}
    assert (await stage.take(firing("q2", service="queue"))).incidents == ("INC-1",)


async def test_undo_of_the_outer_merge_takes_along_what_came_along(stage: Stage) -> None:
    await three(stage)
    await stage.take(firing("q2", service="queue"))
    await unmerged(stage, 2)
    assert await where(stage) == {"pod-a": 1, "db-0": 2, "q": 2, "q2": 2}
    assert (await stage.take(firing("q3", service="queue"))).incidents == ("INC-2",)
    await unmerged(stage, 3)
    assert await where(stage) == {"pod-a": 1, "db-0": 2, "q": 3, "q2": 3, "q3": 3}
    await nothing_is_miscounted(stage)


async def test_undo_of_the_inner_merge_takes_its_series_from_whatever_holds_them(stage: Stage) -> None:
    await three(stage)
    await unmerged(stage, 3)
    assert await where(stage) == {"pod-a": 1, "db-0": 1, "q": 3}
    await unmerged(stage, 2)
    assert await where(stage) == {"pod-a": 1, "db-0": 2, "q": 3}
    await nothing_is_miscounted(stage)


# Refusals


async def test_what_makes_no_sense_is_refused_and_says_what_to_do(stage: Stage) -> None:
    await two(stage)
    await stage.take(firing("q", service="queue"))
    await stage.take(resolved("q", service="queue"))
    await stage.take(cannot_see("t", kind=AlertKind.TEST, service="test"))
    for child, parent, error in (
        (1, 1, MergeIntoItself),
        (3, 1, AlreadyResolved),
        (1, 3, MergeIntoResolved),
        (4, 1, MergeOfTest),
        (1, 4, MergeOfTest),
    ):
        with pytest.raises(error):
            await merged(stage, child, into=parent)
    with pytest.raises(NotMerged):
        await unmerged(stage, 1)


async def test_what_is_merged_already_names_the_one_to_take_instead(stage: Stage) -> None:
    await three(stage)
    await stage.take(firing("z", service="z"))
    for child, parent in ((3, 4), (4, 3)):
        with pytest.raises(MergedAway, match="INC-1"):
            await merged(stage, child, into=parent)
    third = await id_of(stage, 3)
    for act in (actions.acknowledge, actions.resolve, actions.reopen, actions.mark_noise):
        with pytest.raises(MergedAway, match="INC-1"):
            await stage.write(lambda uow, act=act: act(third, by=ALICE, uow=uow))


@pytest.mark.parametrize(
    "act",
    [
        lambda id_, uow: actions.unacknowledge(id_, by=ALICE, uow=uow),
        lambda id_, uow: actions.confirm(id_, by=ALICE, uow=uow),
        lambda id_, uow: actions.assign(id_, to="U0BOB", by=ALICE, uow=uow),
        lambda id_, uow: actions.set_severity(id_, to=Severity.INFO, by=ALICE, uow=uow),
        lambda id_, uow: actions.snooze(id_, until=uow.now + timedelta(hours=1), by=ALICE, uow=uow),
    ],
)
async def test_nobody_takes_or_quiets_what_is_merged_for_its_alerts_are_elsewhere(stage: Stage, act: Act) -> None:
    await three(stage)
    third = await stage.incident(3)
    with pytest.raises(MergedAway, match="Work on INC-1"):
        await stage.write(lambda uow: act(third.id, uow))
    assert await stage.incident(3) == third


async def test_a_click_from_a_card_of_another_episode_merges_nothing(stage: Stage) -> None:
    await two(stage)
    second, first = await stage.incident(2), await id_of(stage, 1)
    seen = Seen(second.version + 1, Status.ACTIVE, episode=7)
    with pytest.raises(StaleView):
        await stage.write(lambda uow: actions.merge(second.id, into=first, by=ALICE, uow=uow, seen=seen))


async def test_a_merge_that_worsens_what_another_person_has_tells_them(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.take(at_db(severity="critical"))
    first = await id_of(stage, 1)
    await stage.write(lambda uow: actions.acknowledge(first, by=BOB, uow=uow))
    await merged(stage)
    assert [event.data["mention"] for event in await stage.reminders()] == ["U0BOB"]
    assert (await stage.incident(1)).confirm_by is not None


async def test_who_merges_into_what_they_have_knows_what_they_take(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.take(at_db(severity="critical"))
    first = await id_of(stage, 1)
    await stage.write(lambda uow: actions.acknowledge(first, by=ALICE, uow=uow))
    await merged(stage)
    assert await stage.reminders() == []


async def test_where_nobody_has_merged_anything_alerts_cost_no_further_statement(stage: Stage) -> None:
    said: list[str] = []
    sa.event.listen(stage.engines.write.sync_engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    await stage.take(firing("pod-a"))
    await stage.take(firing("pod-a"))
    await stage.take(resolved("pod-a"))
    [asks] = [one for one in said if "key_aliases" in one]
    assert "count(incident_episodes.id)" in asks
