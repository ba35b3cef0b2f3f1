"""What must be known of a person before an answer."""

import asyncio
from datetime import UTC
from unittest.mock import AsyncMock, Mock
from zoneinfo import ZoneInfo

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.asking_slack import refuse_unassignable, zone_of
from bot.client import Identity
from bot.people import Directory
from incidents.errors import NotAssignable

ALICE = {"id": "U0ALICE", "real_name": "Alice Kim", "tz": "Asia/Seoul"}
US = Identity(AsyncWebClient(), user_id="U0BONGSU")


def directory(**user: object) -> Directory:
    return Directory(Mock(spec=AsyncWebClient, users_info=AsyncMock(return_value={"user": {**ALICE, **user}})))


def silent() -> Directory:
    """Slack takes for ever."""

    async def never(**_: object) -> None:
        await asyncio.Event().wait()

    return Directory(Mock(spec=AsyncWebClient, users_info=never))


async def refused(of: Directory, user_id: str | None) -> bool | None:
    """Whether it is refused as a bot; None: it is not refused."""
    try:
        await refuse_unassignable(of, US, user_id)
    except NotAssignable as error:
        return error.is_bot
    return None


async def test_who_has_left_and_bots_get_no_incident() -> None:
    assert await refused(directory(), "U0ALICE") is None
    assert await refused(directory(), None) is None
    assert await refused(directory(deleted=True), "U0ALICE") is False
    assert await refused(directory(is_bot=True), "U0ALICE") is True


@pytest.mark.parametrize("user_id", ["U0BONGSU", "USLACKBOT"])
async def test_we_and_slackbot_are_known_without_asking(user_id: str) -> None:
    assert await refused(silent(), user_id) is True


async def test_what_slack_does_not_tell_in_time_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.asking_slack._SECONDS", 0)
    assert await refused(silent(), "U0ALICE") is None
    assert await zone_of(silent(), "U0ALICE") is UTC


async def test_the_zone_is_theirs_or_utc() -> None:
    assert await zone_of(directory(), "U0ALICE") == ZoneInfo("Asia/Seoul")
    assert await zone_of(directory(tz=""), "U0ALICE") is UTC
