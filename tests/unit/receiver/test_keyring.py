"""What a process remembers of API keys, and for how long."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from incidents.access.model import ApiKey, KeyRole
from incidents.errors import Unavailable
from receiver import keyring
from receiver.keyring import FRESH_SECONDS, MOST_UNKNOWN, OLDEST_SECONDS, UNKNOWN_SECONDS, Keyring

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KEY = ApiKey(7, 2, "grafana", KeyRole.INGEST, "d1", "wxyz", NOW, "cli")
PATIENCE = timedelta(seconds=1)


@dataclass
class Database:
    """Its keys by digest. ``reads`` are the digests that were asked for; while ``away`` it does not answer."""

    keys: dict[str, ApiKey] = field(default_factory=lambda: {"d1": KEY})
    reads: list[str] = field(default_factory=list)
    used_at: dict[int, datetime] = field(default_factory=dict)
    writes: list[int] = field(default_factory=list)
    away: bool = False
    open: asyncio.Event = field(default_factory=asyncio.Event)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.open.set()

    @property
    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def of(self, tenant_id: int) -> Any:
        self.writes.append(tenant_id)
        return self

    async def read(self, work: Callable[[Any], Awaitable[Any]], *, patience: timedelta) -> Any:
        found = await work(SimpleNamespace(api_keys=self, now=self.now))
        await self.open.wait()
        return found

    async def write(self, work: Callable[[Any], Awaitable[Any]], *, patience: timedelta) -> Any:
        return await work(SimpleNamespace(api_keys=self, now=self.now))

    async def by_digest(self, digest: str) -> ApiKey | None:
        self.reads.append(digest)
        self._reach()
        return self.keys.get(digest)

    async def used(self, key_id: int, *, at: datetime) -> None:
        self._reach()
        self.used_at[key_id] = at

    def _reach(self) -> None:
        if self.away:
            raise Unavailable("connection refused")


@dataclass
class House:
    database: Database = field(default_factory=Database)

    def __post_init__(self) -> None:
        real: Any = self.database
        self.ring = Keyring(real, self.database.of, monotonic=lambda: self.database.seconds)

    async def finds(self, digest: str = "d1") -> ApiKey | None:
        found = await self.ring.find(digest, patience=PATIENCE)
        for _ in range(3):
            await asyncio.sleep(0)  # what is asked behind its back comes to its end
        return found


@pytest.fixture
async def house() -> House:
    return House()


async def test_however_often_a_key_is_shown_the_database_is_asked_once(house: House) -> None:
    found = await asyncio.gather(*(house.ring.find("d1") for _ in range(50)))
    house.database.seconds = FRESH_SECONDS - 0.01
    assert [*found, await house.finds()] == [KEY] * 51
    assert house.database.reads == ["d1"]


async def test_one_that_stays_in_use_is_asked_for_behind_its_back(house: House) -> None:
    await house.finds()
    house.database.seconds = FRESH_SECONDS
    house.database.open.clear()
    assert await house.finds() is KEY
    assert house.database.reads == ["d1", "d1"]


@pytest.mark.parametrize("shown_after", [OLDEST_SECONDS, 3600.0])
async def test_one_that_was_revoked_elsewhere_is_known_to_be_within_five_seconds(
    house: House, shown_after: float
) -> None:
    await house.finds()
    house.database.keys["d1"] = replace(KEY, revoked_at=NOW)
    house.database.seconds = shown_after
    found = await house.finds()
    assert found is not None
    assert found.revoked_at == NOW
    assert OLDEST_SECONDS < 5


async def test_one_that_was_revoked_here_is_known_to_be_at_once(house: House) -> None:
    await house.finds()
    house.database.seconds = FRESH_SECONDS
    house.database.open.clear()
    await house.finds()
    assert house.database.reads == ["d1", "d1"]  # what was true until now is on its way back
    house.database.keys["d1"] = replace(KEY, revoked_at=NOW)
    house.ring.forget(KEY.id)
    house.database.open.set()
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
    found = await house.finds()
    assert found is not None
    assert found.revoked_at == NOW


async def test_an_unknown_one_is_remembered_briefly(house: House) -> None:
    assert await house.finds("d2") is None
    assert await house.finds("d2") is None
    assert house.database.reads == ["d2"]
    house.database.keys["d2"] = replace(KEY, id=8)
    house.database.seconds = UNKNOWN_SECONDS
    assert await house.finds("d2") is not None


async def test_a_flood_of_guesses_neither_fills_the_memory_nor_drives_out_keys(house: House) -> None:
    await house.finds()
    for number in range(MOST_UNKNOWN + 10):
        assert await house.ring.find(f"guess {number}") is None
    assert len(house.ring._unknown) == MOST_UNKNOWN
    assert await house.finds() is KEY
    assert house.database.reads.count("d1") == 1


async def test_only_a_few_unknown_ones_are_asked_for_at_a_time(house: House) -> None:
    await house.finds()
    house.database.open.clear()
    guesses = [asyncio.create_task(house.ring.find(f"guess {number}")) for number in range(50)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(house.database.reads) == 1 + keyring._UNKNOWN_AT_ONCE
    assert await house.finds() is KEY
    house.database.open.set()
    assert set(await asyncio.gather(*guesses)) == {None}


async def test_while_the_database_is_away_a_known_key_goes_on_and_an_unknown_one_can_not_be_told(house: House) -> None:
    await house.finds()
    house.database.away = True
    house.database.seconds = 3600.0
    assert await house.finds() is KEY
    with pytest.raises(Unavailable):
        await house.finds("d2")
    house.database.away = False
    house.database.keys["d1"] = replace(KEY, revoked_at=NOW)
    house.database.seconds += OLDEST_SECONDS
    found = await house.finds()
    assert found is not None
    assert found.revoked_at == NOW


async def test_whoever_hangs_up_takes_nothing_from_the_others(house: House) -> None:
    house.database.open.clear()
    first, second = (asyncio.create_task(house.ring.find("d1")) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    house.database.open.set()
    assert await second is KEY


async def test_a_use_is_written_once_a_minute_for_the_tenant_of_the_key(house: House) -> None:
    await house.finds()
    await house.ring.write_uses()
    assert (house.database.used_at, house.database.writes) == ({7: NOW}, [2])
    house.database.seconds = 59.0
    await house.finds()
    await house.ring.write_uses()
    assert house.database.writes == [2]
    house.database.seconds = 60.0
    await house.finds()
    await house.ring.write_uses()
    assert house.database.used_at == {7: NOW + timedelta(minutes=1)}


async def test_what_is_written_of_a_use_is_its_own_time(house: House) -> None:
    await house.finds()
    house.database.seconds = 1.0
    await house.finds()
    house.database.seconds = 9.0
    await house.ring.write_uses()
    assert house.database.used_at == {7: NOW + timedelta(seconds=1)}


async def test_a_use_that_another_process_has_written_is_enough(house: House) -> None:
    house.database.keys["d1"] = replace(KEY, last_used_at=NOW - timedelta(seconds=59))
    await house.finds()
    await house.ring.write_uses()
    assert house.database.writes == []


async def test_a_use_that_could_not_be_written_is_written_later(house: House) -> None:
    await house.finds()
    house.database.away = True
    await house.ring.write_uses()
    house.database.away = False
    house.database.seconds = 5.0
    await house.ring.write_uses()
    assert house.database.used_at == {7: NOW}


async def test_a_key_that_opens_nothing_is_not_used(house: House) -> None:
    house.database.keys["d1"] = replace(KEY, expires_at=NOW)
    await house.finds()
    await house.ring.write_uses()
    assert house.database.used_at == {}
