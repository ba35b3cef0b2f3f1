"""On a node of a Galera cluster: what is locked there is free on the others, and nodes come and go.

One MariaDB stands in for a node, as it is told that it is one. `make marathon ARGS="--only galera"` has a real cluster.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from db import tables
from db.transactions import Work
from db.unit_of_work import SqlUnitOfWork
from incidents.errors import InvalidInput
from incidents.pages import NewPage
from tests.building import firing
from tests.integration.db.breaking import Broken, breaking
from tests.integration.db.stage import Stage

EVENT = {"kind": "note", "actor": "system", "at": datetime(2026, 1, 1, tzinfo=UTC), "data": {}, "episode": 1}


@pytest.fixture
def node(mariadb_stage: Stage) -> Stage:
    @event.listens_for(mariadb_stage.engines.write.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SET @bongsu_cluster = 1")
        cursor.close()

    return mariadb_stage


async def token(uow: SqlUnitOfWork) -> str:
    found: str = await uow.gate.scalar(uow.gate.select(tables.incidents, tables.incidents.c.batch_token))
    return found


async def test_whoever_locks_an_incident_writes_to_it(node: Stage) -> None:
    await node.take(firing())

    async def each_way(uow: SqlUnitOfWork) -> list[str]:
        incident = await uow.incidents.lock(1)
        tokens = [await token(uow)]
        await uow.incidents.lock_for(keys=[incident.incident_key], ids=(), resolved_since=uow.now)
        tokens.append(await token(uow))
        await uow.incidents.lock_free([1])
        tokens.append(await token(uow))
        await uow.gate.execute(uow.gate.update(tables.incidents).values(check_at=uow.now))
        assert len(await uow.incidents.lock_due(limit=1)) == 1
        return [*tokens, await token(uow)]

    before = await node.write(token)
    after = await node.write(each_way)
    assert len({before, *after}) == 5


async def test_of_two_nodes_that_claim_one_message_one_posts_it(node: Stage) -> None:
    """Both find it free. Who comes second is told so at COMMIT, runs again, and finds that the other has it."""
    await node.take(firing())
    claimed: list[int] = []

    async def claim(uow: SqlUnitOfWork, holder: str = "here") -> int:
        claimed.append(len((await uow.publishing.claim_some(holder=holder, most=1)).jobs))
        return claimed[-1]

    async def claim_second(uow: SqlUnitOfWork) -> int:
        if claimed == [1]:
            await node.write(partial(claim, holder="elsewhere"))
        return await claim(uow)

    with breaking(node.engines.write) as counting, pytest.raises(InvalidInput):
        await node.write(partial(_and_no_more, claim))
    claimed.clear()
    with breaking(node.engines.write, Broken.DEADLOCK, at=len(counting.said) + 1) as breaker:
        assert await node.write(claim_second) == 0
    assert (claimed, breaker.faults) == ([1, 1, 0], [])


async def _and_no_more(work: Work[int], uow: SqlUnitOfWork) -> None:
    await work(uow)
    raise InvalidInput("x", "rolled back")


async def test_whoever_joins_a_page_that_waits_writes_to_it(node: Stage) -> None:
    async def join(uow: SqlUnitOfWork) -> str | None:
        page = await uow.outbox.add_page(NewPage(0, "#a", "page:1", uow.now.replace(year=9000)))
        assert await uow.outbox.waiting_page("#a", after=uow.now) == page
        outbox = tables.outbox
        told: str | None = await uow.gate.scalar(
            uow.gate.select(outbox, outbox.c.lease_holder).where(outbox.c.id == page)
        )
        return told

    assert await node.write(join)


async def test_ids_are_not_guessed_while_nodes_come_and_go(node: Stage) -> None:
    """A cluster changes the step of ids for sessions that are open, too, in the midst of a transaction."""
    await node.take(firing())
    rows = [{**EVENT, "incident_id": 1, "actor": name} for name in ("one", "other")]
    runs: list[str] = []

    async def while_one_joins(uow: SqlUnitOfWork) -> list[int]:
        runs.append("run")
        if len(runs) == 1:
            await uow.gate.connection.execute(sa.text("SET SESSION auto_increment_increment = 3"))
        return await uow.gate.insert_numbered(tables.incident_events, rows)

    ids = await node.write(while_one_joins)
    found = {row["id"]: row["actor"] for row in await node.all(tables.incident_events)}
    assert [found[id_] for id_ in ids] == ["one", "other"]
    assert len(runs) == 2
