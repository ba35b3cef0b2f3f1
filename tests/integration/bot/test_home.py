"""What a person's Home shows when they open it and after each of their clicks, with nobody else to look after it."""

import asyncio
from typing import Any

from incidents.errors import Unavailable
from incidents.model import Status
from tests.integration.bot.workspace import ALICE, BOB, Workspace

CAROL = "U0CAROL"


async def publishes(workspace: Workspace) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = (await workspace.see("calls", method="views.publish"))["calls"]
    return calls


def published(workspace: Workspace, why: str, outcome: str) -> float:
    told = {"why": why, "outcome": outcome}
    return workspace.registry.get_sample_value("bongsu_home_publishes_total", told) or 0.0


async def has_happened(workspace: Workspace, count: int, **labels: str) -> None:
    """So many interactions of this kind were counted, which is the last thing that is done about each."""
    for _ in range(200):
        if workspace.counted(**labels) == count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{labels} was not counted {count} times")


async def is_told(workspace: Workspace, fragment: str) -> None:
    """A small form comes to say so: it is opened after the acknowledgement."""
    for _ in range(200):
        views = (await workspace.see("views", user=ALICE))["views"]
        if views:
            assert fragment in str(views[-1]["blocks"])
            return
        await asyncio.sleep(0.02)
    raise AssertionError("no form was opened")


async def opened(workspace: Workspace, user: str = ALICE, **event: Any) -> None:
    await workspace.open_home(user, **event)
    await has_happened(workspace, 1, kind="event", name="app_home_opened", outcome="done")


async def test_who_opens_it_sees_what_is_open(workspace: Workspace) -> None:
    await workspace.has_incident()
    await opened(workspace)
    told = await workspace.home()
    assert "1 incident is open" in told
    assert "INC-1" in told
    home = await workspace.doors.real.read(lambda uow: uow.homes.get(ALICE))
    view = (await workspace.see("home", user=ALICE))["home"]
    assert home is not None
    assert home.view_hash == view["hash"]
    assert await workspace.home(BOB) == ""


async def test_the_tab_of_messages_is_no_home(workspace: Workspace) -> None:
    await workspace.open_home(tab="messages")
    await opened(workspace, BOB)
    assert await workspace.home() == ""
    assert await workspace.doors.real.read(lambda uow: uow.homes.followed()) == 1


async def test_an_event_that_slack_sends_twice_makes_one_home(workspace: Workspace) -> None:
    await workspace.open_home(event_id="Ev1")
    await workspace.open_home(event_id="Ev1")
    await workspace.home_comes_to_say("All is quiet")
    assert await workspace.doors.real.read(lambda uow: uow.homes.followed()) == 1


async def test_acknowledging_in_it_shows_there_at_once(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await opened(workspace)
    answer = await workspace.click_home("incident_acknowledge", f"do-{incident_id}")
    assert (answer["status"], answer["body"]) == (200, "")
    assert (await workspace.incident(incident_id)).acknowledged_by == ALICE
    told = await workspace.home_comes_to_say("Yours · 1", "yours since")
    assert "Acknowledge" not in told
    assert (await workspace.see("views", user=ALICE))["views"] == []


async def test_resolving_in_it_empties_it(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await opened(workspace)
    await workspace.click_home("incident_resolve", f"do-{incident_id}")
    await workspace.home_comes_to_say("All is quiet", "The last 24 hours")
    assert (await workspace.incident(incident_id)).status is Status.RESOLVED


async def test_who_comes_too_late_is_told_in_a_small_form_and_sees_who_was_first(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await opened(workspace)
    await workspace.click(await workspace.post_card(incident_id), "incident_acknowledge", user=BOB)
    await workspace.click_home("incident_acknowledge", f"do-{incident_id}")
    await workspace.home_comes_to_say(f"<@{BOB}> has it")
    [view] = (await workspace.see("views", user=ALICE))["views"]
    assert f"Already acknowledged by <@{BOB}>" in str(view["blocks"])
    assert (await workspace.incident(incident_id)).acknowledged_by == BOB


async def test_where_slack_opens_no_form_the_home_itself_tells(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await opened(workspace)
    await workspace.click(await workspace.post_card(incident_id), "incident_acknowledge", user=BOB)
    await workspace.do("faults", method="views.open", kind="error:expired_trigger_id", times=1)
    await workspace.click_home("incident_acknowledge", f"do-{incident_id}")
    told = await workspace.home_comes_to_say(f"<@{BOB}> has it")
    assert "⚠ Already acknowledged" in told


async def test_a_form_that_is_opened_from_it_is_told_of_in_a_view_as_well(workspace: Workspace) -> None:
    """A click that no listener knows."""
    await opened(workspace)
    blocks = [
        {"type": "actions", "elements": [{"type": "button", "action_id": "of_old", "text": plain("x"), "value": "1"}]}
    ]
    await workspace.client.views_publish(user_id=ALICE, view={"type": "home", "blocks": blocks})
    view = (await workspace.see("home", user=ALICE))["home"]
    await workspace.do("click", user=ALICE, action_id="of_old", view_id=view["id"])
    await is_told(workspace, "older version of Bongsu")


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


async def test_more_shows_the_next_page_and_back_the_one_before(workspace: Workspace) -> None:
    for number in range(17):
        await workspace.has_incident(key=f"k{number}")
    await opened(workspace)
    assert "1–15 of 17" in await workspace.home()
    await workspace.click_home("home_more", "turning")
    await workspace.home_comes_to_say("16–17 of 17", "Page 2 of 2")
    await workspace.click_home("home_less", "turning")
    await workspace.home_comes_to_say("1–15 of 17")


async def test_a_person_is_spoken_to_in_their_language_once_slack_has_told_it(workspace: Workspace) -> None:
    for times in range(1, 20):
        await workspace.open_home(CAROL)
        await has_happened(workspace, times, kind="event", name="app_home_opened", outcome="done")
        home = await workspace.doors.real.read(lambda uow: uow.homes.get(CAROL))
        if home is not None and home.language == "ko":
            return
    raise AssertionError("the language was never known")


async def test_a_home_is_shown_though_slack_does_not_tell_whose_it_is(workspace: Workspace) -> None:
    await workspace.do("faults", method="users.info", kind="timeout", times=1)
    await opened(workspace)
    assert "All is quiet" in await workspace.home()


async def test_while_the_database_is_away_an_empty_home_says_so_and_another_stays(workspace: Workspace) -> None:
    await workspace.open_home(BOB)
    before = await workspace.home_comes_to_say("All is quiet", user=BOB)
    workspace.doors.shut()
    await workspace.open_home()
    await workspace.home_comes_to_say("can't reach its database")
    await workspace.open_home(BOB)
    await has_happened(workspace, 2, kind="event", name="app_home_opened", outcome="unavailable")
    assert await workspace.home(BOB) == before


async def test_somebody_who_left_is_dropped(workspace: Workspace) -> None:
    await workspace.homes.opened("U0GONE", language=None)
    assert await workspace.doors.real.read(lambda uow: uow.homes.followed()) == 0


async def test_what_slack_has_to_say_about_the_pace_holds_for_everybody(workspace: Workspace) -> None:
    await workspace.do("faults", method="views.publish", kind="ratelimited", times=1, retry_after=30)
    await opened(workspace)
    await workspace.homes.opened(BOB, language=None)
    assert len(await publishes(workspace)) == 1
    assert [await workspace.home(user) for user in (ALICE, BOB)] == ["", ""]


async def test_a_reply_that_was_lost_does_not_stand_in_the_way(workspace: Workspace) -> None:
    await opened(workspace)
    await workspace.do("faults", method="views.publish", kind="reset_after", times=1)
    await workspace.has_incident()
    await workspace.homes.clicked(ALICE)
    await workspace.has_incident(key="another")
    await workspace.homes.clicked(ALICE)
    assert "2 incidents are open" in await workspace.home()


async def test_what_came_to_slack_from_another_process_is_not_overwritten_by_what_is_older(
    workspace: Workspace,
) -> None:
    await opened(workspace)
    await workspace.client.views_publish(user_id=ALICE, view={"type": "home", "blocks": []})
    await workspace.homes.clicked(ALICE)
    assert published(workspace, "clicked", "hash_conflict") == 1
    assert "All is quiet" in await workspace.home()


async def test_clicks_go_on_while_the_database_comes_and_goes(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await opened(workspace)

    async def away() -> None:
        raise Unavailable("away")

    workspace.doors.trouble = away
    await workspace.click_home("incident_acknowledge", f"do-{incident_id}")
    await is_told(workspace, "nothing was changed")
