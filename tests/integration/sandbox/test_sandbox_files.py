"""Files that an app uploads, as strictly as Slack takes them."""

from typing import Any

import pytest

from tests.integration.sandbox.stage import Stage
from tests.integration.sandbox.test_sandbox_chat import error_of

PNG = b"\x89PNG\r\n\x1a\n not much of one"


async def place(stage: Stage, *, length: int = len(PNG), **given: Any) -> Any:
    return (await stage.client.files_getUploadURLExternal(filename="a.png", length=length, **given)).data


async def send(stage: Stage, url: str, data: bytes = PNG) -> int:
    async with stage.http.post(url, data=data) as response:
        return response.status


async def test_files_upload_v2_shows_a_picture_in_a_thread(stage: Stage) -> None:
    ts = await stage.post()
    told = await stage.client.files_upload_v2(
        content=PNG, filename="a.png", title="Week", alt_txt="Bars", channel="C0INCIDENTS", thread_ts=ts
    )
    [_, message] = await stage.messages()
    [file] = message["files"]
    assert told["files"][0]["id"] == file["id"]
    assert message["thread_ts"] == ts
    assert {name: file[name] for name in ("name", "title", "alt_txt", "mimetype", "size")} == {
        "name": "a.png", "title": "Week", "alt_txt": "Bars", "mimetype": "image/png", "size": len(PNG),
    }  # fmt: skip
    async with stage.http.get(file["url_private"]) as response:
        assert (response.content_type, await response.read()) == ("image/png", PNG)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"length": 0}, "missing_argument"),
        ({"length": 2**31}, "file_upload_size_restricted"),
        ({"alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ({"length": 2**21, "snippet_type": "python"}, "snippet_too_large"),
    ],
)
async def test_what_can_not_be_uploaded_is_refused_before(stage: Stage, given: dict[str, Any], error: str) -> None:
    assert await error_of(place(stage, **given)) == error


async def test_the_address_takes_all_bytes_once_and_no_others(stage: Stage) -> None:
    told = await place(stage)
    assert await send(stage, told["upload_url"], PNG[:-1]) == 400
    assert await send(stage, told["upload_url"]) == 200
    assert await send(stage, told["upload_url"]) == 404
    assert await send(stage, told["upload_url"] + "x") == 404


async def test_a_file_is_completed_once_and_not_before_it_is_there(stage: Stage) -> None:
    told = await place(stage)
    files = [{"id": told["file_id"], "title": "t"}]
    assert await error_of(stage.client.files_completeUploadExternal(files=files)) == "file_not_found"
    await send(stage, told["upload_url"])
    await stage.client.files_completeUploadExternal(files=files)
    assert await error_of(stage.client.files_completeUploadExternal(files=files)) == "file_not_found"
    assert await stage.messages() == []


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ({"channel_id": "#incidents"}, "channel_not_found"),
        ({"channel_id": "C0NOWHERE"}, "channel_not_found"),
        ({"channel_id": "C0INCIDENTS", "thread_ts": "1.1"}, "thread_not_found"),
    ],
)
async def test_it_is_shown_where_the_bot_may(stage: Stage, where: dict[str, str], error: str) -> None:
    told = await place(stage)
    await send(stage, told["upload_url"])
    completed = stage.client.files_completeUploadExternal(files=[{"id": told["file_id"]}], **where)
    assert await error_of(completed) == error


async def test_a_channel_without_the_bot_takes_messages_but_no_files(stage: Stage) -> None:
    """`chat:write.public` lets it post."""
    channel = (await stage.do("channel", name="payments", bot_member=False))["channel"]["id"]
    await stage.client.chat_postMessage(channel=channel, text="x")
    told = await place(stage)
    await send(stage, told["upload_url"])
    completed = stage.client.files_completeUploadExternal(files=[{"id": told["file_id"]}], channel_id=channel)
    assert await error_of(completed) == "not_in_channel"
