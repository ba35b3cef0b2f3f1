"""Two tenants that could be mistaken for each other: the same keys, numbers, services, names and people.

Everything of the second has the canary in it, so that whoever is shown any of it is seen to be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, DateTime, Double, Integer, LargeBinary, String, Table, Text

from db import tables
from db.engine import Engines
from db.types import JsonText, UtcDateTime
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.access.model import KeyRole, NewKey, digest_of, hint_of
from incidents.ingest import reject
from incidents.maintenance.model import Scope
from incidents.maintenance.plan import Plan, plan
from incidents.model import AlertStatus, RejectedDelivery
from incidents.policy import Policy
from incidents.schedules import Layer, Rotation, Schedule
from incidents.tenants.model import DEFAULT_ID
from tests.building import ALICE, T0, an_alert
from tests.integration.db.stage import Stage

OURS, THEIRS = DEFAULT_ID, 2
CANARY = "zq-canary"
CHANNEL, THREAD = "C0INCIDENTS", "1700000000.000001"
WEEK = Schedule("payments", ZoneInfo("UTC"), (Layer("all", Rotation(("U0BOB",))),))
POLICY = Policy(schedules={"payments": WEEK})
ONLY_THEIRS = 3
"""A number that the second tenant has an incident of, and the first has not."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class TwoTenants:
    """``ids``: by table, the newest row of theirs."""

    ours: Stage
    theirs: Stage
    ids: Mapping[str, int]

    @property
    def theirs_incident(self) -> int:
        """The id of the one whose number we have not."""
        return self.ids["incidents"]

    async def rows_of_theirs(self, *of: Table) -> dict[str, Sequence[Mapping[str, Any]]]:
        """All of them, by table; ``of``: of these alone."""
        return await rows_of(self.theirs, THEIRS, of)


async def two_tenants(engines: Engines) -> TwoTenants:
    """On migrated databases."""
    ours, theirs = (Stage.on(engines, tenant_id=tenant, policy=POLICY) for tenant in (OURS, THEIRS))
    async with engines.write.begin() as connection:
        told = {"id": THEIRS, "slug": "theirs", "name": "Theirs", "created_at": T0}
        await connection.execute(sa.insert(tables.tenants).values(**told))
    await _live(theirs, words=CANARY, incidents=ONLY_THEIRS)
    await _live(ours, words="ours", incidents=ONLY_THEIRS - 1)
    await _fill(theirs)
    rows = await rows_of(theirs, THEIRS)
    missing = [name for name, found in rows.items() if not found]
    assert missing == [], "every table has something of theirs"
    ids = {name: max(int(row["id"]) for row in found) for name, found in rows.items() if "id" in found[0]}
    return TwoTenants(ours, theirs, ids)


async def _live(stage: Stage, *, words: str, incidents: int) -> None:
    """What happens to a team within an hour or so."""
    for number in range(incidents):
        told = {"service": f"s{number}", "note": words}
        name = f"Checkout5xx {words}" if number + 1 == ONLY_THEIRS else "Checkout5xx"
        for pod in (1, 2):
            alert = an_alert(AlertStatus.FIRING, f"pod-{number}-{pod}", labels=told, summary=f"slow {words}")
            await stage.take(replace(alert, alert_name=name))
    sent = {"User-Agent": words}
    rejected = RejectedDelivery("grafana", f"r-{words}", "0" * 64, sent, f"bad {words}", words.encode())
    await stage.write(lambda uow: reject(rejected, uow=uow, policy=stage.policy))
    ids = [(await stage.incident(number + 1)).id for number in range(incidents)]
    await stage.write(lambda uow: actions.add_note(ids[0], text=f"it was {words}", by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.acknowledge(ids[0], by=ALICE, uow=uow))
    await stage.write(lambda uow: _maintenance(uow, words))
    await stage.write(
        lambda uow: actions.take_over(WEEK, person="U0ALICE", start=None, end=uow.now + _HOUR, by=ALICE, uow=uow)
    )
    await stage.write(lambda uow: uow.homes.opened("U0ALICE", language="en", page=0))
    key = NewKey(f"key {words}", KeyRole.READ, digest_of(words), hint_of(words), default_labels={"team": words})
    await stage.write(lambda uow: uow.api_keys.add(key, by=words))
    await _show_cards(stage)


async def _maintenance(uow: SqlUnitOfWork, words: str) -> None:
    wanted = Plan(
        token=f"V{words}", scope=Scope(service=("mail",)), start=uow.now + _HOUR, end=uow.now + 2 * _HOUR,
        zone=ZoneInfo("UTC"), channel=CHANNEL, reason=words,
    )  # fmt: skip
    await plan(wanted, by=replace(ALICE), uow=uow)


async def _show_cards(stage: Stage) -> None:
    """In the same channel and the same threads as the other tenant's: workspaces number theirs alike."""

    async def work(uow: SqlUnitOfWork) -> None:
        cards = await uow.gate.rows(uow.gate.select(tables.outbox).where(tables.outbox.c.kind == "card"))
        for place, card in enumerate(sorted(cards, key=lambda row: row["id"])):
            this = uow.gate.update(tables.outbox).where(tables.outbox.c.id == card["id"])
            ts = f"{THREAD[:-1]}{place + 1}"
            await uow.gate.execute(this.values(channel_id=CHANNEL, ts=ts, sent_rev=card["desired_rev"], due_at=None))

    await stage.write(work)


async def _fill(stage: Stage) -> None:
    """A row in every table that has none of theirs: so a table that is new is covered, too."""
    for table in _tenants_tables():
        async with stage.engines.write.begin() as connection:
            found = await connection.execute(sa.select(table).where(table.c.tenant_id == THEIRS).limit(1))
            if found.first() is None:
                owners = await _owners(connection)
                await connection.execute(sa.insert(table).values(**_made_up(table, owners)))


async def _owners(connection: Any) -> dict[str, int]:
    """An id of theirs for each table that others point at."""
    owners = {}
    for table in (tables.incidents, tables.deliveries, tables.alerts, tables.outbox, tables.incident_events):
        owners[table.name] = await connection.scalar(
            sa.select(sa.func.max(table.c.id)).where(table.c.tenant_id == THEIRS)
        )
    return owners


def _made_up(table: Table, owners: Mapping[str, int]) -> dict[str, Any]:
    row: dict[str, Any] = {"tenant_id": THEIRS}
    for column in table.c:
        is_numbered = column.primary_key and column.autoincrement is True
        if column.name != "tenant_id" and column.computed is None and not is_numbered:
            row[column.name] = _NAMED.get((table.name, column.name)) or _value(column, owners)
    return row


_NAMED = {("approvals", "wanted"): "resolve", ("approvals", "outcome"): "open"}
"""Where only certain names make sense."""


def _value(column: Column[Any], owners: Mapping[str, int]) -> Any:
    of = {"incident_id": "incidents", "delivery_id": "deliveries", "alert_id": "alerts", "outbox_id": "outbox"}
    for key in column.foreign_keys:
        return owners[key.column.table.name]
    match column.type:
        case Boolean():
            return False
        case Integer():
            return owners.get(of.get(column.name, ""), 1)
        case Double():
            return 1.0
        case UtcDateTime() | DateTime():
            return T0
        case JsonText():
            return {"told": CANARY}
        case LargeBinary():
            return CANARY.encode()
        case String() as text if text.length is not None:
            return f"{CANARY} {column.name}"[: text.length]
        case Text() | String():
            return CANARY
    raise AssertionError(f"{column}: say here what a made-up one looks like")


def _tenants_tables() -> list[Table]:
    return [table for table in tables.metadata.sorted_tables if "tenant_id" in table.c]


async def rows_of(stage: Stage, tenant_id: int, of: Sequence[Table] = ()) -> dict[str, Sequence[Mapping[str, Any]]]:
    return {
        table.name: await stage.rows(
            sa.select(table).where(table.c.tenant_id == tenant_id).order_by(*table.primary_key.columns)
        )
        for table in of or _tenants_tables()
    }
