"""``python -m tests.screenshots.views``: pictures of the main views, taken of the demo, with people at work in it.

They stand in ``docs/images`` and are told of in ``docs/quickstart.md``. Look at them after taking them.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright, expect

from tests.browser.conftest import FLAGS, find_chromium
from tests.mariadb import free_port
from tests.screenshots.phone import TALL, WIDTH
from tests.smoke.grafana import Grafana
from tests.smoke.harness import status_of
from tests.smoke.processes import Process
from tests.smoke.waiting import until
from tests.smoke.workspace import Workspace

FOLDER = Path(__file__).parents[2] / "docs" / "images"
SHOWN = (
    "view-channel",
    "view-thread",
    "view-phone",
    "view-snooze",
    "view-more",
    "view-why",
    "view-details",
    "view-merge",
    "view-declare",
    "view-home",
    "view-list",
    "view-stats",
)
ZONE = "Asia/Seoul"
"""Alice's: what forms tell her in words is in hers, and the page shows times in the browser's."""
_ALL_OF_IT = "form => [form, ...form.querySelectorAll('*')].forEach(node => node.style.maxHeight = 'none')"


class Tour:
    """Alice at her page, wide or on a phone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.channel = page.get_by_role("log", name="Messages")
        self.form = page.get_by_role("dialog")

    def card(self, name: str) -> Locator:
        return self.channel.locator("[data-ts]").filter(has=self.page.get_by_role("button", name=f"Why? {name}")).first

    async def choose(self, name: str, label: str) -> None:
        await self.card(name).get_by_role("button", name="More actions").first.click()
        await self.page.get_by_role("menuitem", name=label, exact=True).click()
        await expect(self.form).to_be_visible()

    async def types(self, line: str, *, answer: str) -> Locator:
        """The answer to a command, in which these words are."""
        await self.page.get_by_role("textbox", name="Message #incidents").fill(line)
        await self.page.keyboard.press("Enter")
        told = self.channel.locator("[data-ts]").filter(has_text="Only visible to you").filter(has_text=answer)
        await expect(told).to_be_visible()
        return told

    async def shut(self) -> None:
        """All forms, whose stack the cross closes at once."""
        await self.form.get_by_role("button", name="Close", exact=True).first.click()
        await expect(self.form).to_have_count(0)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        demo = Process("demo", "--quiet", "--port", str(port), cwd=Path(folder))
        try:
            until(lambda: status_of(f"{url}/readyz") == 200, "the demo is ready")
            something_happens(url)
            await take_pictures(f"{url}/sandbox")
        finally:
            demo.kill()


def something_happens(url: str) -> None:
    grafana, workspace = Grafana(url, token="demo", hmac_secret=""), Workspace(f"{url}/sandbox")
    channel = workspace.channel("#incidents")
    resizer = {"service": "resizer", "cluster": "staging", "severity": "info", "summary": "The image resizer is slow"}
    grafana.fires("resizer-slow", series=["resizer-1"], **resizer)
    channel.expects_card(containing="resizer")
    grafana.resolves("resizer-slow", series=["resizer-1"], **resizer)
    channel.expects_card(containing="resizer", state="recovered")
    grafana.fires(
        "mail-queue", series=["outgoing"], service="mailer", severity="warning", summary="The mail queue grows"
    )
    channel.expects_card(containing="mail queue")
    grafana.fires("payments-slow", series=["payments-1"], service="payments", summary="Payments are slow")
    channel.expects_card(containing="Payments")
    summary = "Checkout answers 5xx above 5 %"
    grafana.fires("checkout-5xx", series=["checkout-a"], summary=summary)
    card = channel.expects_card(containing=summary)
    grafana.fires("checkout-5xx", series=["checkout-b", "checkout-c"], value=14, summary=summary)
    card.shows("3 firing").click("Acknowledge", user="alice").shows(state="acknowledged")
    card.expects_thread_reply(containing="acknowledged it")
    card.reply("since the deploy at ten, I think", user="bob")
    card.reply("rolling back", user="alice")
    card.shows("rolling back")
    workspace.close()


async def take_pictures(url: str) -> None:
    async with a_browser(url, width=WIDTH, height=844) as tour:
        await expect(tour.card("INC-4")).to_contain_text("rolling back")
        await picture(tour.page, "view-phone")
    async with a_browser(url, width=1100, height=760) as tour:
        await expect(tour.card("INC-4")).to_contain_text("rolling back")
        await picture(tour.page, "view-channel")
        await tour.card("INC-4").get_by_role("button", name="3 replies").click()
        await picture(tour.page.get_by_role("complementary", name="Thread"), "view-thread")
    async with a_browser(url, width=1100, height=TALL) as tour:
        await forms(tour)
        await picture(await tour.types("/incident list", answer="are open"), "view-list")
        await picture(await tour.types("/incident stats", answer="Time to acknowledge"), "view-stats")
        await tour.page.get_by_role("link", name="Bongsu").click()
        home = tour.page.locator("#home-view")
        await expect(home).to_contain_text("The last 24 hours")
        await picture(home, "view-home")


async def forms(tour: Tour) -> None:
    await tour.choose("INC-3", "Snooze")
    await picture(tour.form, "view-snooze")
    await tour.shut()
    await tour.card("INC-4").get_by_role("button", name="Why?").click()
    await expect(tour.form).to_contain_text("Why INC-4?")
    await picture(tour.form, "view-why")
    await tour.shut()
    await tour.choose("INC-4", "More")
    await picture(tour.form, "view-more")
    await tour.form.get_by_role("button", name="Details").click()
    await expect(tour.form).to_contain_text("INC-4: details")
    await picture(tour.form, "view-details")
    await tour.shut()
    await tour.choose("INC-3", "More")
    await tour.form.get_by_role("button", name="Merge").click()
    await tour.form.get_by_role("combobox").click()
    await tour.form.get_by_role("option", name="Checkout").click()
    await expect(tour.form).to_contain_text("closes as merged")
    await picture(tour.form, "view-merge")
    await tour.shut()
    await tour.page.get_by_role("button", name="Shortcuts").click()
    await tour.page.get_by_role("menuitem", name="Declare an incident").click()
    await tour.form.get_by_label("What is wrong?").fill("Customers call: they can't log in")
    await picture(tour.form, "view-declare")
    await tour.shut()


@asynccontextmanager
async def a_browser(url: str, *, width: int, height: int) -> AsyncIterator[Tour]:
    """In Chromium, which must be installed; with a font of emoji, or they are boxes (``fonts-noto-color-emoji``)."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = await chromium.new_page(viewport={"width": width, "height": height}, timezone_id=ZONE)
        await page.goto(f"{url}/?as=U0ALICE")
        await page.get_by_role("button", name="Dismiss").click()
        yield Tour(page)
        await chromium.close()


async def picture(of: Page | Locator, name: str) -> None:
    if isinstance(of, Locator) and await of.get_attribute("class") == "dialog modal":
        await of.evaluate(_ALL_OF_IT)
    await of.screenshot(path=FOLDER / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    asyncio.run(main())
