"""Who is in which group: asked once in five minutes, believed for an hour, and closed after that."""

import asyncio
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot import groups as module
from bot.groups import Groups

ALICE, CAROL = "U0ALICE", "U0CAROL"
ONCALL = frozenset({"S0ONCALL", "@oncall"})
NONE = frozenset[str]()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def told(*members: str) -> dict[str, Any]:
    return {"ok": True, "usergroups": [{"id": "S0ONCALL", "handle": "oncall", "users": list(members)}]}


def groups(clock: Clock, *answers: dict[str, Any] | Exception) -> tuple[Groups, AsyncMock]:
    asked = AsyncMock(side_effect=list(answers))
    return Groups(Mock(spec=AsyncWebClient, usergroups_list=asked), clock=clock), asked


async def test_groups_are_known_by_handle_and_by_id() -> None:
    known, asked = groups(Clock(), told(ALICE))
    assert (await known.of(ALICE), await known.of(CAROL)) == (ONCALL, NONE)
    assert known.handle("S0ONCALL") == "@oncall"
    assert asked.await_count == 1


async def test_a_change_is_seen_after_five_minutes() -> None:
    clock = Clock()
    known, asked = groups(clock, told(ALICE), told(CAROL))
    await known.of(ALICE)
    clock.now += 299
    assert await known.of(CAROL) == NONE
    clock.now += 2
    assert (await known.of(CAROL), await known.of(ALICE)) == (ONCALL, NONE)
    assert asked.await_count == 2


async def test_a_change_that_slack_tells_of_is_seen_at_once() -> None:
    known, _ = groups(Clock(), told(ALICE), told(CAROL))
    await known.of(ALICE)
    known.outdated()
    assert await known.of(ALICE) == NONE


async def test_what_was_being_read_while_it_changed_is_read_again() -> None:
    started, go_on = asyncio.Event(), asyncio.Event()
    answers = [told(ALICE), told(CAROL)]

    async def slowly(**_: object) -> dict[str, Any]:
        started.set()
        await go_on.wait()
        return answers.pop(0)

    known = Groups(Mock(spec=AsyncWebClient, usergroups_list=slowly), clock=Clock())
    waits = asyncio.create_task(known.of(ALICE))
    await started.wait()
    known.outdated()
    go_on.set()
    await waits
    assert await known.of(ALICE) == NONE


async def test_never_read_is_not_known() -> None:
    known, _ = groups(Clock(), TimeoutError())
    assert await known.of(ALICE) is None


async def test_after_a_failure_slack_is_left_alone_for_a_moment() -> None:
    clock = Clock()
    known, asked = groups(clock, TimeoutError(), told(ALICE))
    for _ in range(3):
        assert await known.of(ALICE) is None
    assert asked.await_count == 1
    clock.now += 16
    assert await known.of(ALICE) == ONCALL


async def test_the_last_that_slack_told_holds_for_an_hour() -> None:
    clock = Clock()
    known, _ = groups(clock, told(ALICE), TimeoutError(), TimeoutError())
    await known.of(ALICE)
    clock.now += 3599
    assert await known.of(ALICE) == ONCALL
    clock.now += 16
    assert await known.of(ALICE) is None


async def test_nobody_waits_for_long_and_all_wait_for_the_same_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.01)
    answered = asyncio.Event()
    calls: list[object] = []

    async def hangs(**given: object) -> dict[str, Any]:
        calls.append(given)
        await answered.wait()
        return told(ALICE)

    known = Groups(Mock(spec=AsyncWebClient, usergroups_list=hangs))
    async with asyncio.timeout(5):
        assert await asyncio.gather(*(known.of(ALICE) for _ in range(20))) == [None] * 20
        assert await known.of(ALICE) is None
        assert len(calls) == 1
        answered.set()
        while await known.of(ALICE) is None:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)


async def test_asked_ahead_nobody_waits() -> None:
    clock = Clock()
    known, asked = groups(clock, told(ALICE), told(CAROL))
    await known.keep_fresh()
    clock.now += 240
    await known.keep_fresh()
    clock.now += 240
    assert await known.of(CAROL) == ONCALL
    assert asked.await_count == 2
