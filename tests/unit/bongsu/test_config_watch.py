"""A changed bongsu.yaml comes into force by itself, and a wrong one leaves everything as it was, aloud."""

import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bongsu.config_file import ConfigFile
from bongsu.config_watch import ConfigMetrics, ConfigWatch
from incidents.configuration import BrokenConfig
from incidents.errors import Unavailable
from incidents.policy import Policies, Policy

NOW = datetime(2026, 1, 2, 10, 12, tzinfo=UTC)
A, B = "slack: {default_channel: '#a'}", "slack: {default_channel: '#b'}"
WRONG = "slack: {default_chanel: '#b'}"


@dataclass
class Database:
    """What the watch tells all processes, and whom it wants told."""

    is_broken: BrokenConfig | None = None
    notices: list[tuple[str, str]] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    away: bool = False

    async def write(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        if self.away:
            raise Unavailable
        return await work(SimpleNamespace(now=NOW, configuration=self, outbox=self))

    async def broke(self, mistake: str) -> BrokenConfig:
        self.is_broken = BrokenConfig(mistake, self.is_broken.since if self.is_broken else NOW)
        return self.is_broken

    async def mended(self) -> BrokenConfig | None:
        before, self.is_broken = self.is_broken, None
        return before

    async def add_notice_once(self, subject: str, *, channel: str) -> None:
        if (subject, channel) not in self.notices:
            self.notices.append((subject, channel))

    async def touch_notice(self, subject: str) -> None:
        self.touched.append(subject)


class Watched:
    def __init__(self, path: Path, *, required: bool = True) -> None:
        self.path, self.registry, self.database, self.woken = path, CollectorRegistry(), Database(), list[int]()
        file = ConfigFile(path, required=required)
        self.policies = Policies(file.policy())
        self.watch = ConfigWatch(
            file,
            self.policies,
            self.database,  # type: ignore[arg-type]
            ConfigMetrics(self.registry),
            changed=lambda: self.woken.append(1),
        )

    @property
    def channel(self) -> str:
        return self.policies.current.default_channel

    @property
    def valid(self) -> float | None:
        return self.registry.get_sample_value("bongsu_config_valid")

    def write(self, text: str) -> None:
        """As an editor does: another file takes its place."""
        beside = self.path.with_suffix(".new")
        beside.write_text(text, "utf-8")
        os.replace(beside, self.path)  # noqa: PTH105 - atomic is the point

    async def ticks(self, times: int = 2) -> None:
        for _ in range(times):
            await self.watch.tick()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    (tmp_path / "bongsu.yaml").write_text(A, "utf-8")
    return Watched(tmp_path / "bongsu.yaml")


async def test_what_changes_is_in_force_once_it_stands_still(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await watched.ticks()
    assert "read again" not in caplog.text, "nothing has changed since the start"
    before = watched.registry.get_sample_value("bongsu_config_loaded_timestamp_seconds")
    watched.write(B)
    await watched.ticks(1)
    assert watched.channel == "#a", "it may still be being written"
    await watched.ticks(1)
    assert (watched.channel, watched.valid) == ("#b", 1)
    after = watched.registry.get_sample_value("bongsu_config_loaded_timestamp_seconds")
    assert before is not None
    assert after is not None
    assert after > before
    assert [record.__dict__["action"] for record in caplog.records] == ["config_loaded"]


async def test_what_changed_between_reading_and_watching_is_found(watched: Watched) -> None:
    watched.write(B)
    await watched.ticks()
    assert watched.channel == "#b"


async def test_a_file_that_keeps_changing_is_left_alone_until_it_stands_still(watched: Watched) -> None:
    await watched.ticks()
    for size in range(5):
        watched.write(B + "\n" * size)
        await watched.ticks(1)
    assert watched.channel == "#a"
    await watched.ticks(1)
    assert watched.channel == "#b"


async def test_sighup_does_not_wait(watched: Watched) -> None:
    await watched.ticks()
    watched.write(B)
    watched.watch.ask()
    await watched.ticks(1)
    assert watched.channel == "#b"


async def test_a_wrong_one_leaves_the_old_in_force_and_says_so_everywhere(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    await watched.ticks()
    watched.write(WRONG)
    await watched.ticks(6)
    assert (watched.channel, watched.valid) == ("#a", 0)
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.__dict__["action"] == "config_invalid"
    assert "line 1, column 9: there is no such key 'default_chanel'" in line.getMessage()
    [warning] = watched.watch.warnings()
    assert "line 1, column 9" in warning
    assert "what it said before stays in force" in warning
    assert watched.database.notices == [("config:20260102T10", "#a")]
    assert watched.database.is_broken is not None
    assert watched.database.is_broken.mistake.startswith("line 1, column 9: there is no such key")
    assert len(watched.database.touched) == 1


async def test_once_mended_all_of_that_is_over(watched: Watched) -> None:
    await watched.ticks()
    watched.write(WRONG)
    await watched.ticks()
    watched.write(B)
    await watched.ticks()
    assert (watched.channel, watched.valid, watched.watch.warnings()) == ("#b", 1, [])
    assert watched.database.is_broken is None
    assert watched.database.touched == ["config:20260102T10"] * 2


async def test_one_that_is_put_back_as_it_was_is_mended_too(watched: Watched) -> None:
    await watched.ticks()
    watched.write(WRONG)
    await watched.ticks()
    watched.write(A)
    await watched.ticks()
    assert (watched.valid, watched.database.is_broken) == (1, None)


async def test_one_that_is_gone_is_a_mistake(watched: Watched) -> None:
    await watched.ticks()
    watched.path.unlink()
    await watched.ticks()
    assert (watched.channel, watched.valid) == ("#a", 0)
    assert "can't be read" in watched.watch.warnings()[0]


async def test_without_a_file_the_defaults_hold_until_there_is_one(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "bongsu.yaml", required=False)
    await watched.ticks(4)
    assert (watched.policies.current, watched.valid) == (Policy(), 1)
    watched.write(B)
    await watched.ticks()
    assert watched.channel == "#b"
    watched.path.unlink()
    await watched.ticks()
    assert (watched.channel, watched.valid) == ("#b", 0), "nobody means to send everything to the default by that"


@pytest.mark.parametrize(("slug", "name"), [("default", "bongsu.yaml"), ("acme", "bongsu.acme.yaml")])
async def test_one_that_need_not_be_there_and_is_gone_is_told_by_its_name(tmp_path: Path, slug: str, name: str) -> None:
    path = ConfigFile(tmp_path / "bongsu.yaml").of(slug).path
    path.write_text(A, "utf-8")
    watched = Watched(path, required=False)
    await watched.ticks()
    path.unlink()
    await watched.ticks()
    wanted = f"{name} is gone: put it back, or an empty file in its place for the defaults"
    assert watched.watch.warnings() == [f"settings: {wanted}; what it said before stays in force"]
    assert watched.database.is_broken is not None
    assert (watched.channel, watched.database.is_broken.mistake) == ("#a", wanted)
    watched.write("")
    await watched.ticks()
    assert (watched.policies.current, watched.watch.warnings()) == (Policy(), [])


async def test_a_notice_that_can_not_be_asked_for_yet_is_asked_for_later(watched: Watched) -> None:
    await watched.ticks()
    watched.database.away = True
    watched.write(WRONG)
    await watched.ticks()
    assert watched.database.notices == []
    watched.database.away = False
    await watched.ticks(1)
    assert len(watched.database.notices) == 1


async def test_what_was_wrong_before_a_restart_is_over_when_it_starts(watched: Watched) -> None:
    watched.database.is_broken = BrokenConfig("line 1", NOW)
    await watched.ticks(1)
    assert watched.database.touched == ["config:20260102T10"]


async def test_a_long_mistake_is_cut(watched: Watched) -> None:
    watched.write(f"{'x' * 300}: 1")
    await watched.ticks()
    assert watched.database.is_broken is not None
    assert len(watched.database.is_broken.mistake) == 128
    assert watched.database.is_broken.mistake.endswith("…")
