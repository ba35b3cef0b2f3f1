"""Snoozing from the card, from its form and by command: in the zone of who asks, and never by a stale card."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidents import actions
from incidents.model import Actor, Incident, Severity
from tests.integration.bot.workspace import ALICE, BOB, Json, Workspace

HOUR = timedelta(hours=1)
SEOUL = ZoneInfo("Asia/Seoul")


async def a_warning(workspace: Workspace, **given: Any) -> int:
    incident_id = await workspace.has_incident(**given)
    by = Actor.slack(BOB)
    await workspace.doors.real.write(lambda uow: actions.set_severity(incident_id, to=Severity.WARNING, by=by, uow=uow))
    return incident_id


async def snoozes(
    workspace: Workspace, incident_id: int, values: Json, *, user: str = ALICE, do: str = "snooze"
) -> Json:
    await workspace.choose(await workspace.post_card(incident_id), do, user=user)
    await workspace.form("incident_snooze", user=user)
    return await workspace.submit(values, user=user)


def left(incident: Incident) -> timedelta:
    assert incident.snoozed_until is not None
    return incident.snoozed_until - datetime.now(UTC)


def errors(answer: Json) -> str:
    return str(answer["body"]["errors"])


async def test_the_form_offers_an_hour_and_the_card_a_way_back(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    answer = await snoozes(workspace, incident_id, {})
    assert answer["body"] == ""
    incident = await workspace.incident(incident_id)
    assert incident.snoozed_by == ALICE
    assert timedelta(minutes=58) < left(incident) <= HOUR
    await workspace.click(await workspace.post_card(incident_id), "incident_wake", user=BOB)
    assert not (await workspace.incident(incident_id)).is_snoozed
    assert [event.kind.value for event in await workspace.events(incident_id)] == ["snoozed", "woke"]


async def test_until_the_next_work_day_is_meant_where_the_person_is(workspace: Workspace) -> None:
    incident_id = await a_warning(workspace)
    await snoozes(workspace, incident_id, {"span": "workday"})
    until = (await workspace.incident(incident_id)).snoozed_until
    assert until is not None
    local = until.astimezone(SEOUL)
    assert (local.hour, local.minute, local.weekday() < 5) == (9, 0, True)


async def test_a_date_beats_what_stands_chosen_above_it(workspace: Workspace) -> None:
    incident_id = await a_warning(workspace)
    at = int((datetime.now(UTC) + timedelta(days=3)).timestamp())
    await snoozes(workspace, incident_id, {"span": "30m", "until": at})
    until = (await workspace.incident(incident_id)).snoozed_until
    assert until is not None
    assert until.timestamp() == at


@pytest.mark.parametrize(
    ("away", "says"),
    [
        (timedelta(hours=-1), "has passed"),
        (timedelta(days=31), "30 d at most"),
        (timedelta(days=70_000), "30 d at most"),
    ],
)
async def test_a_date_that_makes_no_sense_is_refused_under_its_field_and_the_form_stays(
    workspace: Workspace, away: timedelta, says: str
) -> None:
    incident_id = await a_warning(workspace)
    answer = await snoozes(workspace, incident_id, {"until": int((datetime.now(UTC) + away).timestamp())})
    assert says in errors(answer)
    assert "<" not in errors(answer)
    assert (await workspace.modal())["callback_id"] == "incident_snooze"
    assert not (await workspace.incident(incident_id)).is_snoozed


async def test_what_is_critical_can_not_be_snoozed_for_long(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    in_five_hours = int((datetime.now(UTC) + 5 * HOUR).timestamp())
    answer = await snoozes(workspace, incident_id, {"until": in_five_hours})
    assert "INC-1 is critical, so it can be snoozed for 4 h at most" in errors(answer)


async def test_who_comes_second_is_told_who_was_faster_and_may_make_it_longer(workspace: Workspace) -> None:
    incident_id = await a_warning(workspace)
    ts = await workspace.post_card(incident_id)
    await workspace.choose(ts, "snooze", user=BOB)
    await workspace.choose(ts, "snooze", user=ALICE)
    for user in (ALICE, BOB):
        await workspace.form("incident_snooze", user=user)
    await workspace.submit({}, user=ALICE)
    answer = await workspace.submit({"span": "4h"}, user=BOB)
    assert "already, so nothing was changed" in errors(answer)
    assert (await workspace.incident(incident_id)).snoozed_by == ALICE
    await snoozes(workspace, incident_id, {"span": "4h"}, user=BOB, do="extend")
    incident = await workspace.incident(incident_id)
    assert (incident.snoozed_by, left(incident) > 3 * HOUR) == (BOB, True)


async def test_twenty_who_wake_it_at_once_wake_it_once(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await snoozes(workspace, incident_id, {})
    ts = await workspace.post_card(incident_id)
    await asyncio.gather(*(workspace.click(ts, "incident_wake", user=BOB) for _ in range(20)))
    assert [event.kind.value for event in await workspace.events(incident_id)].count("woke") == 1
    assert await workspace.is_told("nothing to wake", user=BOB)


async def test_a_card_of_another_episode_snoozes_nothing(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    old = await workspace.post_card(incident_id)
    await workspace.command("resolve 1")
    await workspace.command("reopen 1")
    await workspace.choose(old, "snooze")
    await workspace.form("incident_snooze")
    assert "has opened again" in errors(await workspace.submit({}))
    assert not (await workspace.incident(incident_id)).is_snoozed


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["snooze 1 2h"], "INC-1 is snoozed until"),
        (["snooze 1 until 23:59"], "INC-1 is snoozed until"),
        (["snooze 1 tomorrow"], "INC-1 is snoozed until"),
        (["snooze 1 2h", "snooze 1 wake"], "INC-1 is awake."),
        (["snooze 1 2h", "wake 1"], "INC-1 is awake."),
        (["wake 1"], "INC-1 is not snoozed"),
        (["snooze 1 0m"], "has passed"),
        (["snooze 1 31d"], "30 d at most"),
        (["snooze 1 2020-01-01"], "has passed"),
        (["snooze 1 whenever"], "I don't know what time"),
        (["snooze 7 2h"], "There is no incident INC-7"),
    ],
)
async def test_the_command_says_what_became_of_it(workspace: Workspace, typed: list[str], says: str) -> None:
    await a_warning(workspace)
    assert says in [await workspace.command(text) for text in typed][-1]


async def test_while_the_database_is_away_the_form_is_not_opened_and_the_person_is_told(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    workspace.doors.shut()
    await workspace.choose(ts, "snooze")
    assert await workspace.is_told("can't reach its database")
    assert (await workspace.see("views", user=ALICE))["views"] == []


async def test_where_slack_tells_no_zone_times_are_utc_and_the_form_says_so(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await workspace.do("faults", method="users.info", kind="error:user_not_found", times=5)
    await workspace.choose(ts, "snooze")
    assert "these times are UTC" in str((await workspace.form("incident_snooze"))["blocks"])
