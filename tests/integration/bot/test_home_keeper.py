"""Homes that nobody clicks in: kept up to date by one process, at Slack's pace, and nobody's waits for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.home import HomeKeeper
from db.home_tables import app_homes
from db.tables import leases
from incidents.ports import UnitOfWork
from tests.integration.bot.test_home import published, publishes
from tests.integration.bot.workspace import ALICE, BOB, Workspace

CAROL = "U0CAROL"


class Clock:
    """The keepers' own, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper_of(workspace: Workspace, clock: Clock) -> Callable[[str], HomeKeeper]:
    """Call it for the keeper of a process of this name."""

    def made(holder: str) -> HomeKeeper:
        return HomeKeeper(workspace.doors, workspace.homes, workspace.home_metrics, holder=holder, clock=clock)

    return made


@pytest.fixture
def keeper(keeper_of: Callable[[str], HomeKeeper]) -> HomeKeeper:
    return keeper_of("one")


async def look_at(workspace: Workspace, *users: str) -> None:
    for user in users:
        await workspace.homes.opened(user, language=None)


async def write(workspace: Workspace, work: Callable[[UnitOfWork], Awaitable[object]]) -> None:
    await workspace.doors.real.write(work, patience=timedelta(seconds=20))


async def test_all_that_were_opened_show_a_change_and_no_others(workspace: Workspace, keeper: HomeKeeper) -> None:
    await look_at(workspace, ALICE, BOB)
    await workspace.has_incident()
    await keeper.turn()
    assert ["INC-1" in await workspace.home(user) for user in (ALICE, BOB, CAROL)] == [True, True, False]


async def test_who_opened_theirs_last_comes_first(workspace: Workspace, keeper: HomeKeeper) -> None:
    await look_at(workspace, BOB, CAROL, ALICE)
    before = len(await publishes(workspace))
    await workspace.has_incident()
    await keeper.turn()
    users = [call["args"]["user_id"] for call in (await publishes(workspace))[before:]]
    assert users == [ALICE, CAROL, BOB]


async def test_nothing_is_published_while_nothing_changes(workspace: Workspace, keeper: HomeKeeper) -> None:
    await look_at(workspace, ALICE)
    for _ in range(3):
        await keeper.turn()
    assert len(await publishes(workspace)) == 1


async def test_a_change_that_a_home_does_not_show_is_not_published(workspace: Workspace, keeper: HomeKeeper) -> None:
    incident_id = await workspace.has_incident()
    await look_at(workspace, ALICE)
    incident = await workspace.incident(incident_id)
    await write(workspace, lambda uow: uow.incidents.save(incident, expected_version=incident.version))
    await write(workspace, lambda uow: uow.homes.shown(ALICE, world="", content_sha256="", view_hash=None))
    await keeper.turn()
    assert published(workspace, "changed", "shown") == 1
    home = await workspace.doors.real.read(lambda uow: uow.homes.get(ALICE))
    assert home is not None
    sha256 = home.content_sha256 or ""
    await write(workspace, lambda uow: uow.homes.shown(ALICE, world="", content_sha256=sha256, view_hash=None))
    await keeper.turn()
    assert published(workspace, "changed", "same") == 1


async def test_one_of_two_processes_keeps_them_and_the_other_when_it_has_stopped(
    workspace: Workspace, keeper_of: Callable[[str], HomeKeeper], clock: Clock
) -> None:
    one, two = keeper_of("one"), keeper_of("two")
    await look_at(workspace, ALICE)
    await one.turn()
    await workspace.has_incident()
    await two.turn()
    assert "INC-1" not in await workspace.home()
    await one.stop()
    clock.now += 6
    await two.turn()
    assert "INC-1" in await workspace.home()


async def test_the_lease_is_renewed_before_it_ends(workspace: Workspace, keeper: HomeKeeper, clock: Clock) -> None:
    await look_at(workspace, ALICE)
    await keeper.turn()
    clock.now += 14  # a call could outlast what is left of it
    await workspace.has_incident()
    await keeper.turn()
    assert "INC-1" in await workspace.home()


async def test_retry_after_is_honoured_and_nothing_is_lost(workspace: Workspace, keeper: HomeKeeper) -> None:
    await look_at(workspace, ALICE, BOB)
    await workspace.has_incident()
    await workspace.do("faults", method="views.publish", kind="ratelimited", times=1, retry_after=30)
    before = len(await publishes(workspace))
    for _ in range(3):
        await keeper.turn()
    assert len(await publishes(workspace)) - before == 1
    await write(workspace, _let_time_pass)
    await keeper.turn()
    assert ["INC-1" in await workspace.home(user) for user in (ALICE, BOB)] == [True, True]


async def _let_time_pass(uow: UnitOfWork) -> None:
    """Half a minute, for what Slack has closed."""
    gate = uow.homes._gate  # type: ignore[attr-defined]
    await gate.execute(
        gate.update(leases).where(leases.c.name.like("pace:%")).values(expires_at=gate.now - timedelta(seconds=1))
    )


@pytest.mark.parametrize("kind", ["http_500", "reset_before", "html", "error:fatal_error", "error:invalid_arguments"])
async def test_what_failed_is_tried_again_and_the_others_do_not_wait_for_it(
    workspace: Workspace, keeper: HomeKeeper, kind: str
) -> None:
    await look_at(workspace, BOB, ALICE)
    await workspace.has_incident()
    await workspace.do("faults", method="views.publish", kind=kind, times=1)
    await keeper.turn()
    assert ["INC-1" in await workspace.home(user) for user in (ALICE, BOB)] == [False, True]
    await write(workspace, _let_failures_pass)
    await keeper.turn()
    assert "INC-1" in await workspace.home(ALICE)


async def _let_failures_pass(uow: UnitOfWork) -> None:
    gate = uow.homes._gate  # type: ignore[attr-defined]
    await gate.execute(gate.update(app_homes).values(not_before=gate.now - timedelta(seconds=1)))


async def test_a_round_goes_on_where_pacing_stopped_it(workspace: Workspace, keeper: HomeKeeper) -> None:
    """So that who opened theirs last does not take all the turns while everything changes."""
    people = [ALICE, BOB, CAROL]
    await look_at(workspace, *people)
    await write(workspace, _no_more_now)
    await workspace.has_incident()
    await keeper.turn()
    assert published(workspace, "changed", "shown") == 0
    await write(workspace, _let_time_pass)
    await keeper.turn()
    assert published(workspace, "changed", "shown") == 3


async def _no_more_now(uow: UnitOfWork) -> None:
    while not await uow.homes.may_publish(urgent=False):
        pass


async def test_while_the_database_is_away_it_waits(
    workspace: Workspace, keeper: HomeKeeper, caplog: pytest.LogCaptureFixture
) -> None:
    workspace.doors.shut()
    keeper.start()
    for _ in range(200):
        if "homes wait" in caplog.text:
            break
        await asyncio.sleep(0.02)
    await keeper.stop()
    assert "homes wait" in caplog.text
