import asyncio
import time
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.integration.sandbox.stage import Json, Stage, eventually


async def only_call(stage: Stage) -> Json:
    (call,) = (await stage.see("calls"))["calls"]
    found: Json = call
    return found


async def test_ratelimited_says_when_to_come_back(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="ratelimited", times=1, retry_after=7)
    with pytest.raises(SlackApiError) as error:
        await stage.post()
    assert error.value.response.status_code == 429
    assert error.value.response.headers["Retry-After"] == "7"
    assert error.value.response["error"] == "ratelimited"
    assert await stage.messages() == []


async def test_http_500_stores_nothing(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="http_500", times=1)
    with pytest.raises(SlackApiError) as error:
        await stage.post()
    assert error.value.response.status_code == 500
    assert await stage.messages() == []


async def test_html_comes_in_place_of_json(stage: Stage) -> None:
    await stage.do("faults", method="*", kind="html", times=1)
    async with stage.http.post(f"{stage.url}/api/auth.test") as response:
        assert (response.status, response.content_type) == (503, "text/html")


async def test_any_slack_error_can_be_asked_for(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="error:fatal_error", times=1)
    with pytest.raises(SlackApiError) as error:
        await stage.post()
    assert error.value.response["error"] == "fatal_error"
    assert await stage.messages() == []


async def test_reset_before_drops_the_connection_and_stores_nothing(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="reset_before", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await stage.post()
    assert await stage.messages() == []
    assert await only_call(stage) | {"at": 0} == {
        "method": "chat.postMessage",
        "at": 0,
        "args": {"channel": "#incidents", "text": "hi"},
        "http_status": 0,
        "answer": None,
        "fault": "reset_before",
    }


async def test_reset_after_stores_and_loses_the_reply(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="reset_after", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await stage.post(text="stored")
    assert [m["text"] for m in await stage.messages()] == ["stored"]


@pytest.mark.parametrize(("kind", "status"), [("http_500_after", 500), ("html_after", 503)])
async def test_an_error_may_be_the_answer_to_what_was_stored(stage: Stage, kind: str, status: int) -> None:
    await stage.do("faults", method="chat.postMessage", kind=kind, times=1)
    with pytest.raises(SlackApiError) as refused:
        await stage.post(text="stored")
    assert refused.value.response.status_code == status
    assert [m["text"] for m in await stage.messages()] == ["stored"]


async def test_a_timeout_may_follow_what_was_stored(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="timeout_after", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await stage.post(text="stored")
    assert [m["text"] for m in await stage.messages()] == ["stored"]


async def test_stored_late_loses_the_reply_and_stores_afterwards(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="stored_late", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await stage.post(text="late")
    assert await stage.messages() == []
    (message,) = await eventually(stage.messages)
    assert message["text"] == "late"


async def test_a_reset_forgets_what_was_to_be_stored_late(build: Any) -> None:
    stage = await build()
    await stage.do("faults", method="chat.postMessage", kind="stored_late", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await stage.post(text="late")
    await stage.do("reset")
    # A second late one comes after the first would have come.
    await stage.do("faults", method="chat.postMessage", kind="stored_late", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await stage.post(text="second")
    assert [m["text"] for m in await eventually(stage.messages)] == ["second"]


async def test_timeout_never_answers_and_stores_nothing(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="timeout", times=1)
    started = time.monotonic()
    with pytest.raises(aiohttp.ClientConnectionError):
        await stage.post()
    assert time.monotonic() - started >= 0.2
    assert await stage.messages() == []


async def test_a_caller_may_give_up_on_a_call_that_is_held(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="timeout", times=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await stage.post()
    assert await stage.post()


async def test_a_fault_hits_its_method_and_so_many_times(stage: Stage) -> None:
    await stage.do("faults", method="chat.postMessage", kind="error:fatal_error", times=2)
    assert (await stage.client.auth_test())["ok"]
    for _ in range(2):
        with pytest.raises(SlackApiError):
            await stage.post()
    assert await stage.post()


async def test_a_fault_without_end_stays_until_a_reset(stage: Stage) -> None:
    await stage.do("faults", method="*", kind="error:fatal_error", times=None)
    for _ in range(3):
        with pytest.raises(SlackApiError):
            await stage.client.auth_test()
    await stage.do("reset")
    assert (await stage.client.auth_test())["ok"]
    assert len((await stage.see("calls"))["calls"]) == 1


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"method": "chat.shout", "kind": "html"}, "chat.shout"),
        ({"method": "*", "kind": "boom"}, "boom"),
        ({"method": "*", "kind": "error:"}, "error:"),
        ({"method": "*"}, "kind"),
        ({"method": "*", "kind": "html", "times": 0}, "times"),
        ({"method": "*", "kind": "html", "retry_after": -1}, "retry_after"),
    ],
)
async def test_a_fault_that_cannot_be_is_refused_clearly(stage: Stage, fault: Json, says: str) -> None:
    status, answer = await stage.attempt("faults", **fault)
    assert status == 422
    assert says in answer["error"]


async def test_a_control_call_that_is_not_json_is_refused_clearly(stage: Stage) -> None:
    async with stage.http.post(f"{stage.url}/_control/click", data="{") as response:
        assert response.status == 400
        assert "not JSON" in (await response.json())["error"]


async def test_a_reset_gives_back_a_clean_workspace(stage: Stage) -> None:
    await stage.post()
    await stage.do("channel", name="general", archived=True)
    await stage.do("token", valid=False)
    await stage.do("limits", post_per_second=True)
    await stage.do("reset")
    assert await stage.messages() == []
    assert [await stage.post(channel="#general") for _ in range(2)]


async def test_a_page_from_elsewhere_cannot_press_anything(stage: Stage) -> None:
    headers = {"Origin": "https://evil.example"}
    async with stage.http.post(f"{stage.url}/_control/reset", json={}, headers=headers) as response:
        assert response.status == 403


async def test_the_stream_says_that_something_changed(stage: Stage) -> None:
    async with stage.http.get(f"{stage.url}/_control/stream") as stream:
        assert await stream.content.readline() == b": connected\n"
        await stream.content.readline()
        for _ in range(10):
            await stage.post()
        assert await stream.content.readline() == b'data: {"type": "changed"}\n'
