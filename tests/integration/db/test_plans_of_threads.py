"""What a reply, an edit or a pin costs beside years of them: each of its statements is explained by MariaDB."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from db.engine import Engines
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.actions.thread_notes import delete_reply, edit_reply, note_reply
from incidents.actions.timeline_entry import add_message, pin, unpin
from incidents.model import Actor
from incidents.threads import Spoken
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans import BIG, WALKS, fill

ALICE = Actor.slack("U0ALICE")
ALL = (*BIG, "told_messages", "slack_events", "former_cards")
PAST = (
    "UPDATE outbox SET channel_id = 'C0INCIDENTS', ts = CONCAT('17.', id) WHERE ts IS NOT NULL",
    """
    INSERT INTO told_messages (tenant_id, channel_id, ts, incident_id, kind, event_id, author, text, is_clipped, files,
      edited_ts, is_gone)
    SELECT 1, 'C0INCIDENTS', CONCAT('18.', seq), 1 + seq MOD 2000, 'note', 1000000 + seq, 'U0BOB', 'x', 0, 0, '', 0
    FROM seq_1_to_20000
    """,
    """
    INSERT INTO slack_events (tenant_id, event_id, received_at)
    SELECT 1, CONCAT('Ev', seq), '2026-01-01' FROM seq_1_to_20000
    """,
    """
    INSERT INTO former_cards (tenant_id, channel_id, ts, incident_id)
    SELECT 1, 'C0INCIDENTS', CONCAT('16.', seq), 1 + seq MOD 2000 FROM seq_1_to_20000
    """,
)


@pytest.fixture
def engines(mariadb_stage: Stage) -> Engines:
    """MariaDB's alone: its plans are what is looked at."""
    return mariadb_stage.engines


async def past(engines: Engines) -> None:
    await fill(engines)
    async with engines.write.begin() as connection:
        for statement in PAST:
            await connection.execute(text(statement))
        for table in ALL:
            await connection.execute(text(f"ANALYZE TABLE {table}"))


async def an_evening(transactions: SqlTransactions) -> None:
    """People talk below a card, and elsewhere."""

    async def do(work: Callable[[SqlUnitOfWork], Awaitable[object]]) -> None:
        await transactions.write(work)

    said = Spoken("C0INCIDENTS", "19.1", "U0ALICE", "hi")
    await do(lambda uow: uow.threads.hear("EvNew"))
    for thread in ("17.20", "16.7", "15.1"):
        await transactions.read(lambda uow, thread=thread: uow.threads.incident_of("C0INCIDENTS", thread))
    await transactions.read(lambda uow: uow.threads.has_cards("C0INCIDENTS"))
    await transactions.read(lambda uow: uow.threads.has_cards("C0GENERAL"))
    await do(lambda uow: note_reply(5, said, uow=uow))
    await do(lambda uow: edit_reply(5, said, edited_ts="19.2", uow=uow))
    await do(lambda uow: pin(5, said, at="19.3", by=ALICE, uow=uow))
    await do(lambda uow: unpin(5, said, at="19.4", by=ALICE, uow=uow))
    await do(lambda uow: delete_reply(5, "C0INCIDENTS", "19.1", uow=uow))
    other = Spoken("C0GENERAL", "19.5", "U0BOB", "look")
    await do(lambda uow: add_message(5, other, is_in_thread=False, by=ALICE, uow=uow))
    await transactions.read(lambda uow: uow.views.incident(5))
    await transactions.read(lambda uow: uow.timeline.of(5, limit=10))
    await transactions.read(lambda uow: uow.threads.choices(limit=100))

    async def forget(uow: SqlUnitOfWork) -> None:
        assert await uow.threads.forget(before=uow.now, limit=500) == 500

    await do(forget)


async def test_no_query_walks_through_a_table(engines: Engines) -> None:
    await past(engines)
    said: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            said.setdefault(statement, parameters)

    event.listen(engines.write.sync_engine, "before_cursor_execute", note)
    await an_evening(SqlTransactions(engines, tenant_id=1))
    event.remove(engines.write.sync_engine, "before_cursor_execute", note)

    walks = []
    async with engines.write.connect() as connection:
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            walks += [
                (row["table"], row["type"], statement) for row in plan if row["table"] in ALL and row["type"] in WALKS
            ]
    assert len(said) > 15
    assert walks == []
