"""Pieces of work that ask side by side: their questions travel together, and each gets its own answer."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import pytest

from db.direct import Said, Statement
from db.together import ask, one_by_one, take_turns


class House:
    """Answers each statement with its own text, and remembers what travelled together."""

    def __init__(self) -> None:
        self.travelled: list[list[str]] = []
        self.turns: list[bool] = []

    async def say_all(self, statements: Sequence[Statement]) -> list[Said]:
        self.travelled.append([one.text for one in statements])
        await asyncio.sleep(0)
        return [Said([(one.text,)], 1, 0) for one in statements]

    def together(self, *work: Any) -> Awaitable[tuple[Any, ...]]:
        return take_turns(work, self.say_all, self.turns.append)


async def asks(*texts: str) -> list[str]:
    return [(await ask(Statement(text, text))).rows[0][0] for text in texts]


async def test_what_is_asked_first_travels_together_in_the_order_of_the_pieces() -> None:
    house = House()
    assert await house.together(asks("a1", "a2", "a3"), asks(), asks("c1"), asks("d1", "d2")) == (
        ["a1", "a2", "a3"], [], ["c1"], ["d1", "d2"],
    )  # fmt: skip
    assert house.travelled == [["a1", "c1", "d1"], ["a2", "d2"], ["a3"]]


async def test_where_nobody_asks_nothing_is_said() -> None:
    house = House()
    assert await house.together(asks(), asks()) == ([], [])
    assert house.travelled == []


async def test_a_piece_may_wait_for_something_else() -> None:
    house = House()
    came = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(came.set_result, "came")

    async def waits() -> list[str]:
        return [await came, *await asks("w1")]

    assert await house.together(waits(), asks("o1")) == (["came", "w1"], ["o1"])
    assert house.travelled == [["w1", "o1"]]


async def test_it_is_a_pieces_turn_only_while_it_runs() -> None:
    house, seen = House(), list[bool]()

    async def looks() -> None:
        seen.append(house.turns[-1])
        await asyncio.sleep(0)
        seen.append(house.turns[-1])

    await house.together(looks(), asks("a"))
    assert seen == [True, True]
    assert house.turns[-1] is False


async def test_what_a_piece_waited_for_in_vain_is_its_own_to_handle() -> None:
    house = House()

    async def handles() -> str:
        try:
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), timeout=0)
        except TimeoutError:
            return "handled"
        return "not"

    assert await house.together(handles(), asks("a")) == ("handled", ["a"])


async def test_an_error_of_one_ends_all() -> None:
    house, ended = House(), list[str]()

    async def fails() -> None:
        await asks("f")
        raise ValueError("f")

    async def stays() -> None:
        try:
            await asks("s1", "s2")
        finally:
            ended.append("s")

    with pytest.raises(ValueError, match="f"):
        await house.together(fails(), stays(), asks("never"))
    assert ended == ["s"]


async def test_an_error_of_what_is_said_ends_all() -> None:
    ended = list[str]()

    async def refuse(_: Sequence[Statement]) -> Sequence[Said]:
        raise ConnectionError

    async def stays() -> None:
        try:
            await asks("s")
        finally:
            ended.append("s")

    with pytest.raises(ConnectionError):
        await take_turns([stays(), stays()], refuse, lambda _: None)
    assert ended == ["s", "s"]


async def test_whoever_is_cancelled_ends_all() -> None:
    house, ended = House(), list[str]()

    async def stays() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("s")

    task = asyncio.ensure_future(house.together(stays(), asks("never")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["s"]


async def test_one_by_one_the_rest_is_closed_where_one_fails() -> None:
    async def fails() -> None:
        raise ValueError("f")

    async def answers(given: int) -> int:
        return given

    assert await one_by_one([answers(1), answers(2)]) == (1, 2)
    with pytest.raises(ValueError, match="f"):
        await one_by_one([fails(), answers(3)])
