"""Whom Slack knows, asked once in ten minutes."""

import asyncio
from collections.abc import Mapping
from typing import Any
from unittest.mock import AsyncMock, Mock
from zoneinfo import ZoneInfo

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.people import Directory, Person

ALICE = {"id": "U0ALICE", "real_name": "Alice Kim", "tz": "Asia/Seoul", "locale": "ko-KR", "deleted": False}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def directory(clock: Clock, *answers: Mapping[str, Any] | Exception) -> tuple[Directory, AsyncMock]:
    asked = AsyncMock(side_effect=[a if isinstance(a, Exception) else {"ok": True, "user": a} for a in answers])
    return Directory(Mock(spec=AsyncWebClient, users_info=asked), clock=clock), asked


async def test_a_person_is_asked_for_once_in_ten_minutes() -> None:
    clock = Clock()
    people, asked = directory(clock, ALICE, {**ALICE, "deleted": True})
    alice = Person("U0ALICE", "Alice Kim", ZoneInfo("Asia/Seoul"), "ko-KR", is_gone=False)
    assert await people.person("U0ALICE") == alice
    clock.now = 599
    assert await people.person("U0ALICE") == alice
    assert asked.await_count == 1
    clock.now = 601
    told = await people.person("U0ALICE")
    assert told is not None
    assert told.is_gone


async def test_what_slack_told_before_holds_while_it_does_not_answer() -> None:
    clock = Clock()
    people, _ = directory(clock, ALICE, TimeoutError())
    before = await people.person("U0ALICE")
    clock.now = 3600
    assert await people.person("U0ALICE") == before
    assert people.known("U0ALICE") == before


async def test_nobody_is_known_whom_slack_does_not_know() -> None:
    people, _ = directory(Clock(), SlackApiError("user_not_found", {"ok": False, "error": "user_not_found"}))
    assert await people.person("U0NOBODY") is None
    assert people.known("U0NOBODY") is None


async def test_a_forgotten_person_is_asked_for_again() -> None:
    people, asked = directory(Clock(), ALICE, ALICE)
    await people.person("U0ALICE")
    people.forget("U0ALICE")
    await people.person("U0ALICE")
    assert asked.await_count == 2


async def settled(people: Directory, user_id: str) -> Person:
    async with asyncio.timeout(5):
        while (person := people.known(user_id)) is None:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)
    return person


async def test_a_language_is_learned_in_the_background_and_asked_for_once() -> None:
    clock = Clock()
    people, asked = directory(clock, ALICE, {**ALICE, "locale": "en-GB"})
    assert [people.language("U0ALICE", otherwise="en") for _ in range(3)] == ["en"] * 3
    await settled(people, "U0ALICE")
    assert people.language("U0ALICE", otherwise="en") == "ko"
    assert asked.await_count == 1
    clock.now = 601
    assert people.language("U0ALICE", otherwise="ko") == "ko"
    await asyncio.gather(*people._learning.values())
    assert people.language("U0ALICE", otherwise="ko") == "en"
    assert asked.await_count == 2


async def test_a_language_that_we_do_not_speak_is_the_workspaces() -> None:
    people, _ = directory(Clock(), {**ALICE, "locale": "de-DE"})
    await people.person("U0ALICE")
    assert people.language("U0ALICE", otherwise="ko") == "ko"


async def test_slacks_word_of_a_change_counts_at_once_and_keeps_what_it_leaves_out() -> None:
    people, asked = directory(Clock(), ALICE)
    await people.person("U0ALICE")
    told = {name: value for name, value in ALICE.items() if name != "locale"} | {"deleted": True}
    assert people.told(told).locale == "ko-KR"
    assert await people.is_gone("U0ALICE")
    assert asked.await_count == 1


async def test_an_answer_from_before_a_change_does_not_undo_it() -> None:
    go_on = asyncio.Event()

    async def slowly(**_: object) -> dict[str, Any]:
        await go_on.wait()
        return {"ok": True, "user": ALICE}

    people = Directory(Mock(spec=AsyncWebClient, users_info=slowly), clock=Clock())
    asking = asyncio.create_task(people.person("U0ALICE"))
    await asyncio.sleep(0)
    people.told({**ALICE, "deleted": True})
    go_on.set()
    person = await asking
    assert person is not None
    assert person.is_gone


async def test_who_is_not_known_is_not_gone() -> None:
    people, _ = directory(Clock(), TimeoutError())
    assert not await people.is_gone("U0ALICE")


@pytest.mark.parametrize("zone", ["", None, "Mars/Olympus", "../etc/passwd"])
async def test_a_time_zone_that_is_none_is_not_known(zone: str | None) -> None:
    people, _ = directory(Clock(), {**ALICE, "tz": zone})
    told = await people.person("U0ALICE")
    assert told is not None
    assert told.timezone is None


def refused(code: str) -> SlackApiError:
    return SlackApiError("", Mock(data={"ok": False, "error": code}))


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (ALICE, False),
        ({**ALICE, "deleted": True}, True),
        (refused("user_not_found"), True),
        (refused("ratelimited"), None),
        (TimeoutError(), None),
    ],
)
async def test_who_is_missing_is_gone_or_was_never_there(
    answer: Mapping[str, Any] | Exception, missing: bool | None
) -> None:
    people, _ = directory(Clock(), answer)
    assert await people.is_missing("U0ALICE") is missing
