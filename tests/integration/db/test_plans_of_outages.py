"""After an hour without Slack and on every slow look at a card, no query walks through a whole table."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from db.engine import Engines
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.ingest import ingest
from incidents.policy import Policy
from tests.integration.db.stage import AS_IT_IS, Stage
from tests.integration.db.test_plans import BIG, MANY, WALKS, delivery, fill, told

REST = timedelta(seconds=15)


async def an_outage(engines: Engines) -> None:
    """It has lasted for an hour, and 30 incidents wait for a card. Then a message gets through."""
    transactions = SqlTransactions(engines, tenant_id=1)
    new = [delivery(told(number)) for number in range(MANY, MANY + 30)]
    await transactions.write(lambda uow: ingest(new, uow=uow, policy=Policy()))
    ends = [delivery(told(number, firing=False)) for number in range(MANY, MANY + 20)]
    await transactions.write(lambda uow: ingest(ends, uow=uow, policy=Policy()))
    await transactions.write(lambda uow: uow.outages.failed("http_500", locked_out=False))
    async with engines.write.begin() as connection:
        await connection.execute(text("UPDATE leases SET expires_at = expires_at - INTERVAL 1 HOUR"))
    claims = await transactions.write(lambda uow: uow.publishing.claim_some(holder="here", most=4))
    [job] = claims.jobs
    missed = await transactions.write(lambda uow: uow.outages.missed(job.id))
    assert missed.total >= 30

    async def sent(uow: SqlUnitOfWork) -> None:
        await uow.publishing.sent(job, channel_id="C1", ts="9.9", rev=job.rev)
        assert await uow.outages.ended() is not None

    await transactions.write(sent)


async def a_look(engines: Engines) -> None:
    """At a card that is at rest, while nothing is due."""
    transactions = SqlTransactions(engines, tenant_id=1)
    async with engines.write.begin() as connection:
        await connection.execute(text("UPDATE outbox SET due_at = NULL, lease_until = NULL"))
        await connection.execute(text("UPDATE outbox SET ts = '1.1', channel_id = 'C1' WHERE kind = 'card'"))
        await connection.execute(text("ANALYZE TABLE outbox"))
    for _ in range(2):
        cards = await transactions.write(lambda uow: uow.reconciling.next(rest=REST, rest_after_all=REST))
    [card] = cards
    await transactions.write(lambda uow: uow.reconciling.differs(card))
    await transactions.write(lambda uow: uow.reconciling.missing(card))


async def test_no_query_of_an_outage_or_a_comparison_walks_through_a_table(mariadb_stage: Stage) -> None:
    engines = mariadb_stage.engines
    await fill(engines)
    said: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE")) and "tenant_id" in statement and not many:
            said.setdefault(statement, parameters)

    event.listen(engines.write.sync_engine, "before_cursor_execute", note)
    await an_outage(engines)
    await a_look(engines)
    event.remove(engines.write.sync_engine, "before_cursor_execute", note)
    walks = []
    async with engines.write.connect() as connection:
        for table in BIG:
            await connection.execute(text(f"ANALYZE TABLE {table}"))
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters, AS_IT_IS)).mappings().all()
            walks += [
                (row["table"], row["type"], statement) for row in plan if row["table"] in BIG and row["type"] in WALKS
            ]
    assert len(said) > 20
    assert walks == []
