"""The tenant gate: the one way in which queries reach the database.

Statements are begun here, so that each carries its tenant; a test listens to the engine and fails on any other.
"""

from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Delete,
    Executable,
    Insert,
    Select,
    Subquery,
    Table,
    UnaryExpression,
    Update,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.operators import custom_op

from db import binary, bulk, direct
from db.binary import Many
from db.direct import Packet, Said, Statement
from db.together import ask, one_by_one, take_turns
from incidents.errors import Conflict

_ID_STEP = "SELECT @@auto_increment_increment"
_MOST_LEFT = 1024 * 1024
"""Characters of statements that are left to be said later: far below every server's packet limit."""

_NOT_BY_INDEX = cast("Any", custom_op("+", precedence=100))

Row = Mapping[str, Any]
"""A row by column names."""


def prepared(table: Table, *columns: Any) -> Select[Any]:
    """The same SELECT as ``Gate.select``, to be built once and run often: it costs a fraction then.

    Its other values are ``bindparam``s, which ``Gate.prepared_rows`` is given.
    """
    return select(*(columns or (table,))).select_from(table).where(table.c.tenant_id == bindparam("of_tenant"))


def prepared_narrow(table: Table, *columns: Any) -> Select[Any]:
    """The same as ``Gate.select_narrow``."""
    return select(*(columns or (table,))).select_from(table).where(_narrow(table) == bindparam("of_tenant"))


def prepared_found(table: Table, found: Subquery) -> Select[Any]:
    """The rows with the ids of ``found``, one after the other as it has them."""
    by_id = found.join(table, table.c.id == found.c.id)
    rows = select(table).select_from(by_id).where(_narrow(table) == bindparam("of_tenant"))
    return rows.prefix_with("STRAIGHT_JOIN", dialect="mysql")


def prepared_update(table: Table) -> Update:
    """The same as ``Gate.update``, for ``Gate.prepared_change``. What is set to nothing is ``null()``."""
    return update(table).where(table.c.tenant_id == bindparam("of_tenant"))


def _narrow(table: Table) -> UnaryExpression[int]:
    return UnaryExpression(table.c.tenant_id, operator=_NOT_BY_INDEX, type_=table.c.tenant_id.type)


def by_index(name: str) -> str:
    """A hint for MySQL: of many keys in a small table it would rather read, and lock, all that a tenant has."""
    return f"FORCE INDEX ({name})"


def among(name: str) -> BindParameter[Any]:
    """A list of values of a prepared statement, for ``column.in_(…)``."""
    return bindparam(name, expanding=True)


class Gate:
    """A connection inside a transaction that sees one tenant. ``now`` is the database's clock, aware UTC.

    ``id_step`` is by how much the ids of rows that one INSERT makes differ. ``in_cluster``: the server is one of
    several that take writes. A row that is locked is free on the others; of two that change it, one is rolled back.

    On MySQL, writes whose answer tells nothing are left until something is asked, or the transaction ends: they go to
    the server in front of it, in the same round trip. Those of many rows are sent at once, in binary where the server
    takes that, and nobody waits for them before that time either. So what is read is always what was written, and an
    error of a write comes from whatever is said next, at the latest from ``settle``.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        *,
        tenant_id: int,
        now: datetime,
        id_step: int = 1,
        in_cluster: bool = False,
    ) -> None:
        self.connection = connection
        self.tenant_id = tenant_id
        self.now = now
        self.in_cluster = in_cluster
        self._id_step = id_step
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._left: list[Statement] = []
        self._left_size = 0
        self._takes_turns = False
        self._sent: Packet | None = None

    def select(self, table: Table, *columns: Any) -> Select[Any]:
        """``SELECT columns`` (all, where none are named) of this tenant's rows."""
        return select(*(columns or (table,))).select_from(table).where(table.c.tenant_id == self.tenant_id)

    def select_narrow(self, table: Table, *columns: Any) -> Select[Any]:
        """The same for rows that another condition finds better than the tenant, which nearly all rows share.

        SQLite, which has no statistics, might look them up by the tenant alone. A ``+`` forbids it:
        https://sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_
        """
        return select(*(columns or (table,))).select_from(table).where(_narrow(table) == self.tenant_id)

    def update(self, table: Table) -> Update:
        return update(table).where(table.c.tenant_id == self.tenant_id)

    def delete(self, table: Table) -> Delete:
        return delete(table).where(table.c.tenant_id == self.tenant_id)

    def insert(self, table: Table, **values: Any) -> Insert:
        return insert(table).values(tenant_id=self.tenant_id, **values)

    async def insert_many(self, table: Table, rows: Sequence[Row]) -> None:
        """All have the same columns."""
        await self._insert(table, rows)

    async def insert_many_or_keep(self, table: Table, rows: Sequence[Row], *, unique: Sequence[str]) -> None:
        """The same, leaving rows with the same unique columns as they are."""
        await self._insert(table, rows, bulk.on_conflict_keep(table, unique, self.connection.dialect))

    async def insert_many_or_update(self, table: Table, rows: Sequence[Row], *, unique: Sequence[str]) -> None:
        """The same, overwriting the other columns of rows with the same unique columns."""
        if rows:
            await self._insert(table, rows, bulk.on_conflict_update(list(rows[0]), unique, self.connection.dialect))

    async def replace_many(self, table: Table, rows: Sequence[Row]) -> None:
        """The same, in the place of rows with the same unique columns, whose ids are gone then."""
        await self._insert(table, rows, verb="REPLACE")

    async def insert_numbered(self, table: Table, rows: Sequence[Row]) -> list[int]:
        """The same; their ids, in their order.

        One statement with a known number of rows gets consecutive ids, whatever others insert meanwhile:
        https://dev.mysql.com/doc/refman/8.0/en/innodb-auto-increment-handling.html

        Raises Conflict where a node has joined a cluster, or left it, since the transaction began: then they may not be
        known.
        """
        ids: list[int] = []
        for some in bulk.chunks(rows):
            if self._is_sqlite:
                ids += [await self._insert_one_of(table, row) for row in some]
            else:
                first = (await self._ask(_on(table, f"INSERT{bulk.mysql_insert(table, some, self.tenant_id)}"))).last_id
                ids += [first + place * self._id_step for place in range(len(some))]
        if self.in_cluster and len(ids) > 1:
            await self._require_id_step()
        return ids

    async def _require_id_step(self) -> None:
        """A cluster sets it to the number of its nodes, for sessions that are open, too.

        https://galeracluster.com/library/documentation/galera-parameters.html (wsrep_auto_increment_control)
        """
        said = await self._ask(Statement(_ID_STEP, _ID_STEP))
        if int(said.rows[0][0]) != self._id_step:
            raise Conflict("the number of the cluster's nodes has changed")

    async def update_many(self, table: Table, rows: Sequence[Row]) -> None:
        """Overwrite the other columns of the rows with these ``id``s. All have the same columns.

        Among them must be those that name a row of another table and may not be NULL, also where they do not change.
        This transaction has locked them, or the incident that they belong to, so they are there, and this tenant's.
        """
        for some in bulk.chunks(rows):
            if self._is_sqlite:
                told = [{name: value for name, value in row.items() if name != "id"} for row in some]
                ids = [row["id"] for row in some]
                values = zip(bulk.sqlite_parameters(table, told), ids, strict=True)
                every = [(*row, id_, self.tenant_id) for row, id_ in values]
                await self.connection.exec_driver_sql(bulk.sqlite_update(table, list(told[0])), every)
            elif self._goes_in_binary(some):
                await self._send(binary.update(table, some, self.tenant_id, self.connection.dialect))
            else:
                await self._leave(_on(table, bulk.mysql_update(table, some, self.tenant_id, self.connection.dialect)))

    async def _insert(self, table: Table, rows: Sequence[Row], conflict: str = "", *, verb: str = "INSERT") -> None:
        for some in bulk.chunks(rows):
            if self._is_sqlite:
                every = [(self.tenant_id, *row) for row in bulk.sqlite_parameters(table, some)]
                await self.connection.exec_driver_sql(verb + bulk.sqlite_insert(table, list(some[0])) + conflict, every)
            elif self._goes_in_binary(some):
                await self._send(binary.insert(verb, table, some, self.tenant_id, conflict))
            else:
                await self._leave(_on(table, verb + bulk.mysql_insert(table, some, self.tenant_id) + conflict))

    def _goes_in_binary(self, rows: Sequence[Row]) -> bool:
        if len(rows) < binary.WORTH or direct.goes_apart(self.connection):
            return False
        return direct.takes_many(self.connection)

    async def _insert_one_of(self, table: Table, row: Row) -> int:
        [told] = bulk.sqlite_parameters(table, [row])
        text = f"INSERT{bulk.sqlite_insert(table, list(row))}"
        return (await self.connection.exec_driver_sql(text, (self.tenant_id, *told))).lastrowid

    async def together(self, *work: Coroutine[Any, Any, Any]) -> tuple[Any, ...]:
        """What each of these returns. What they ask first goes to the server at once, in their order; and so on.

        They must not depend on each other. On SQLite, where nothing is a round trip, one runs after the other.
        """
        if self._is_sqlite:
            return await one_by_one(work)
        return await take_turns(work, self._say_all, self._let)

    def _let(self, takes_turns: bool) -> None:
        self._takes_turns = takes_turns

    async def settle(self) -> None:
        """Say what is left to be said. Raises DBAPIError."""
        if self._left or self._sent is not None:
            await self._say_all([])

    async def give_up(self) -> None:
        """The transaction has failed: where an answer is on its way, the connection can't be used any more."""
        if self._sent is not None:
            self._sent.give_up()
            await self.connection.invalidate()

    async def commit(self) -> None:
        """Say what is left, with COMMIT behind it. Where nothing is left SQLAlchemy commits. Raises DBAPIError."""
        if not self._left or direct.goes_apart(self.connection):
            await self.settle()
            return
        await self._say_all([direct.COMMIT])
        direct.note_commit(self.connection)

    async def _leave(self, statement: Statement) -> None:
        """To be said with whatever comes next."""
        self._left.append(statement)
        self._left_size += len(statement.text)
        if self._left_size > _MOST_LEFT:
            await self.settle()

    async def _send(self, many: Many) -> None:
        """After what is left, at once: the server works on it while what else is to be written is being made."""
        await self.settle()
        self._sent = Packet(self.connection, many)
        self._sent.send()

    async def _ask(self, statement: Statement) -> Said:
        if self._takes_turns:
            return await ask(statement)
        [said] = await self._say_all([statement])
        return said

    async def _say_all(self, asked: Sequence[Statement]) -> Sequence[Said]:
        """After what was sent, and what is left: the answers to ``asked``."""
        sent, self._sent = self._sent, None
        if sent is not None:
            await sent.answers()
        left, self._left, self._left_size = self._left, [], 0
        said = await direct.say_all(self.connection, [*left, *asked]) if left or asked else []
        return said[len(left) :]

    async def insert_one(self, table: Table, **values: Any) -> int:
        """Insert a row and return its id."""
        result = await self.execute(self.insert(table, **values))
        key = result.inserted_primary_key
        return int(key[0]) if key is not None else 0

    async def execute(self, statement: Executable, parameters: Sequence[Row] | None = None) -> CursorResult[Any]:
        await self.settle()
        result: CursorResult[Any] = await self.connection.execute(statement, parameters)
        return result

    async def changed(self, statement: Update | Delete) -> int:
        """Run it; how many rows it matched."""
        return (await self.execute(statement)).rowcount

    async def prepared_rows(self, statement: Select[Any] | CompoundSelect[Any], **values: Any) -> Sequence[Row]:
        """``values``: of a prepared statement, to which the tenant is added."""
        told = {"of_tenant": self.tenant_id, **values}
        if not self._is_sqlite:
            form = direct.form_of(statement, self.connection)
            said = await self._ask(Statement(form.filled(told), form.told))
            return [form.row(row) for row in said.rows]
        return _mappings(await self.connection.execute(statement, told))

    async def prepared_change(self, statement: Update, **values: Any) -> Said:
        """The same of an UPDATE."""
        told = {"of_tenant": self.tenant_id, **values}
        if not self._is_sqlite:
            return await self._ask(self._filled(statement, told))
        result = await self.connection.execute(statement, told)
        return Said((), result.rowcount, result.lastrowid)

    async def prepared_write(self, statement: Update, **values: Any) -> None:
        """The same where nobody asks what it matched."""
        told = {"of_tenant": self.tenant_id, **values}
        if self._is_sqlite:
            await self.connection.execute(statement, told)
        else:
            await self._leave(self._filled(statement, told))

    def _filled(self, statement: Update, values: Mapping[str, Any]) -> Statement:
        form = direct.form_of(statement, self.connection)
        return Statement(form.filled(values), form.told)

    async def rows(self, statement: Executable) -> list[Row]:
        return _mappings(await self.execute(statement))

    async def row(self, statement: Executable) -> Row | None:
        return cast("Row | None", (await self.execute(statement)).mappings().first())

    async def scalar(self, statement: Executable) -> Any:
        return (await self.execute(statement)).scalar()


def _on(table: Table, text: str) -> Statement:
    return Statement(text, bulk.told(text, table))


def _mappings(result: CursorResult[Any]) -> list[Row]:
    return cast("list[Row]", list(result.mappings()))
