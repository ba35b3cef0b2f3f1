"""A series that was in a newer incident meanwhile comes back to an older one, which somebody has opened again."""

import pytest

from incidents import actions
from incidents.model import Status
from tests.building import ALICE, firing, resolved
from tests.integration.db.anything import nothing_is_miscounted
from tests.integration.db.stage import Stage


@pytest.fixture
async def returned(stage: Stage) -> Stage:
    """Its series fires in INC-1, where it was first; INC-2, where it was then, is closed."""
    await stage.take(firing(since=0))
    await close(stage, 1)
    await stage.take(firing(since=1))
    await close(stage, 2)
    await stage.write(lambda uow: actions.reopen(1, by=ALICE, uow=uow))
    await stage.take(firing(since=2))
    return stage


async def close(stage: Stage, incident_id: int) -> None:
    """For so long that what fires opens another."""
    await stage.write(lambda uow: actions.resolve(incident_id, by=ALICE, uow=uow))
    await stage.wait(minutes=11)


async def test_it_is_counted_where_it_is(returned: Stage) -> None:
    assert [(await returned.incident(number)).firing for number in (1, 2)] == [1, 0]
    await nothing_is_miscounted(returned)


async def test_told_again_it_is_no_news(returned: Stage) -> None:
    assert (await returned.take(firing(since=2))).reasons[0].value == "resent"


async def test_its_end_ends_the_older_incident(returned: Stage) -> None:
    assert (await returned.take(resolved(since=2))).reasons[0].value == "recovered"
    assert (await returned.incident(1)).status is Status.RESOLVED
    await nothing_is_miscounted(returned)


async def test_of_two_that_were_closed_the_one_that_was_closed_last_reopens(stage: Stage) -> None:
    """Though the series that fires was in the other, which is newer, and has been closed for too long."""
    await stage.take(firing("pod-a", since=0))
    await close(stage, 1)
    await stage.take(firing("pod-b", since=0))
    await close(stage, 2)
    await stage.write(lambda uow: actions.reopen(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    again = await stage.take(firing("pod-b", since=1))
    assert (again.incidents, again.reasons[0].value) == (("INC-1",), "within_reopen_window")
    await nothing_is_miscounted(stage)
