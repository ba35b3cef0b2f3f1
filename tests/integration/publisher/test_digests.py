"""A digest and its picture in Slack: one message, and a picture below it in the normal case."""

import asyncio
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.publisher.pictures import Pictures
from db.digest_tables import digests
from incidents.digests.due import look_at_digests
from incidents.digests.model import Digest
from incidents.digests.report import Trend
from incidents.policy import Policies, Policy
from jobs.fire_times import FireTimes
from sandbox.settings import DEFAULT_SCOPES
from tests.building import firing
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.stage import Json, Stage

HOURLY = Digest("hourly", "#payments", "0 * * * *", ZoneInfo("UTC"))
PNG = b"\x89PNG\r\n\x1a\n fake"
COMPLETE = "files.completeUploadExternal"


class Drawing:
    """Draws nothing much, and remembers that it did."""

    def __init__(self) -> None:
        self.drawn: list[Trend] = []

    def __call__(self, trend: Trend) -> bytes:
        self.drawn.append(trend)
        return PNG


class Scene:
    """The digest of eleven o'clock is due; its channel has the bot as a member unless told otherwise."""

    def __init__(self, stage: Stage, *, language: str = "en", draw: Callable[[Trend], bytes] | None) -> None:
        self.stage = stage
        self.pictures = [
            Pictures(hand.transactions, hand.client, Policies(Policy(language=language)), stage.metrics, draw=draw)
            for hand in stage.hands
        ]

    async def is_due(self) -> None:
        """For all processes at once."""
        times = {HOURLY: FireTimes(HOURLY.cron, HOURLY.zone)}
        for _ in range(2):
            for hand in self.stage.hands:
                await hand.transactions.write(lambda uow: look_at_digests(times, uow))
            self.stage.clock.advance(3600)
        self.stage.clock.advance(-3600)
        await self.stage.settle()

    async def look_for(self, seconds: float) -> None:
        """All processes look at pictures every ten seconds."""
        for _ in range(int(seconds / 10)):
            await asyncio.gather(*(one.tick() for one in self.pictures))
            self.stage.clock.advance(10)

    async def shown(self) -> tuple[list[Json], list[Json]]:
        """The digests, and the pictures below them."""
        messages = await self.stage.messages("#payments")
        roots = [one for one in messages if not one["thread_ts"]]
        return roots, [one for one in messages if one["files"]]

    async def file_ids(self) -> list[str]:
        async with self.stage.hands[0].transactions.engines.read.connect() as connection:
            told = await connection.execute(sa.select(digests.c.file_id).where(digests.c.state == "published"))
            return list(told.scalars())

    async def wants_no_more(self) -> bool:
        self.stage.clock.advance(24 * 3600)
        return not await self.stage.read(lambda uow: uow.digests.any_chart())


@pytest.fixture
def drawing() -> Drawing:
    return Drawing()


async def a_scene(build: Build, *, draw: Callable[[Trend], bytes] | None, **options: Any) -> Scene:
    member = options.pop("member", True)
    stage = await build(publishers=2, **options)
    await stage.do("channel", name="payments", bot_member=member)
    return Scene(stage, draw=draw)


async def test_one_message_and_one_picture_below_it(build: Build, drawing: Drawing) -> None:
    scene = await a_scene(build, draw=drawing)
    await scene.stage.take(firing("a", service="payments"))
    await scene.is_due()
    await scene.look_for(300)
    [digest], [picture] = await scene.shown()
    assert digest["text"].startswith("Digest of 1 h: ")
    assert picture["thread_ts"] == digest["ts"]
    [file] = picture["files"]
    assert (file["mimetype"], file["size"]) == ("image/png", len(PNG))
    assert file["title"] == "Incidents opened per hour, and time to recover"
    assert file["alt_txt"].startswith("Incidents opened per hour, and time to recover. MTTR: ")
    assert await scene.file_ids() == [file["id"]]
    assert len(drawing.drawn) == 1
    assert await scene.wants_no_more()
    async with scene.stage.http.get(file["url_private"]) as response:
        assert await response.read() == PNG


async def test_without_matplotlib_there_is_no_picture_and_the_log_says_so_once(
    build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    scene = await a_scene(build, draw=None)
    scene.pictures = scene.pictures[:1]
    await scene.is_due()
    await scene.look_for(60)
    scene.stage.clock.advance(3600)
    await scene.is_due()
    await scene.look_for(60)
    digests_shown, pictures = await scene.shown()
    assert len(digests_shown) >= 2
    assert pictures == []
    said = [record.getMessage() for record in caplog.records if record.__dict__.get("action") == "no_pictures"]
    assert said == ["matplotlib is not installed, so digests have no pictures: install bongsu[charts]"]
    assert await scene.wants_no_more()


@pytest.mark.parametrize(
    ("method", "kind", "least", "most"),
    [
        ("files.getUploadURLExternal", "ratelimited", 1, 1),
        ("files.getUploadURLExternal", "timeout", 1, 1),
        (COMPLETE, "ratelimited", 1, 1),
        (COMPLETE, "reset_before", 1, 1),
        (COMPLETE, "reset_after", 1, 2),
        (COMPLETE, "html", 1, 1),
        (COMPLETE, "error:not_in_channel", 0, 0),
        (COMPLETE, "error:channel_not_found", 0, 0),
    ],
)
async def test_a_picture_that_slack_did_not_take_is_tried_again_and_the_digest_never(
    build: Build, drawing: Drawing, method: str, kind: str, least: int, most: int
) -> None:
    """Where the outcome is unknown there may be two."""
    scene = await a_scene(build, draw=drawing)
    await scene.stage.breaks(method, kind)
    await scene.is_due()
    await scene.look_for(300)
    told, pictures = await scene.shown()
    assert len(told) == 1
    assert least <= len(pictures) <= most
    assert await scene.wants_no_more()


async def test_where_slack_never_takes_it_it_is_given_up(build: Build, drawing: Drawing) -> None:
    scene = await a_scene(build, draw=drawing)
    await scene.stage.breaks(COMPLETE, "http_500", times=None)
    await scene.is_due()
    await scene.look_for(900)
    assert len(drawing.drawn) == 5
    assert await scene.wants_no_more()


@pytest.mark.parametrize(
    ("options", "action"),
    [
        ({"scopes": [scope for scope in DEFAULT_SCOPES if scope != "files:write"]}, "no_pictures"),
        ({"member": False}, "picture_failed"),
    ],
    ids=["no scope", "no member"],
)
async def test_a_digest_goes_without_where_slack_will_not_have_the_picture(
    build: Build, drawing: Drawing, caplog: pytest.LogCaptureFixture, options: dict[str, Any], action: str
) -> None:
    scene = await a_scene(build, draw=drawing, **options)
    await scene.is_due()
    await scene.look_for(60)
    told, pictures = await scene.shown()
    assert (len(told), pictures) == (1, [])
    assert action in [record.__dict__.get("action") for record in caplog.records]
    assert await scene.wants_no_more()


async def test_while_slack_is_away_digest_and_picture_wait(build: Build, drawing: Drawing) -> None:
    scene = await a_scene(build, draw=drawing)
    await scene.stage.breaks("chat.postMessage", "http_500", times=3)
    await scene.is_due()
    await scene.look_for(200)
    told, pictures = await scene.shown()
    assert (len(told), len(pictures)) == (1, 1)
