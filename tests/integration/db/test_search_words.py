"""Incidents get their words once, in the order of their numbers, whoever gives them."""

import asyncio
import contextlib
from collections.abc import Callable

from db.search_tables import incident_words
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.listing import IncidentsWanted, Sort
from incidents.search.following import catch_up_before_search
from incidents.search.words import words_of
from jobs.search_words import SearchWords
from tests.building import ALICE, a_delivery, firing
from tests.integration.db.past import no_rest
from tests.integration.db.stage import Stage


async def open_some(stage: Stage, count: int) -> None:
    await stage.take_batch(a_delivery(*(firing(f"pod-{n}", service=f"service-{n}") for n in range(count))))


async def words(stage: Stage) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for row in await stage.all(incident_words):
        found.setdefault(row["incident_id"], set()).add(row["word"])
    return found


async def test_the_job_gives_all_their_words_however_many_processes_run(
    stage: Stage, another_process: Callable[[], Stage]
) -> None:
    await open_some(stage, 7)
    while True:
        steps = await asyncio.gather(
            *(one.write(lambda uow: uow.search_words.follow(limit=2)) for one in (stage, another_process()))
        )
        assert all(step.incidents <= 2 for step in steps)
        if not any(step.more or step.busy for step in steps):
            break
    incident = await stage.incident(7)
    given = await words(stage)
    assert len(given) == 7
    assert given[incident.id] == set(words_of(incident.title, incident.alert_name, incident.place.service))
    assert not await stage.read(lambda uow: uow.search_words.is_behind())
    await stage.take(firing("pod-x", service="late"))
    await SearchWords(stage.transactions, rest=no_rest).tick()
    assert len(await words(stage)) == 8


class Undone(Exception):
    """Raised on purpose."""


async def test_what_was_undone_is_not_passed_over(stage: Stage) -> None:
    """Numbers are given back with what had them, so the next has the same."""
    await open_some(stage, 1)
    await stage.write(lambda uow: uow.search_words.follow(limit=9))

    async def undone(uow: SqlUnitOfWork) -> None:
        await uow.incidents.next_numbers(1)
        raise Undone

    for _ in range(2):
        with contextlib.suppress(Undone):
            await stage.write(undone)
    await stage.take(firing("pod-x", service="next"))
    await catch_up_before_search(stage.transactions)
    found = await stage.read(
        lambda uow: uow.listing.incidents(IncidentsWanted(words=("next",)), sort=Sort.NEWEST, after=None, limit=9)
    )
    assert [one.number for one in found.incidents] == [2]


async def test_a_title_that_was_changed_is_found_by_what_it_says_now(stage: Stage) -> None:
    await open_some(stage, 1)
    await stage.write(lambda uow: uow.search_words.follow(limit=9))
    incident = await stage.incident()
    await stage.write(lambda uow: actions.set_title(incident.id, to="Payments are slow", by=ALICE, uow=uow))
    given = (await words(stage))[incident.id]
    assert {"payments", "slow"} <= given
    assert "above" not in given
