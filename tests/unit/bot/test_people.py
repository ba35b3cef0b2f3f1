"""Whom Slack knows, asked once in ten minutes."""

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


@pytest.mark.parametrize("zone", ["", None, "Mars/Olympus", "../etc/passwd"])
async def test_a_time_zone_that_is_none_is_not_known(zone: str | None) -> None:
    people, _ = directory(Clock(), {**ALICE, "tz": zone})
    told = await people.person("U0ALICE")
    assert told is not None
    assert told.timezone is None
