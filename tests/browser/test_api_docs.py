"""Swagger UI as it is served: under its Content-Security-Policy, with nothing from elsewhere."""

from playwright.async_api import ConsoleMessage, Page, Request, expect

from db.engine import connect
from receiver.settings import ReceiverSettings
from tests.building import firing
from tests.integration.api.conftest import running
from tests.migrated import unsynced


async def test_a_request_is_made_with_a_key_that_was_typed_in(page: Page, migrated_sqlite_url: str) -> None:
    engines = unsynced(connect(migrated_sqlite_url))
    async with running(engines, ReceiverSettings()) as api:
        await api.stage.take(firing())
        complaints: list[str] = []
        elsewhere: list[str] = []

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error":
                complaints.append(message.text)

        def look(request: Request) -> None:
            if not request.url.startswith((api.url, "data:")):
                elsewhere.append(request.url)

        page.on("console", hear)
        page.on("request", look)
        await page.goto(f"{api.url}/api/docs")
        await page.get_by_role("button", name="Authorize").click()
        await page.locator(".modal-ux input").fill(api.secret)
        await page.locator(".modal-ux").get_by_role("button", name="Apply credentials").click()
        await page.locator(".modal-ux").get_by_role("button", name="Close").last.click()
        operation = page.locator("#operations-incidents-get_incident")
        await operation.locator(".opblock-summary-control").click()
        await operation.get_by_role("button", name="Try it out").click()
        await operation.get_by_placeholder("incident").fill("INC-1")
        await operation.get_by_role("button", name="Execute").click()
        answer = operation.locator(".live-responses-table")
        await expect(answer.locator(".response-col_status").last).to_contain_text("200")
        await expect(answer).to_contain_text('"name": "INC-1"')
        await page.goto("about:blank")
    await engines.dispose()
    assert (complaints, elsewhere) == ([], [])
