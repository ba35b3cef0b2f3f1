"""The same body comes again, after silence closed what it tells of."""

from datetime import timedelta

from db import tables
from incidents.model import Resolution
from tests.building import T0, firing
from tests.integration.db.anything import nothing_is_miscounted
from tests.integration.db.stage import Stage


async def test_it_is_no_duplicate_but_opens_an_incident_that_it_is_in(stage: Stage) -> None:
    """Its sender says the same again and again, so often that none of it counted as heard."""
    await stage.take(firing(), body="same")
    await stage.change(tables.incidents, last_alert_time=T0, start_time=T0, check_at=T0)
    await stage.look()
    assert (await stage.incident(1)).resolution is Resolution.STALE
    await stage.change(tables.incidents, resolved_time=await stage.now() - timedelta(minutes=11))
    again = await stage.take(firing(), body="same")
    assert (again.alerts, again.incidents, again.duplicate_of) == (1, ("INC-2",), None)
    await nothing_is_miscounted(stage)
