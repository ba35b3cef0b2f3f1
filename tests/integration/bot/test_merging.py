"""Merging and splitting from Slack: by buttons, searches, forms and commands."""

import asyncio
import json
from typing import Any

from bot.blocks.clicks import ActionId, Target, button_value, read_choice
from bot.blocks.kit import actions, button
from bot.blocks.merge_modal import INTO_FIELD
from bot.blocks.split_modal import SERIES_FIELD
from incidents.model import EventKind, Resolution, Status
from tests.integration.bot.workspace import ALICE, BOB, Json, Workspace


async def two(workspace: Workspace) -> tuple[int, int]:
    first = await workspace.has_incident(title="Checkout 5xx above 5 %", key="a")
    return first, await workspace.has_incident(title="Payments are slow", key="b")


async def press(workspace: Workspace, incident_id: int, action_id: ActionId) -> Json:
    """A button as a form or card has it, in a message of its own."""
    incident = await workspace.incident(incident_id)
    target = Target.to(incident, firing=incident.firing)
    element = button("Press", action_id=action_id, value=button_value(target), about=target.name)
    told = await workspace.client.chat_postMessage(channel="#incidents", text="x", blocks=[actions("a", element)])
    return await workspace.click(str(told["ts"]), action_id)


async def form(workspace: Workspace, *, has: str = "") -> Json:
    """What the person looks at, once it is there and has this in it: it comes after the acknowledgement."""
    async with asyncio.timeout(10):
        while True:
            views = (await workspace.see("views", user=ALICE))["views"]
            if views and has in json.dumps(views[-1], ensure_ascii=False):
                view: Json = views[-1]
                return view
            await asyncio.sleep(0.02)


async def said(workspace: Workspace) -> str:
    """What only this person is told, once they are."""
    async with asyncio.timeout(10):
        while True:
            if told := await workspace.told():
                return told[-1]
            await asyncio.sleep(0.02)


async def search(workspace: Workspace, field: str, typed: str = "") -> Json:
    view = await form(workspace)
    told = await workspace.do("suggest", user=ALICE, view_id=view["id"], action_id=field, value=typed)
    assert "ack_error" not in told, told
    body: Json = told["body"]
    return body


def option_of(incident_id: int, body: Json) -> str:
    """The value of the option that stands for this incident."""
    options = [option["value"] for group in body["option_groups"] for option in group["options"]]
    return next(value for value in options if read_choice(value) == incident_id)


def offered(body: Json) -> list[str]:
    groups = body.get("option_groups") or [body]
    return [option["text"]["text"] for group in groups for option in group["options"]]


async def choose(workspace: Workspace, field: str, value: Any) -> None:
    view = await form(workspace)
    await workspace.do("click", user=ALICE, view_id=view["id"], action_id=field, value=value)


async def test_a_merge_from_button_to_submission(workspace: Workspace) -> None:
    first, second = await two(workspace)
    await press(workspace, second, ActionId.MERGE)
    body = await search(workspace, INTO_FIELD)
    assert offered(body) == ["INC-1 · checkout: Checkout 5xx above 5 %"]
    assert body["option_groups"][0]["label"]["text"] == "Likely the same trouble"
    assert "same service" in json.dumps(body)
    value = option_of(first, body)
    await choose(workspace, INTO_FIELD, value)
    shown = json.dumps(await form(workspace, has="closes as merged"), ensure_ascii=False)
    assert "its 2 series move to *INC-1* (Checkout 5xx above 5 %)" in shown
    assert "nobody has it" in shown
    await workspace.submit({INTO_FIELD: value})
    assert (await workspace.see("views", user=ALICE))["views"] == []
    child, parent = await workspace.incident(second), await workspace.incident(first)
    assert (child.resolution, child.merged_into_id, parent.firing) == (Resolution.MERGED, first, 4)
    assert workspace.woken


async def test_the_search_finds_by_number_service_and_title(workspace: Workspace) -> None:
    _, second = await two(workspace)
    await press(workspace, second, ActionId.MERGE)
    for typed in ("1", "INC-1", "#1", "checkout", "5XX above", "prod-a"):
        assert len(offered(await search(workspace, INTO_FIELD, typed))) == 1, typed
    for typed in ("99", "payments", "_"):
        assert offered(await search(workspace, INTO_FIELD, typed)) == [], typed


async def test_undo_is_one_button(workspace: Workspace) -> None:
    first, second = await two(workspace)
    assert "is merged into INC-1" in await workspace.command("merge 2 into 1")
    await press(workspace, second, ActionId.UNMERGE)
    assert (await workspace.incident(second)).status is Status.ACTIVE
    assert (await workspace.incident(first)).firing == 2
    await press(workspace, second, ActionId.UNMERGE)
    assert "nothing to undo" in await said(workspace)


async def test_what_is_in_the_way_shows_before_and_under_the_field(workspace: Workspace) -> None:
    first, second = await two(workspace)
    await press(workspace, second, ActionId.MERGE)
    value = option_of(first, await search(workspace, INTO_FIELD))
    await workspace.command("resolve 1", user=BOB)
    await choose(workspace, INTO_FIELD, value)
    assert "INC-1 is resolved, so INC-2 can't be merged" in json.dumps(
        await form(workspace, has="⚠"), ensure_ascii=False
    )
    answer = await workspace.submit({INTO_FIELD: value})
    assert "INC-1 is resolved" in answer["body"]["errors"][INTO_FIELD]
    assert (await workspace.incident(second)).is_open


async def test_merge_without_the_other_opens_the_form(workspace: Workspace) -> None:
    await two(workspace)
    told = await workspace.do("command", command="/incident", text="merge 2", user=ALICE, channel="#incidents")
    assert told["body"] in ("", None)
    assert (await form(workspace))["title"]["text"] == "Merge INC-2"


async def test_merges_that_are_typed_wrongly_say_how_to_write_them(workspace: Workspace) -> None:
    await two(workspace)
    assert "/incident merge 12 into 14" in await workspace.command("merge 2 into the other one")
    assert "There is no incident INC-9" in await workspace.command("merge 2 into 9")
    assert "There is no incident INC-9" in await workspace.command("merge 9 into 1")
    assert "can't be merged into itself" in await workspace.command("merge 1 1")


async def test_a_split_from_command_to_the_new_incident(workspace: Workspace) -> None:
    first = await workspace.has_incident(firing=3)
    await workspace.do("command", command="/incident", text="split 1", user=ALICE, channel="#incidents")
    view = await form(workspace)
    options = view["blocks"][-1]["element"]["options"]
    assert [option["text"]["text"] for option in options] == ["🔴 pod-0", "🔴 pod-1", "🔴 pod-2"]
    await workspace.submit({SERIES_FIELD: [options[1]["value"], options[2]["value"]]})
    new = await workspace.doors.real.read(lambda uow: uow.incidents.by_number(2))
    assert (new.firing, new.split_from_id, (await workspace.incident(first)).firing) == (2, first, 1)
    [told] = [event for event in await workspace.events(first) if event.kind is EventKind.SPLIT]
    assert (told.data["into"], told.data["names"]) == ("INC-2", ["pod-1", "pod-2"])


async def test_all_of_them_can_not_be_split_off(workspace: Workspace) -> None:
    await workspace.has_incident(firing=2)
    await workspace.do("command", command="/incident", text="split 1", user=ALICE, channel="#incidents")
    options = (await form(workspace))["blocks"][-1]["element"]["options"]
    answer = await workspace.submit({SERIES_FIELD: [option["value"] for option in options]})
    assert "at least one must stay" in answer["body"]["errors"][SERIES_FIELD]


async def test_more_series_than_a_list_shows_are_searched(workspace: Workspace) -> None:
    first = await workspace.has_incident(firing=130)
    await press(workspace, first, ActionId.SPLIT)
    assert len(offered(await search(workspace, SERIES_FIELD))) == 100
    found = await search(workspace, SERIES_FIELD, "pod-129")
    assert offered(found) == ["🔴 pod-129"]
    await workspace.submit({SERIES_FIELD: [found["options"][0]["value"]]})
    assert (await workspace.incident(first)).firing == 129


async def test_one_series_can_not_part(workspace: Workspace) -> None:
    first = await workspace.has_incident(firing=1)
    await press(workspace, first, ActionId.SPLIT)
    assert "only one series" in await said(workspace)
    told = await workspace.do("command", command="/incident", text="split 1", user=ALICE, channel="#incidents")
    assert "only one series" in told["body"]["text"]


async def test_what_was_declared_has_no_series_to_part(workspace: Workspace) -> None:
    await workspace.has_incident(firing=0)
    told = await workspace.do("command", command="/incident", text="split 1", user=ALICE, channel="#incidents")
    assert told["body"]["text"] == "INC-1 has no series, so there is nothing to split."
