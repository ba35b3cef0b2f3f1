"""What a click on a roll-up does, whom it tells what, and how the list turns its pages."""

import asyncio
import json

from bot.blocks.rollup import SERVICES, WORST, rollup
from bot.blocks.storm_clicks import Shown, value_of
from bot.blocks.storm_list import ON_A_PAGE
from db import tables
from incidents.model import Status
from incidents.outbox import NewCard, Priority
from incidents.ports import UnitOfWork
from tests.integration.bot.workspace import ALICE, BOB, Workspace

ACKNOWLEDGE, LIST = "storm_acknowledge", "storm_list"


async def a_storm(workspace: Workspace, *, of: int) -> list[int]:
    """All of them are parked; their ids."""
    ids = [await workspace.has_incident(firing=1, key=f"k{n:03}", title=f"Rule {n}") for n in range(of)]

    async def work(uow: UnitOfWork) -> None:
        await uow.outbox.add_cards([NewCard(id_, "#incidents", Priority.UPDATE) for id_ in ids])
        uncritical = uow.gate.update(tables.incidents).values(severity="warning")  # type: ignore[attr-defined]
        await uow.gate.execute(uncritical)  # type: ignore[attr-defined]
        storm, _ = await uow.storms.begin("#incidents", first=uow.now, last=uow.now)
        await uow.storms.take_in(storm)
        assert await uow.storms.park(storm) == of
        await uow.storms.show(storm.id)

    await workspace.doors.real.write(work)
    return ids


async def post_rollup(workspace: Workspace) -> str:
    """The ts of the roll-up as it is now."""
    view = await workspace.doors.real.read(lambda uow: uow.storms.view(1, worst=WORST, services=SERVICES))
    message = rollup(view)
    told = await workspace.client.chat_postMessage(channel="#incidents", text=message.text, blocks=message.blocks)
    return str(told["ts"])


async def states(workspace: Workspace, ids: list[int]) -> list[Status]:
    return [(await workspace.incident(id_)).status for id_ in ids]


async def test_acknowledge_all_takes_them_and_tells_only_who_pressed(workspace: Workspace) -> None:
    ids = await a_storm(workspace, of=5)
    answer = await workspace.click(await post_rollup(workspace), ACKNOWLEDGE)
    assert (answer["status"], answer["body"]) == (200, "")
    assert await states(workspace, ids) == [Status.ACKNOWLEDGED] * 5
    assert await workspace.told() == ["Acknowledged 5: they are yours."]
    assert await workspace.told(BOB) == []
    assert workspace.woken
    assert workspace.counted(kind="click", name=ACKNOWLEDGE, outcome="done") == 1


async def test_five_hundred_are_acknowledged_within_slacks_three_seconds(workspace: Workspace) -> None:
    """In several transactions, each of them short."""
    ids = await a_storm(workspace, of=500)
    answer = await workspace.click(await post_rollup(workspace), ACKNOWLEDGE)
    assert "ack_error" not in answer
    assert await workspace.told() == ["Acknowledged 500: they are yours."]
    assert set(await states(workspace, ids)) == {Status.ACKNOWLEDGED}


async def test_the_second_who_presses_is_told_who_was_first(workspace: Workspace) -> None:
    await a_storm(workspace, of=3)
    ts = await post_rollup(workspace)
    await workspace.click(ts, ACKNOWLEDGE, user=BOB)
    await workspace.click(ts, ACKNOWLEDGE, user=ALICE)
    [told] = await workspace.told(ALICE)
    assert told.startswith("3 of the 3 that you saw active were not left to take: acknowledged by <@U0BOB>")


async def test_what_came_after_is_left_alone_and_told(workspace: Workspace) -> None:
    ids = await a_storm(workspace, of=3)
    ts = await post_rollup(workspace)
    late = await workspace.has_incident(firing=1, key="late")

    async def work(uow: UnitOfWork) -> None:
        await uow.outbox.add_cards([NewCard(late, "#incidents", Priority.UPDATE)])
        uncritical = uow.gate.update(tables.incidents).values(severity="warning")  # type: ignore[attr-defined]
        await uow.gate.execute(uncritical)  # type: ignore[attr-defined]
        storm = await uow.storms.under_way("#incidents")
        assert storm is not None
        await uow.storms.take_in(storm)
        await uow.storms.park(storm)
        await uow.storms.show(storm.id)

    await workspace.doors.real.write(work)
    await workspace.click(ts, ACKNOWLEDGE)
    assert await states(workspace, [*ids, late]) == [Status.ACKNOWLEDGED] * 3 + [Status.ACTIVE]
    [told] = await workspace.told()
    assert told == (
        "Acknowledged 3: they are yours. 1 came or changed after what you saw, so it was left alone: "
        "look at the message as it is now, then press again."
    )


async def test_while_the_database_is_away_nothing_is_taken_and_it_is_said(workspace: Workspace) -> None:
    await a_storm(workspace, of=3)
    ts = await post_rollup(workspace)
    workspace.doors.shut()
    await workspace.click(ts, ACKNOWLEDGE)
    [told] = await workspace.told()
    assert "can't reach its database" in told
    assert "Acknowledged" not in told


async def test_a_button_of_an_older_version_or_of_no_storm_is_answered(workspace: Workspace) -> None:
    old = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": ACKNOWLEDGE, "value": "12"}
    unknown = old | {"action_id": LIST, "value": '{"storm":9,"page":0}'}
    blocks = [{"type": "actions", "elements": [old, unknown]}]
    ts = str((await workspace.client.chat_postMessage(channel="#incidents", text="x", blocks=blocks))["ts"])
    await workspace.click(ts, ACKNOWLEDGE)
    assert "older version" in (await told_in_all(workspace, 1))[0]
    await workspace.click(ts, LIST)
    assert "something that this database does not know" in (await told_in_all(workspace, 2))[1]


async def test_a_click_for_a_storm_that_is_gone_takes_nothing(workspace: Workspace) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": ACKNOWLEDGE}
    blocks = [{"type": "actions", "elements": [button | {"value": value_of(Shown(9, 1, 4))}]}]
    ts = str((await workspace.client.chat_postMessage(channel="#incidents", text="x", blocks=blocks))["ts"])
    await workspace.click(ts, ACKNOWLEDGE)
    [told] = await workspace.told()
    assert told.startswith("4 of the 4 that you saw active were not left to take")


async def test_the_list_is_read_page_by_page(workspace: Workspace) -> None:
    await a_storm(workspace, of=2 * ON_A_PAGE + 1)
    await workspace.click(await post_rollup(workspace), LIST)
    await shows(workspace, "1–15 of 31")
    await press(workspace, "storm_list_on")
    await shows(workspace, "16–30 of 31")
    await press(workspace, "storm_list_on")
    await shows(workspace, "31–31 of 31")
    await press(workspace, "storm_list_back")
    await shows(workspace, "16–30 of 31")
    assert await workspace.told() == []


async def press(workspace: Workspace, action_id: str) -> None:
    view = await workspace.modal()
    await workspace.do("click", user=ALICE, action_id=action_id, view_id=view["id"])


async def told_in_all(workspace: Workspace, count: int) -> list[str]:
    """A list is acknowledged first and answered then."""
    while len(told := await workspace.told()) < count:  # noqa: ASYNC110 - another process tells
        await asyncio.sleep(0.02)
    return told


async def shows(workspace: Workspace, which: str) -> None:
    """The page comes to say which of how many it shows."""
    page = ""
    while which not in page:
        await asyncio.sleep(0.02)
        page = json.dumps((await workspace.see("views", user=ALICE))["views"], ensure_ascii=False)
    assert "INC-" in page
