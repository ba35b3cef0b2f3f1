"""A list, turned page by page in the answer that only one person sees."""

import json
import time
from urllib.parse import urlencode

from tests.integration.bot.workspace import ALICE, BOB, Json, Workspace
from tests.integration.sandbox.stage import eventually


async def shown(workspace: Workspace, user: str = ALICE) -> Json:
    message: Json = (await workspace.see("ephemerals", user=user))["ephemerals"][-1]
    return message


def spoken(message: Json) -> str:
    return " ".join(block["text"]["text"] for block in message["blocks"] if "text" in block) + " ".join(
        block["elements"][0]["text"] for block in message["blocks"] if block["type"] == "context"
    )


async def press(workspace: Workspace, action_id: str, user: str = ALICE) -> str:
    """What stands there instead."""
    before = await shown(workspace, user)
    answer = await workspace.click(before["ts"], action_id, user=user)
    assert answer["status"] == 200

    async def is_turned() -> bool:
        return await shown(workspace, user) != before

    await eventually(is_turned)
    return spoken(await shown(workspace, user))


async def hears(workspace: Workspace, words: str) -> None:
    async def is_told() -> bool:
        return words in (await workspace.told())[-1]

    await eventually(is_told)


async def has_many(workspace: Workspace, count: int = 45) -> None:
    for number in range(count):
        await workspace.has_incident(key=f"k{number}", title=f"Trouble {number}")


async def test_pages_are_turned_in_place(workspace: Workspace) -> None:
    await has_many(workspace)
    await workspace.command("list")
    assert "1–20 of 45" in spoken(await shown(workspace))
    assert "21–40 of 45" in await press(workspace, "list_page")
    last = await press(workspace, "list_page")
    assert "41–45 of 45" in last
    assert "Trouble 44*" in last
    assert "21–40 of 45" in await press(workspace, "list_page_back")
    assert "1–20 of 45" in await press(workspace, "list_page_back")
    assert len((await workspace.see("ephemerals", user=ALICE))["ephemerals"]) == 1


async def test_filters_are_told_and_survive_turning(workspace: Workspace) -> None:
    await has_many(workspace, 21)
    for number in range(1, 22):
        await workspace.command(f"resolve {number}", user=BOB)
    told = await workspace.command("list @bob resolved critical trouble", user=ALICE)
    assert "There are 21 incidents for /incident list resolved <@U0BOB> critical trouble 7d." in told
    page = await press(workspace, "list_page")
    assert "21–21 of 21" in page
    assert "Closed" in page


async def test_mine_is_whose_it_is(workspace: Workspace) -> None:
    await has_many(workspace, 2)
    await workspace.command("ack 1", user=BOB)
    assert "1 incident for `/incident list mine`" in await workspace.command("list mine", user=BOB)
    assert "There is nothing for `/incident list mine`." in await workspace.command("list mine")
    assert "INC-2" in await workspace.command("list unassigned")


async def test_nothing_found_names_the_keyword_that_was_meant(workspace: Workspace) -> None:
    await workspace.has_incident()
    assert "Did you mean `critical`?" in await workspace.command("list criticl")
    assert "`/incident list resolved xyzzy 7d` looks among" in await workspace.command("list xyzzy")


async def test_a_mistaken_filter_says_what_to_write(workspace: Workspace) -> None:
    told = await workspace.command("list active resolved")
    assert "either `active` or `resolved`" in told
    assert "`/incident list payments critical`" in told


async def test_when_slack_takes_no_more_changes_it_says_what_to_type(workspace: Workspace) -> None:
    await has_many(workspace, 21)
    await workspace.command("list critical")
    [button] = (await shown(workspace))["blocks"][-1]["elements"]
    payload = {
        "type": "block_actions",
        "user": {"id": ALICE},
        "team": {"id": "T1"},
        "channel": {"id": "C0INCIDENTS"},
        "actions": [{"type": "button", "action_id": "list_page", "block_id": "turning", "value": button["value"]}],
        "response_url": f"{workspace.sandbox_url}/response/used-up",
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    status, _ = await workspace.send(body, str(int(time.time())))
    assert status == 200
    await hears(workspace, "For a new one type `/incident list critical`.")


async def test_a_page_that_the_database_can_not_give_leaves_the_list_as_it_is(workspace: Workspace) -> None:
    await has_many(workspace, 21)
    await workspace.command("list")
    before = await shown(workspace)
    workspace.doors.shut()
    await workspace.click(before["ts"], "list_page")
    await hears(workspace, "can't reach its database")
    first, told = (await workspace.see("ephemerals", user=ALICE))["ephemerals"]
    assert first["blocks"] == before["blocks"]
    assert told["ts"] != before["ts"]


async def test_a_button_of_another_version_is_told(workspace: Workspace) -> None:
    await has_many(workspace, 21)
    await workspace.command("list")
    press = {"user": ALICE, "action_id": "list_page", "channel": "#incidents", "raw_value": "{}"}
    await workspace.do("click", ts=(await shown(workspace))["ts"], **press)
    await hears(workspace, "older version")
