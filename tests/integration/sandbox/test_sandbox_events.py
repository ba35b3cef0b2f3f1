from typing import Any

import pytest
from aiohttp import web

from tests.integration.sandbox.stage import Bot, Stage, eventually


async def received(bot: Bot, number: int) -> None:
    async def enough() -> bool:
        return len(bot.received) >= number

    await eventually(enough)


async def test_an_event_reaches_the_bot_as_slack_shapes_it(stage: Stage) -> None:
    result = await stage.do("event", type="reaction_added", user="U0ALICE", reaction="eyes")
    told = stage.bot.last.json
    assert result["status"] == 200
    assert (told["type"], told["team_id"], told["event_id"]) == (
        "event_callback",
        "T0SANDBOX",
        result["event_id"],
    )
    assert told["event"]["reaction"] == "eyes"
    assert told["event"]["event_ts"]
    assert "X-Slack-Signature" in stage.bot.last.headers
    assert "X-Slack-Retry-Num" not in stage.bot.last.headers


async def test_opening_the_home_tab_names_its_person_and_place(stage: Stage) -> None:
    await stage.do("event", type="app_home_opened", user="alice")
    event = stage.bot.last.json["event"]
    assert (event["type"], event["tab"]) == ("app_home_opened", "home")
    assert event["channel"].startswith("D")


async def test_the_url_is_verified_by_a_challenge(stage: Stage) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=(await request.json())["challenge"])

    stage.bot.answer = answer
    result = await stage.do("event", type="url_verification")
    assert result["body"] == result["challenge"]


async def test_a_failed_event_is_sent_again_three_times(stage: Stage) -> None:
    stage.bot.answers(status=500)
    result = await stage.do("event", type="app_mention", user="U0ALICE", channel="#incidents", text="hi")
    assert result["status"] == 500
    await received(stage.bot, 4)
    retries = [(r.headers.get("X-Slack-Retry-Num"), r.headers.get("X-Slack-Retry-Reason")) for r in stage.bot.received]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({r.json["event_id"] for r in stage.bot.received}) == 1
    assert stage.bot.last.json["event"]["channel"] == "C0INCIDENTS"


async def test_an_event_is_not_sent_again_once_it_was_taken(stage: Stage) -> None:
    async def second_time(request: web.Request) -> web.StreamResponse:
        return web.Response(status=200 if "X-Slack-Retry-Num" in request.headers else 503)

    stage.bot.answer = second_time
    await stage.do("event", type="app_mention", user="U0ALICE")
    await received(stage.bot, 2)
    # Whatever is sent afterwards comes after every retry that could have followed.
    stage.bot.answers(status=500)
    await stage.do("event", type="team_join")
    await received(stage.bot, 6)
    assert [r.json["event"]["type"] for r in stage.bot.received] == ["app_mention"] * 2 + ["team_join"] * 4


async def test_a_slow_bot_is_asked_again_with_the_reason(stage: Stage) -> None:
    async def slow_at_first(request: web.Request) -> web.StreamResponse:
        if "X-Slack-Retry-Num" not in request.headers:
            await eventually(_retried)
        return web.Response()

    async def _retried() -> bool:
        return len(stage.bot.received) > 1

    stage.bot.answer = slow_at_first
    assert (await stage.do("event", type="app_mention", user="U0ALICE"))["status"] == 0
    await received(stage.bot, 2)
    assert stage.bot.last.headers["X-Slack-Retry-Reason"] == "http_timeout"


async def test_a_bot_can_say_that_it_wants_no_retry(stage: Stage) -> None:
    async def no_more(request: web.Request) -> web.StreamResponse:
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    stage.bot.answer = no_more
    await stage.do("event", type="app_mention", user="U0ALICE")
    stage.bot.answers(status=500)
    await stage.do("event", type="team_join")
    await received(stage.bot, 5)
    assert [r.json["event"]["type"] for r in stage.bot.received] == ["app_mention"] + ["team_join"] * 4


async def test_the_same_event_can_be_sent_twice(stage: Stage) -> None:
    for _ in range(2):
        await stage.do("event", type="app_mention", user="U0ALICE", event_id="Ev1")
    assert [r.json["event_id"] for r in stage.bot.received] == ["Ev1", "Ev1"]
    assert "event_id" not in stage.bot.last.json["event"]


@pytest.mark.parametrize("body", [{}, {"type": ""}, {"type": "app_home_opened"}])
async def test_an_event_that_cannot_be_is_refused(stage: Stage, body: dict[str, Any]) -> None:
    assert (await stage.attempt("event", **body))[0] == 422
