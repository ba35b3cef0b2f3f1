"""An organisation connects a workspace of its own: the whole server, a sandbox for Slack, real databases."""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select
from yarl import URL

from bongsu.app import Bongsu, assemble
from bongsu.settings import read_settings
from bot.signature import sign
from db.transactions import SqlTransactions
from db.workspace_tables import slack_bots
from incidents.access.model import KeyRole, NewKey, digest_of, hint_of, new_secret
from incidents.model import Status
from incidents.tenants.model import Tenant
from incidents.tenants.workspaces import digest, new_token
from sandbox.app import create_app
from tests.building import a_delivery, firing
from tests.integration.bot.workspace import until
from tests.migrated import unsynced
from tests.unit.receiver.bodies import alert, body

SECRET = "signing-secret"
# slack_sdk authenticates the app so; aiohttp 3 still can.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
OURS, SECOND, THIRD = "T0SANDBOX", "T0SECOND", "T0THIRD"


@dataclass
class Page:
    """What a browser shows at the end."""

    status: int
    text: str


@dataclass
class House:
    """A server of several tenants, and the sandbox."""

    url: str
    sandbox_url: str
    http: aiohttp.ClientSession
    bongsu: Bongsu
    config: Path

    async def tenant(self, slug: str) -> Tenant:
        return await self.bongsu.tenants.transactions.write(lambda uow: uow.tenants.add(slug, slug.title()))

    async def invite(self, tenant: Tenant) -> str:
        await self.bongsu.tenants.look()
        token = new_token()
        transactions = self.bongsu.tenants.of(tenant.id).transactions
        await transactions.write(lambda uow: uow.slack_workspaces.invite(digest(token)))
        return token

    async def get(self, url: str, **headers: str) -> tuple[Page, str, str]:
        """The page; where it leads; the cookie that it sets."""
        # As Slack has percent-encoded it: a client must not do so anew.
        async with self.http.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as answer:
            cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
            return Page(answer.status, await answer.text()), answer.headers.get("Location", ""), cookie

    async def install(self, token: str, team: str) -> Page:
        """As a person does it in a browser."""
        page, to_slack, cookie = await self.get(f"{self.url}/slack/install?tenant={token}&team={team}")
        if page.status != 302:
            return page
        _, back, _ = await self.get(to_slack)
        page, _, _ = await self.get(back, Cookie=cookie)
        return page

    async def slack(self, body: bytes, kind: str = "application/x-www-form-urlencoded") -> tuple[int, str]:
        at = str(int(time.time()))
        signed = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": sign(at, body, secret=SECRET)}
        headers = {"Content-Type": kind, **signed}
        async with self.http.post(f"{self.url}/slack/events", data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def command(self, text: str, *, team: str) -> str:
        told = {
            "command": "/incident",
            "text": text,
            "user_id": "U0ALICE",
            "team_id": team,
            "trigger_id": str(time.time()),
        }
        status, answer = await self.slack(urlencode(told).encode())
        assert status == 200
        return answer

    async def event(self, team: str, *, at: int, **event: Any) -> None:
        told = {
            "type": "event_callback",
            "team_id": team,
            "event_id": str(time.time()),
            "event_time": at,
            "event": event,
        }
        status, _ = await self.slack(json.dumps(told).encode(), "application/json")
        assert status == 200

    async def warnings(self) -> list[str]:
        async with self.http.get(f"{self.url}/readyz") as answer:
            told: list[str] = (await answer.json()).get("warnings", [])
            return told

    async def posted(self, team: str) -> list[str]:
        """Texts of the messages that came with a token of this team."""
        query = {"method": "chat.postMessage"}
        async with self.http.get(f"{self.sandbox_url}/_control/calls", params=query) as answer:
            calls = (await answer.json())["calls"]
        return [call["args"]["text"] for call in calls if call.get("team", OURS) == team and call["answer"]["ok"]]


@pytest.fixture
async def house(migrated_url: str, tmp_path: Path, free_port: Callable[[], int]) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        port, sandbox_port = free_port(), free_port()
        url, sandbox_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
        slack = TestServer(create_app(app_url=url, signing_secret=SECRET, public_url=sandbox_url), port=sandbox_port)
        await slack.start_server()
        stack.push_async_callback(slack.close)
        config = tmp_path / "bongsu.yaml"
        config.touch()
        settings = read_settings(
            {
                "BONGSU_CONFIG": str(config),
                "BONGSU_DATABASE_URL": migrated_url,
                "BONGSU_WEBHOOK_TOKEN": "token",
                "BONGSU_PUBLIC_URL": url,
                "BONGSU_SLACK_API_URL": f"{sandbox_url}/api/",
                "SLACK_BOT_TOKEN": "xoxb-ours",
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_CLIENT_ID": "1.2",
                "SLACK_CLIENT_SECRET": "client-secret",
            }
        )
        bongsu = await assemble(settings)
        unsynced(bongsu.engines)
        runner = web.AppRunner(bongsu.web, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        stack.push_async_callback(bongsu.stop)
        stack.push_async_callback(runner.cleanup)
        await bongsu.start()
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        yield House(url, sandbox_url, http, bongsu, config)


async def test_an_organisation_connects_its_workspace_and_slack_takes_it_away(house: House) -> None:
    acme = await house.tenant("acme")
    token = await house.invite(acme)
    assert "no Slack workspace is connected" in " ".join(await house.warnings())
    assert "not connected with this workspace" in await house.command("list", team=SECOND)

    page = await house.install(token, SECOND)
    assert (page.status, "Bongsu is connected with Workspace T0SECOND" in page.text) == (200, True)
    part = house.bongsu.tenants.of(acme.id)
    await part.store.take(a_delivery(firing(service="theirs")), size=1)
    part.workspace.wake()

    async def is_shown() -> bool:
        return any("INC-1" in text for text in await house.posted(SECOND))

    await until(is_shown)
    assert await house.posted(OURS) == []
    assert "INC-1" in await house.command("list", team=SECOND)
    assert "INC-1" not in await house.command("list", team=OURS)
    assert "not connected with this workspace" in await house.command("list", team=THIRD)
    assert await house.warnings() == []

    now = int(time.time())
    await house.event(SECOND, at=now - 3600, type="app_uninstalled")
    assert await house.warnings() == [], "it was connected since"
    await house.event(SECOND, at=now, type="tokens_revoked", tokens={"oauth": ["U0ALICE"]})
    assert await house.warnings() == [], "a person's token is none of ours"
    await house.event(SECOND, at=now + 1, type="app_uninstalled")
    [warning] = await house.warnings()
    assert warning.startswith("acme: Slack has removed Bongsu from the workspace Workspace T0SECOND (app_uninstalled, ")
    assert "not connected with this workspace" in await house.command("list", team=SECOND)
    async with house.bongsu.engines.read.connect() as connection:
        assert (await connection.execute(select(slack_bots))).all() == []

    assert (await house.install(await house.invite(acme), SECOND)).status == 200
    assert await house.warnings() == []
    assert "INC-1" in await house.command("list", team=SECOND)


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)  # it waits for the clock
async def test_a_tenant_that_is_made_meanwhile_is_taken_up_with_settings_that_are_wrong(house: House) -> None:
    (house.config.with_name("bongsu.late.yaml")).write_text("slack: {default_chanel: '#late'}", "utf-8")
    late = await house.tenant("late")
    secret = new_secret()
    key = NewKey("late", KeyRole.INGEST, digest_of(secret), hint_of(secret))
    theirs = SqlTransactions(house.bongsu.engines, tenant_id=late.id)
    await theirs.write(lambda uow: uow.api_keys.add(key, by="test"))
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    async def is_taken() -> bool:
        async with house.http.post(f"{house.url}/webhooks/grafana", data=body(alert()), headers=headers) as answer:
            assert answer.status in {200, 503}, await answer.text()
            return answer.status == 200

    await until(is_taken)
    assert await theirs.read(lambda uow: uow.views.count(statuses=list(Status))) == 1
    assert await house.bongsu.tenants.transactions.read(lambda uow: uow.views.count(statuses=list(Status))) == 0

    async def is_told() -> bool:
        return any(one.startswith("late: bongsu.late.yaml") for one in await house.warnings())

    await until(is_told)
    async with house.http.get(f"{house.url}/metrics") as answer:
        figures = await answer.text()
    assert 'bongsu_config_valid{tenant="late"} 0.0' in figures
    assert "bongsu_config_valid 1.0" in figures


async def test_nobody_attaches_a_workspace_that_is_not_theirs(house: House) -> None:
    acme, globex = await house.tenant("acme"), await house.tenant("globex")
    token = await house.invite(acme)
    for wrong in ("", "x", token[:-1], "%00", "%ff"):
        page = await house.install(wrong, SECOND)
        assert (page.status, "ask who runs Bongsu for a new one" in page.text) == (403, True), wrong

    _, to_slack, cookie = await house.get(f"{house.url}/slack/install?tenant={token}&team={SECOND}")
    _, back, _ = await house.get(to_slack)
    page, _, _ = await house.get(back)
    assert (page.status, "This is not the browser" in page.text) == (400, True), "another browser"
    page, _, _ = await house.get(back.replace("code=", "code=x"), Cookie=cookie)
    assert (page.status, "did not take the code" in page.text) == (401, True)
    page, _, _ = await house.get(back, Cookie=cookie)
    assert (page.status, "was done already" in page.text) == (401, True), "the state works once"
    page, _, _ = await house.get(f"{house.url}/slack/oauth_redirect?error=access_denied&state=x")
    assert "You have not allowed it" in page.text

    assert (await house.install(token, SECOND)).status == 200
    assert (await house.install(token, SECOND)).status == 403, "an invitation works once"
    older, newer = await house.invite(globex), await house.invite(globex)
    assert (await house.install(older, THIRD)).status == 403, "the newer one replaces it"
    for team in (SECOND, OURS):
        page = await house.install(newer, team)
        assert (page.status, "belongs to another organisation" in page.text) == (409, True), team
    assert (await house.install(newer, THIRD)).status == 200
    page = await house.install(await house.invite(globex), "T0FOURTH")
    assert (page.status, "is connected with the Slack workspace Workspace T0THIRD already" in page.text) == (409, True)
    assert await house.warnings() == []
