"""An end that is no recovery is not called one, and a recovery is dated by its latest end."""

import pytest

from incidents import actions
from incidents.model import Resolution, Status
from tests.building import ALICE, because, firing, minutes, resolved
from tests.integration.db.stage import Stage, the

DOUBTS = [
    Resolution.NO_DATA, Resolution.SOURCE_ERROR, Resolution.SERIES_MISSING, Resolution.PAUSED,
    Resolution.RULE_DELETED, Resolution.RULE_CHANGED,
]  # fmt: skip


@pytest.mark.parametrize("doubt", DOUBTS)
async def test_the_resolution_says_which(stage: Stage, doubt: Resolution) -> None:
    await stage.take(firing())
    assert the(await stage.take(because(doubt, resolved()))) == "ended_unproven"
    incident, [episode] = await stage.incident(), await stage.episodes()
    assert (incident.status, incident.resolution, incident.doubts) == (Status.RESOLVED, doubt, {doubt: 1})
    assert (episode.resolution, episode.recovered_at) == (doubt, None)


async def test_mixed_ends_show_the_worst(stage: Stage) -> None:
    await stage.take(*(firing(f"pod-{n}") for n in range(4)))
    for n, doubt in enumerate((Resolution.NO_DATA, Resolution.PAUSED, None)):
        await stage.take(because(doubt, resolved(f"pod-{n}")))
    assert the(await stage.take(resolved("pod-3"))) == "ended_unproven"
    assert (await stage.incident()).resolution is Resolution.NO_DATA


async def test_what_fires_anew_takes_its_doubt_back(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b"))
    await stage.take(because(Resolution.NO_DATA, resolved("pod-a", since=0)))
    await stage.take(firing("pod-a", since=6))
    assert (await stage.incident()).doubts == {}
    await stage.take(resolved("pod-a", since=6, until=7))
    assert the(await stage.take(resolved("pod-b"))) == "recovered"


async def test_reopening_forgets_the_doubts_of_the_episode_before(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b"))
    await stage.take(because(Resolution.PAUSED, resolved("pod-a")), because(Resolution.PAUSED, resolved("pod-b")))
    await stage.take(firing("pod-a", since=6))
    assert (await stage.incident()).doubts == {}
    await stage.take(resolved("pod-a", since=6, until=7))
    assert [episode.resolution for episode in await stage.episodes()] == [Resolution.PAUSED, Resolution.RECOVERED]


async def test_doubts_of_an_end_after_closing_do_not_count_later(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    await stage.take(because(Resolution.PAUSED, resolved(since=0)))
    await stage.write(lambda uow: actions.reopen(1, by=ALICE, uow=uow))
    await stage.take(firing(since=6))
    assert the(await stage.take(resolved(since=6, until=7))) == "recovered"


async def test_it_recovered_at_the_latest_end_of_all_batches(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b"))
    await stage.take(resolved("pod-a", until=9))
    await stage.take(resolved("pod-b", until=5))
    assert [episode.recovered_at for episode in await stage.episodes()] == [minutes(9)]


async def test_ends_of_an_earlier_episode_date_nothing(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b"))
    await stage.take(resolved("pod-a", until=9), resolved("pod-b", until=50))
    await stage.take(firing("pod-a", since=20))
    await stage.take(resolved("pod-a", since=20, until=30))
    assert [episode.recovered_at for episode in await stage.episodes()] == [minutes(50), minutes(30)]
