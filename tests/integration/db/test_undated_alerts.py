"""Senders that never tell when an alert began: it is one firing while it fires, and another after its end."""

import pytest

from db import tables
from incidents import actions
from tests.building import ALICE, a_delivery, firing, resolved, undated
from tests.integration.db.stage import Stage, the

FIRES, ENDS = undated(firing()), undated(resolved(until=None))


async def test_it_keeps_its_start_while_it_fires(stage: Stage) -> None:
    assert the(await stage.take(FIRES)) == "opened"
    [first] = await stage.all(tables.incident_series)
    assert the(await stage.take(FIRES)) == "resent"
    [second] = await stage.all(tables.incident_series)
    assert second["starts_at"] == first["starts_at"]
    stored = await stage.all(tables.alerts)
    assert {row["starts_at"] for row in stored} == {first["starts_at"]}


@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
async def test_it_fires_ends_and_fires_anew(stage: Stage, together: bool) -> None:
    alerts = [FIRES, FIRES, ENDS, ENDS, FIRES, ENDS, FIRES]
    expected = [
        "opened", "resent", "recovered", "resent", "within_reopen_window", "recovered", "within_reopen_window",
    ]  # fmt: skip
    if together:
        done = await stage.take_batch(*(a_delivery(one, body=str(n)) for n, one in enumerate(alerts)))
    else:
        done = [await stage.take(one) for one in alerts]
    assert [the(one) for one in done] == expected
    assert ((await stage.incident()).firing, (await stage.incident()).episode) == (1, 3)


async def test_the_end_of_an_unknown_one_does_not_end_what_fires_after_it(stage: Stage) -> None:
    done = await stage.take_batch(a_delivery(ENDS), a_delivery(FIRES))
    assert [the(one) for one in done] == ["unknown_series", "opened"]
    assert (await stage.incident()).is_open


async def test_closed_by_hand_it_is_told_again_and_stays_closed(stage: Stage) -> None:
    await stage.take(FIRES)
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    assert the(await stage.take(FIRES)) == "still_firing"
