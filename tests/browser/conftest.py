"""A real Chromium, driven by Playwright. Where there is none, tests fail: they are never skipped."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Page, async_playwright

from tests.mariadb import kill_when_we_end
from tests.smoke.harness import status_of
from tests.smoke.processes import Process
from tests.smoke.waiting import until

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


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where one Chromium for all tests listens: its start takes longer than most of them."""
    home = tmp_path_factory.mktemp("chromium")
    told = home / "DevToolsActivePort"
    options = [*FLAGS, "--remote-debugging-port=0", f"--user-data-dir={home}"]
    process = subprocess.Popen(
        [find_chromium(), *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    guard = kill_when_we_end(process.pid, home)
    try:
        until(lambda: told.exists() and "\n" in told.read_text(), "Chromium says where it listens", within=30)
        yield f"http://127.0.0.1:{told.read_text().splitlines()[0]}"
    finally:
        process.kill()
        process.wait()
        guard.kill()
        guard.communicate()


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A connection of this test's own, since Playwright's objects belong to one event loop; its pages share nothing
    with those of other tests."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium)
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


@pytest.fixture
def demo(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[str]:
    """The URL of `bongsu demo`, a process of its own, once it is ready. No sample alerts."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = Process("demo", "--quiet", "--port", str(port), cwd=tmp_path)
    try:
        until(lambda: status_of(f"{url}/readyz") == 200, "the demo is ready", within=20)
        yield url
    finally:
        process.kill()
    # On a loaded machine one post arrives late, so that the next comes too soon: the sandbox takes one a second.
    assert [line for line in process.stderr.splitlines() if '"error": "ratelimited"' not in line] == []
