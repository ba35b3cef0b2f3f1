"""Merging while alerts arrive in other processes: nothing is lost, counted wrongly, or in two incidents."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest

from db import tables
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.errors import Refused
from incidents.history import Past
from incidents.ingest import ingest
from tests.building import ALICE, BOB, a_delivery, firing, resolved
from tests.integration.db.anything import nothing_is_miscounted
from tests.integration.db.stage import Stage

AnotherProcess = Callable[[], Stage]


async def each_series_is_in_one_incident(stage: Stage) -> None:
    rows = await stage.all(tables.incident_series)
    firing_in = Counter(row["series_key"] for row in rows if row["status"] == "firing")
    assert set(firing_in.values()) <= {1}
    open_keys = [row["open_key"] for row in await stage.all(tables.incidents) if row["open_key"]]
    assert len(set(open_keys)) == len(open_keys)


async def test_merges_and_undos_while_alerts_of_both_arrive(another_process: AnotherProcess) -> None:
    processes = [another_process() for _ in range(3)]
    people, *senders = processes
    await people.take(firing("a-0", service="a"))
    await people.take(firing("b-0", service="b"))
    ids = [(await people.incident(number)).id for number in (1, 2)]

    async def arrive(process: Stage, who: int) -> None:
        for turn in range(12):
            names = [f"{service}-{who}-{turn}" for service in "ab"]
            await process.take(*(firing(name, service=name[0], since=turn) for name in names))
            if turn % 3 == 2:
                await process.take(*(resolved(name, service=name[0], since=turn, until=turn + 1) for name in names))

    async def merge_and_undo() -> None:
        for turn in range(10):
            child, parent = ids if turn % 2 else reversed(ids)
            for act in (
                lambda uow, c=child, p=parent: actions.merge(c, into=p, by=ALICE, uow=uow),
                lambda uow, c=child: actions.unmerge(c, by=BOB, uow=uow),
            ):
                with suppress(Refused):  # somebody else was faster
                    await people.write(act)

    await asyncio.gather(*(arrive(process, who) for who, process in enumerate(senders)), merge_and_undo())
    await nothing_is_miscounted(people)
    await each_series_is_in_one_incident(people)
    assert len(await people.all(tables.alerts)) == 2 + 2 * (12 * 2 + 4 * 2)
    assert len(await people.all(tables.incidents)) == 2


async def test_where_a_keys_alerts_go_is_read_again_under_the_lock(stage: Stage) -> None:
    """Intake has read that they go elsewhere; before it has locked that, the merge is undone."""
    await stage.take(firing("a-0", service="a"))
    await stage.take(firing("b-0", service="b"))
    parent, child = [(await stage.incident(number)).id for number in (1, 2)]
    await stage.write(lambda uow: actions.merge(child, into=parent, by=ALICE, uow=uow))
    key, now = (await stage.incident(2)).incident_key, await stage.now()
    before = await stage.read(lambda uow: uow.episodes.past_of([key], opened_since=now, alive_since=now))
    assert before.aliases
    await stage.write(lambda uow: actions.unmerge(child, by=BOB, uow=uow))
    await stage.take(resolved("b-0", service="b"))
    await stage.wait(minutes=120)
    told: list[Past] = [before]

    async def late(uow: SqlUnitOfWork) -> None:
        as_it_is = uow.episodes.past_of

        async def past_of(keys: Iterable[str], **since: Any) -> Past:
            return told.pop() if told else await as_it_is(keys, **since)

        uow.episodes.past_of = past_of  # type: ignore[method-assign]
        await ingest([a_delivery(firing("b-9", service="b"))], uow=uow, policy=stage.policy)

    await stage.write(late)
    homes = {row["fingerprint"]: row["incident_id"] for row in await stage.all(tables.incident_series)}
    assert homes["b-9"] not in {parent, child}
    await nothing_is_miscounted(stage)


async def test_two_who_merge_each_into_the_other_make_no_circle(another_process: AnotherProcess) -> None:
    one, other = another_process(), another_process()
    await one.take(firing("a-0", service="a"))
    await one.take(firing("b-0", service="b"))
    first, second = [(await one.incident(number)).id for number in (1, 2)]
    done = await asyncio.gather(
        one.write(lambda uow: actions.merge(first, into=second, by=ALICE, uow=uow)),
        other.write(lambda uow: actions.merge(second, into=first, by=BOB, uow=uow)),
        return_exceptions=True,
    )
    assert len([told for told in done if isinstance(told, Refused)]) == 1
    assert len([row for row in await one.all(tables.incidents) if row["status"] != "resolved"]) == 1
    with pytest.raises(Refused):
        await one.write(lambda uow: actions.merge(first, into=second, by=ALICE, uow=uow))
