"""What looks like news, and what looks like none, of an incident that was closed."""

from datetime import timedelta

from db import tables
from incidents import actions
from incidents.model import Resolution
from tests.building import ALICE, T0, a_delivery, firing, resolved
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


async def test_an_end_that_makes_a_later_beginning_old_news_leaves_no_empty_incident(stage: Stage) -> None:
    """Of one batch, in which the end comes first; the incident of the series was closed long ago."""
    await stage.take(firing())
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    await stage.wait(minutes=11)
    done = await stage.take_batch(a_delivery(resolved(since=1)), a_delivery(firing(since=1)))
    assert [one.reasons[0].value for one in done] == ["ended_after_closing", "resent"]
    assert [row["number"] for row in await stage.all(tables.incidents)] == [1]
    await nothing_is_miscounted(stage)
    assert (await stage.take(firing("pod-b", since=2))).incidents == ("INC-2",)
