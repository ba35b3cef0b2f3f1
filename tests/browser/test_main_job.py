"""The main job with a mouse: `bongsu demo` as a process of its own, and a person at its page."""

import asyncio

from playwright.async_api import Page, expect

from tests.smoke.grafana import Grafana


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
