"""What becomes of what somebody has when Slack tells that they have left."""

from incidents.model import Status
from tests.integration.bot.workspace import ALICE, BOB, Workspace, until


async def has(workspace: Workspace, user: str, key: str) -> int:
    incident_id = await workspace.has_incident(key=key)
    await workspace.click(await workspace.post_card(incident_id), "incident_acknowledge", user=user)
    return incident_id


async def test_who_leaves_has_nothing_any_more_and_the_publisher_is_woken(workspace: Workspace) -> None:
    bobs = [await has(workspace, BOB, "1"), await has(workspace, BOB, "2")]
    alices = await has(workspace, ALICE, "3")
    await workspace.do("people", user=BOB, deleted=True)

    async def is_done() -> bool:
        return len(workspace.woken) == 3 + len(bobs)

    await until(is_done)
    left = [await workspace.incident(one) for one in bobs]
    assert [(one.status, one.owner) for one in left] == [(Status.ACTIVE, None)] * 2
    assert (await workspace.incident(alices)).owner == ALICE


async def test_who_only_moves_to_another_time_zone_keeps_what_they_have(workspace: Workspace) -> None:
    bobs = await has(workspace, BOB, "k")
    await workspace.do("people", user=BOB, tz="Asia/Seoul", locale="ko-KR")
    assert (await workspace.incident(bobs)).owner == BOB


async def test_slacks_word_of_nobody_is_taken_and_does_nothing(workspace: Workspace) -> None:
    for user in ({}, {"name": "x"}):
        told = await workspace.do("event", type="user_change", user=user)
        assert told["status"] == 200


async def test_while_the_database_is_away_it_is_left_to_the_job(workspace: Workspace) -> None:
    bobs = await has(workspace, BOB, "k")
    workspace.doors.shut()
    told = await workspace.do("people", user=BOB, deleted=True)
    assert told["event"]["status"] == 200
    assert (await workspace.incident(bobs)).owner == BOB
