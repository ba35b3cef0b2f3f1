"""What figures are read from: what really happened, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from db import tables
from db.queries import statistics
from incidents import actions
from incidents.browse import Matching
from incidents.model import DECLARED, Resolution, Severity
from incidents.policy import Policy
from incidents.statistics import Figures, Past, Rule, Share, figures
from tests.building import ALICE, firing, resolved
from tests.integration.db.past import rollup_job
from tests.integration.db.stage import Stage

WEEK = timedelta(days=7)


async def past(stage: Stage, wanted: Matching | None = None, *, within: timedelta = WEEK) -> Past:
    return await stage.read(lambda uow: uow.statistics.past(wanted or Matching(), within=within))


def told(past: Past) -> Figures:
    window = Policy().reopen_window
    return figures(past.episodes, since=past.since, now=past.now, reopen_window=window)


async def lived(stage: Stage) -> None:
    """One recovers untouched and opens again, one is taken and closed, one is noise, one is open."""
    await stage.take(firing("a", service="a"), firing("b", service="b"), firing("c", service="c", severity="critical"))
    await stage.take(resolved("a", service="a"))
    await stage.take(firing("a", service="a", since=9))
    await stage.write(lambda uow: actions.acknowledge(2, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.resolve(2, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.mark_noise(3, by=ALICE, uow=uow))


async def test_what_happened_is_counted_by_the_definitions(stage: Stage) -> None:
    await lived(stage)
    found = await past(stage)
    shown = told(found)
    assert (shown.opened, shown.ended, shown.left_out) == (3, 2, {Resolution.NOISE: 1})
    assert (shown.acknowledged.n, shown.closed.n, shown.false_recoveries) == (1, 1, Share(1, 1))
    assert (found.open_now, found.oldest) == (1, await stage.incident(1))
    assert list(shown.noisiest) == [Rule("r1", "Checkout5xx", 3)]


async def test_noise_that_was_none_counts_again(stage: Stage) -> None:
    await stage.take(firing("a"))
    await stage.take(resolved("a"))
    await stage.write(lambda uow: actions.mark_noise(1, by=ALICE, uow=uow))
    assert told(await past(stage)).left_out == {Resolution.NOISE: 1}
    await stage.write(lambda uow: actions.mark_real(1, by=ALICE, uow=uow))
    assert told(await past(stage)).left_out == {}
    assert told(await past(stage)).covered == Share(1, 1)


async def test_what_was_declared_counts_by_hand(stage: Stage) -> None:
    wanted = actions.Declaration("V1", "Slow", Severity.ERROR)
    await stage.write(lambda uow: actions.declare(wanted, by=ALICE, uow=uow, policy=Policy()))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    shown = told(await past(stage))
    assert (shown.acknowledged.n, shown.closed.n, shown.covered) == (1, 1, Share(0, 1))
    assert {one.source for one in (await past(stage)).episodes} == {DECLARED}


async def test_what_was_merged_gives_no_sample(stage: Stage) -> None:
    await stage.take(firing("a"))
    await stage.take(resolved("a"))
    await stage.change(tables.incidents, resolution="merged")
    assert told(await past(stage)).covered == Share(0, 0)


async def test_words_and_severities_narrow_it_down(stage: Stage) -> None:
    await lived(stage)
    await rollup_job(stage).catch_up()
    by_word = await past(stage, Matching(words=("a",)))
    assert told(by_word).opened == 3
    critical = await past(stage, Matching(frozenset({Severity.CRITICAL})))
    assert (told(critical).opened, critical.open_now, critical.oldest) == (1, 0, None)


async def test_only_what_falls_into_the_time_counts(stage: Stage) -> None:
    await lived(stage)
    await stage.wait(days=8)
    shown = told(await past(stage))
    assert (shown.opened, shown.ended) == (0, 0)
    assert (await past(stage)).open_now == 1
    assert told(await past(stage, within=timedelta(days=9))).opened == 3


async def test_alerts_are_counted_by_rule_from_the_hourly_sums(stage: Stage) -> None:
    await stage.take(*(firing(f"p{n}", service="pay") for n in range(3)), firing("x", service="other"))
    await rollup_job(stage).catch_up()
    assert list((await past(stage)).alerts) == [Rule("r1", "Checkout5xx", 4)]
    assert list((await past(stage, Matching(words=("pay",)))).alerts) == [Rule("r1", "Checkout5xx", 3)]


async def test_of_too_much_the_newest_is_read_and_that_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "MOST_EPISODES", 2)
    await stage.take(*(firing(f"p{n}", service=f"s{n}") for n in range(4)))
    async with stage.engines.write.begin() as connection:
        table = tables.incident_episodes
        for number in range(1, 5):
            at = await stage.now() - timedelta(hours=number)
            await connection.execute(sa.update(table).where(table.c.incident_id == number).values(opened_at=at))
    found = await past(stage)
    assert found.is_cut
    assert told(found).opened == 2
