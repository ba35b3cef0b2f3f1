"""One row says for all processes whether Slack is away: of several that write it at once, one does."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from db import tables
from db.queries.ways import AWAY
from db.unit_of_work import SqlUnitOfWork
from tests.integration.db.stage import Row, Stage


async def the_row(stage: Stage) -> Row:
    [row] = [row for row in await stage.all(tables.leases) if row["name"] == AWAY]
    return row


async def away(stage: Stage, minutes: float) -> None:
    """Since so long."""
    await stage.write(lambda uow: uow.outages.failed("http_500", locked_out=False))
    await stage.change(tables.leases, expires_at=await stage.now() - timedelta(minutes=minutes))


def after_reading(uow: SqlUnitOfWork, happens: Callable[[], Awaitable[object]]) -> None:
    """Between what ``uow`` reads next and what it writes then."""
    read = uow.gate.row

    async def then(statement: Any) -> Row | None:
        uow.gate.row = read  # type: ignore[method-assign]
        row = await read(statement)
        await happens()
        return row

    uow.gate.row = then  # type: ignore[method-assign]


async def another_writes(uow: SqlUnitOfWork, **values: Any) -> None:
    row = uow.gate.update(tables.leases).where(tables.leases.c.name == AWAY)
    await uow.gate.execute(row.values(fence=tables.leases.c.fence + 1, **values))


async def test_of_two_that_succeed_at_once_one_ends_the_outage(stage: Stage) -> None:
    await away(stage, minutes=10)

    async def late(uow: SqlUnitOfWork) -> object:
        after_reading(uow, lambda: another_writes(uow, holder="", expires_at=uow.now))
        return await uow.outages.ended()

    assert await stage.write(late) is None
    assert (await the_row(stage))["holder"] == ""


async def test_an_outage_that_began_anew_is_not_ended_by_who_saw_the_one_before(stage: Stage) -> None:
    await away(stage, minutes=10)

    async def late(uow: SqlUnitOfWork) -> object:
        after_reading(uow, lambda: another_writes(uow, holder="anew", expires_at=uow.now))
        return await uow.outages.ended()

    assert await stage.write(late) is None
    assert (await the_row(stage))["holder"] == "anew"


async def test_whoever_begins_an_outage_second_leaves_it_as_it_began(stage: Stage) -> None:
    await away(stage, minutes=1)
    await stage.write(lambda uow: uow.outages.ended())

    async def late(uow: SqlUnitOfWork) -> bool:
        begun = uow.now - timedelta(minutes=4)
        after_reading(uow, lambda: another_writes(uow, holder="first", expires_at=begun))
        return await uow.outages.failed("second", locked_out=False)

    assert await stage.write(late) is False
    row = await the_row(stage)
    assert row["holder"] == "first"
    assert await stage.now() - row["expires_at"] >= timedelta(minutes=4)
