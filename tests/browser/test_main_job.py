"""The main job with a mouse: `bongsu demo` as a process of its own, and a person at its page."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.smoke.grafana import Grafana
from tests.smoke.harness import status_of
from tests.smoke.processes import Process
from tests.smoke.waiting import until


@pytest.fixture
def demo(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[str]:
    """Its URL, once it is ready. No sample alerts."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = Process("demo", "--quiet", "--port", str(port), cwd=tmp_path)
    try:
        until(lambda: status_of(f"{url}/readyz") == 200, "the demo is ready", within=20)
        yield url
    finally:
        process.kill()
    assert process.stderr == ""


async def test_an_alert_is_acknowledged_with_the_mouse_and_listed_by_typing(page: Page, demo: str) -> None:
    await page.goto(f"{demo}/sandbox")
    await expect(page.get_by_role("heading", name="incidents").first).to_be_visible()
    channel = page.get_by_role("log", name="Messages")
    grafana = Grafana(demo, token="demo", hmac_secret="")
    await asyncio.to_thread(grafana.fires, "checkout-5xx", series=["pod-a"])
    card = channel.get_by_role("article").filter(has_text="CRITICAL · Active · INC-1")
    await expect(card).to_be_visible()

    await card.get_by_role("button", name="Acknowledge").click()
    await expect(channel.get_by_text("CRITICAL · Acknowledged · INC-1")).to_be_visible()
    await expect(card).to_have_count(0)

    box = page.get_by_role("textbox", name="Message #incidents")
    await box.fill("/incident list")
    await page.keyboard.press("Enter")
    answer = channel.get_by_role("article").filter(has_text="Only visible to you")
    await expect(answer).to_contain_text("INC-1")
    await expect(answer).to_contain_text("has it")
