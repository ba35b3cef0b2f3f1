"""A real Chromium, driven by Playwright. Where there is none, tests fail: they are never skipped."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Error, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """BONGSU_TEST_CHROMIUM, else one in the PATH."""
    wanted = os.environ.get("BONGSU_TEST_CHROMIUM")
    for name in (wanted,) if wanted else NAMES:
        if found := shutil.which(name):
            return found
    pytest.fail(f"no {wanted or 'Chromium'}: install chromium, or set BONGSU_TEST_CHROMIUM=/path/to/chromium")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of this test's own: Playwright's objects belong to the event loop of one test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """An empty page. An error that its scripts don't catch fails the test."""
    errors: list[Error] = []

    def remember(error: Error) -> None:  # Playwright refuses `errors.append`: it sets an attribute on what it gets
        errors.append(error)

    page = await browser.new_page()
    page.on("pageerror", remember)
    yield page
    assert not errors
