"""Words are made and stored in small pieces: whoever else has something to do has a turn in between."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

from db.queries.search_words import SearchWordQueries
from tests.building import an_incident

INCIDENTS = [an_incident(id=number, title=f"Checkout {number} is slow") for number in range(200)]


async def test_others_have_their_turn_while_words_of_many_are_written() -> None:
    stored: list[Mapping[str, Any]] = []
    turns: list[int] = []

    async def keep(_table: object, rows: Sequence[Mapping[str, Any]], **_: object) -> None:
        """As where nothing is said to the database yet: nobody is waited for."""
        stored.extend(rows)

    async def other() -> None:
        while True:
            turns.append(len(stored))
            await asyncio.sleep(0)

    gate = SimpleNamespace(delete=Mock(), execute=AsyncMock(), insert_many_or_keep=keep)
    beside = asyncio.create_task(other())
    await SearchWordQueries(gate).rewrite(INCIDENTS)  # type: ignore[arg-type]
    beside.cancel()
    keys = [(row["word"], row["incident_id"]) for row in stored]
    assert {incident_id for _, incident_id in keys} == {one.id for one in INCIDENTS}
    assert keys == sorted(keys)
    assert turns.count(0) >= 10
    assert max(after - before for before, after in pairwise(turns)) <= 200
