"""A phone that shows the sandbox's page, for pictures: 390 points wide, at 10:35 UTC on 2 January 2026."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from playwright.async_api import Locator, Page, async_playwright, expect

from sandbox.app import create_app
from sandbox.settings import Timing
from tests.browser.conftest import FLAGS, find_chromium
from tests.mariadb import free_port
from tests.unit.bot.samples import minutes

WIDTH = 390
NOW = minutes(35)
TALL = 2400
"""What doesn't fit into the page's own scrolling parts would be cut off."""

Block = dict[str, Any]


class Phone:
    """``view`` is the modal that any button opens."""

    def __init__(self, page: Page, session: ClientSession, url: str) -> None:
        self._page, self._session, self._url = page, session, url
        self.view: Block = {}

    async def post(self, text: str, blocks: list[Block]) -> Locator:
        """The message on the page."""
        told = await self._call("chat.postMessage", channel="#incidents", text=text, blocks=blocks)
        message = self._page.locator(f'[data-ts="{told["ts"]}"]').first
        await expect(message).to_be_visible()
        return message

    async def post_picture(self, content: bytes, *, title: str, alt: str) -> Locator:
        """The message that shows it, once it is loaded."""
        about = {"filename": "chart.png", "length": len(content), "alt_txt": alt}
        place = await self._call("files.getUploadURLExternal", **about)
        async with self._session.post(place["upload_url"], data=content) as response:
            response.raise_for_status()
        files = [{"id": place["file_id"], "title": title}]
        await self._call("files.completeUploadExternal", files=files, channel_id="C0INCIDENTS")
        image = self._page.get_by_role("img", name=alt).first
        await expect(image).to_be_visible()
        await image.evaluate("image => image.decode()")
        return self._page.locator("[data-ts]").filter(has=image).first

    async def modal(self, button: Locator) -> Locator:
        """What this button opens, once it shows all of itself."""
        await button.click()
        modal = self._page.get_by_role("dialog")
        await expect(modal).to_be_visible()
        await modal.evaluate(
            "modal => [modal, ...modal.querySelectorAll('*')].forEach(e => e.style.maxHeight = 'none')"
        )
        return modal

    async def receive(self, request: web.Request) -> web.Response:
        payload = json.loads(str((await request.post())["payload"]))
        if payload["type"] == "block_actions":
            await self._call("views.open", trigger_id=payload["trigger_id"], view=self.view)
        return web.Response()

    async def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        headers = {"Authorization": "Bearer xoxb-pictures"}
        async with self._session.post(f"{self._url}/api/{method}", json=arguments, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
        if not answer["ok"]:
            raise ValueError(answer)
        return answer


@asynccontextmanager
async def a_phone(*, height: int = TALL) -> AsyncIterator[Phone]:
    """In Chromium, which must be installed; with a font of emoji, or they are boxes (``fonts-noto-color-emoji``)."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with async_playwright() as playwright, ClientSession() as session:
        chromium = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = await chromium.new_page(viewport={"width": WIDTH, "height": height}, timezone_id="UTC")
        phone = Phone(page, session, f"{url}/sandbox")
        runner = await _serving(phone, url, port)
        await page.clock.set_fixed_time(NOW)
        await page.goto(f"{url}/sandbox/")
        yield phone
        await chromium.close()
        await runner.cleanup()


async def _serving(phone: Phone, url: str, port: int) -> web.AppRunner:
    app = web.Application()
    app.router.add_post("/slack/events", phone.receive)
    slack = create_app(
        app_url=url, signing_secret="s", public_url=f"{url}/sandbox", timing=Timing(now=_ticking_from(NOW))
    )
    app.add_subapp("/sandbox/", slack)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


def _ticking_from(at: datetime) -> Any:
    """A clock that stands still: nothing on a picture may depend on when it was taken."""
    return at.timestamp


async def picture(of: Locator, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    await of.screenshot(path=path, animations="disabled")
