import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from sandbox import page_files
from sandbox.app import create_app
from sandbox.errors import SandboxError
from sandbox.server import serve
from tests.integration.sandbox.stage import Stage, eventually


def an_app() -> web.Application:
    return create_app(app_url="http://127.0.0.1:1", signing_secret="s", public_url="http://127.0.0.1:9000")


async def test_it_says_where_it_listens_and_stops_when_told(
    free_port: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    running = asyncio.create_task(serve(an_app(), host="127.0.0.1", port=port))
    said = ""

    async def listening() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return bool(said)

    await eventually(listening)
    assert said == f"sandbox listening on http://127.0.0.1:{port}/\n"
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/_control/stream"):
        async with http.get(f"http://127.0.0.1:{port}/", allow_redirects=False) as page:
            assert page.status == 200
        # A page that watches must not keep it from stopping.
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(3):
            await running


async def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"cannot listen on 127.0.0.1:{port}") as error:
            await serve(an_app(), host="127.0.0.1", port=port)
    assert "\n" not in str(error.value)


async def test_the_page_is_served_with_its_slash(stage: Stage) -> None:
    async with stage.http.get(stage.url, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/slack/")


async def test_only_files_of_the_page_are_served(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<h1>hi</h1>")
    (page / "app.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(page_files, "PAGE", page)
    for path, status in [("", 200), ("app.js", 200), ("secret.txt", 404), ("..%2fsecret.txt", 404)]:
        async with stage.http.get(f"{stage.url}/{path}") as response:
            assert (path, response.status) == (path, status)
