"""No query of the figures by day, nor of the list of deliveries, walks through a table."""

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import text

from db.queries import marks
from db.queries.daily_figures import FIGURES_MARK
from db.unit_of_work import SqlUnitOfWork
from incidents.daily.keeping import DAY, GroupBy, Where
from incidents.deliveries import DeliveryStatus
from incidents.model import Severity
from tests.integration.db.stage import Stage
from tests.integration.db.test_daily_figures import asked, figures_job
from tests.integration.db.test_plans_of_the_past import full, walks, while_it

__all__ = ["full"]
DAYS = 100
PLACES = 50
WHERE = (
    Where(),
    Where(services=("service-1",)),
    Where(clusters=("cluster-1", "cluster-2"), severities=(Severity.CRITICAL,)),
    Where(("service-1",), ("cluster-1",), (Severity.CRITICAL,)),
)


AGO = "UTC_TIMESTAMP(6) - INTERVAL 10 * (episodes.number - 1000) MINUTE"
EACH_ITS_OWN = f"""UPDATE incident_episodes AS episodes
    JOIN incidents ON incidents.tenant_id = 1 AND incidents.number = episodes.number
    SET episodes.incident_id = incidents.id, episodes.opened_at = {AGO}, episodes.resolved_at = {AGO},
    episodes.number = 1 WHERE episodes.number > 1000"""
"""Over 55 days: where a day is a fifth of all that there is, to read the whole table is right."""


HOURS = """INSERT INTO alert_rollups (tenant_id, hour, dimensions, rule_uid, service, cluster, severity, alerts,
    incidents, reopened, resolved_untouched)
    SELECT 1, UTC_DATE() - INTERVAL seq HOUR, SHA2(seq, 256), 'r', 's', 'c', 'info', 3, 0, 0, 0 FROM seq_0_to_5000"""


async def fill(stage: Stage) -> None:
    """As many days, of as many places, as somebody may have."""
    changed = {
        "day": f"UTC_DATE() - INTERVAL (30 + seq DIV {PLACES}) DAY",
        "dimensions": f"SHA2(seq MOD {PLACES}, 256)",
        "service": f"CONCAT('place-', seq MOD {PLACES})",
    }
    async with stage.engines.write.begin() as connection:
        for table in ("daily_figures", "daily_rules"):
            told = await connection.execute(text(f"SHOW COLUMNS FROM {table}"))
            names = [row["Field"] for row in told.mappings() if row["Field"] != "id"]
            values = ", ".join(changed.get(name, f"one.{name}") for name in names)
            one = f"(SELECT * FROM {table} WHERE grouped_by = 'service,cluster,severity' ORDER BY id LIMIT 1) AS one"
            source = f"seq_1_to_{DAYS * PLACES} JOIN {one}"
            await connection.execute(text(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {source}"))
        for table in ("daily_figures", "daily_rules"):
            await connection.execute(text(f"ANALYZE TABLE {table}"))


async def test_keeping_them_and_answering_from_them(full: Stage) -> None:
    since = await full.now() - timedelta(hours=3)
    async with full.engines.write.begin() as connection:
        await connection.execute(text(EACH_ITS_OWN))
        await connection.execute(text(HOURS))
        # Built anew: what the UPDATE has left behind in the indexes would be counted until it is purged, sometime.
        await connection.execute(text("OPTIMIZE TABLE incident_episodes"))
        await connection.execute(text("ANALYZE TABLE alert_rollups"))
    await full.write(lambda uow: marks.create(uow.gate, {FIGURES_MARK: since}))
    await figures_job(full).catch_up()
    await fill(full)

    async def work() -> None:
        await figures_job(full).rebuild(since)
        for where in WHERE:
            for group_by in (None, GroupBy.SERVICE, GroupBy.DAY):
                await asked(full, days=5, where=where, group_by=group_by)

    said = await while_it(full, work)
    assert len(said) > 25
    assert await walks(full, said) == []


async def test_listing_deliveries_costs_the_same_at_any_depth(full: Stage) -> None:
    now = await full.now()

    async def page(uow: SqlUnitOfWork, **asked: Any) -> None:
        for after in (None, (now - timedelta(days=7), 10**9)):
            await uow.deliveries.page(**({"statuses": (), "sources": (), "since": None} | asked), after=after, limit=50)

    async def work() -> None:
        both = (DeliveryStatus.REJECTED, DeliveryStatus.PROCESSED)
        await full.read(page)
        await full.read(partial(page, since=now - DAY))
        await full.read(partial(page, statuses=both, sources=("grafana",)))
        await full.read(partial(page, sources=("grafana",), since=now - 9 * DAY))

    said = await while_it(full, work)
    listing = {one: told for one, told in said.items() if "deliveries.received_at DESC" in one}
    assert len(listing) > 5
    assert await walks(full, listing) == []
    async with full.engines.write.connect() as connection:
        for statement, parameters in listing.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            assert not [row for row in plan if "filesort" in (row["Extra"] or "")], statement
            # A ref would begin with the newest of all, at any depth. None: nothing can be there.
            assert "deliveries.id <" not in statement or {row["type"] for row in plan} <= {"range", None}, statement
