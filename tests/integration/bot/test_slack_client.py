"""Who we are, what doctor finds out, and Socket Mode."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.bolt import build_bolt
from bot.check import Finding, Level, check_groups, check_slack
from bot.check_on_call import check_following, check_people
from bot.client import Identity, make_client, make_session
from bot.endpoint import SlackEndpoint
from bot.home import Homes
from bot.home.metrics import HomeMetrics
from bot.metrics import BotMetrics
from bot.settings import SlackSettings
from bot.socket_mode import SocketMode
from incidents.policy import Policies, Policy
from incidents.schedules.people import Named, NamedIn
from sandbox.app import create_app
from tests.integration.bot.workspace import ALICE, Workspace

NOBODY_LISTENS = "http://127.0.0.1:9/api/"


@asynccontextmanager
async def a_client(**settings: str) -> AsyncIterator[AsyncWebClient]:
    async with make_session() as session:
        yield make_client(SlackSettings("xoxb-test", **settings), session)


async def test_who_we_are_is_learnt_and_makes_links(workspace: Workspace) -> None:
    identity = Identity(workspace.client)
    assert identity.link_to("C1", "1.2") is None
    assert await identity.learn()
    assert identity.user_id
    assert (identity.link_to("C1", "1700000000.000100") or "").endswith("/archives/C1/p1700000000000100")


async def test_while_slack_is_down_we_start_all_the_same() -> None:
    async with a_client(api_url=NOBODY_LISTENS) as client:
        assert not await Identity(client).learn()


async def test_a_click_is_served_before_slack_has_told_who_we_are(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await workspace.do("faults", method="auth.test", kind="http_500", times=5)
    await workspace.click(ts, "incident_acknowledge")
    assert (await workspace.incident(incident_id)).acknowledged_by == ALICE
    calls = (await workspace.see("calls"))["calls"]
    assert [call["method"] for call in calls].count("auth.test") == 1


async def test_a_lost_reply_is_not_sent_again_by_the_client(workspace: Workspace) -> None:
    await workspace.do("faults", method="chat.postMessage", kind="reset_after", times=1)
    with pytest.raises(Exception, match=r"disconnected|reset|closed"):
        await workspace.client.chat_postMessage(channel="#incidents", text="once")
    assert len((await workspace.see("messages", channel="#incidents"))["messages"]) == 1


async def levels(client: AsyncWebClient, channel: str) -> list[Level]:
    return [finding.level for finding in await check_slack(client, channel=channel)]


async def test_doctor_is_content_where_all_is_well(workspace: Workspace) -> None:
    assert set(await levels(workspace.client, "C0INCIDENTS")) <= {Level.OK, Level.WARNING}


@pytest.mark.parametrize(
    ("fault", "level", "how"),
    [
        ("error:not_in_channel", Level.WARNING, "/invite @Bongsu"),
        ("error:channel_not_found", Level.ERROR, "slack.default_channel"),
        ("error:missing_scope", Level.ERROR, "install the app"),
        ("error:odd", Level.WARNING, "again"),
        ("http_500", Level.WARNING, "again"),
    ],
)
async def test_doctor_says_how_to_mend_a_channel(workspace: Workspace, fault: str, level: Level, how: str) -> None:
    await workspace.do("faults", method="conversations.history", kind=fault, times=1)
    found = (await check_slack(workspace.client, channel="C0INCIDENTS"))[-1]
    assert found.level is level
    assert how in found.how


async def test_doctor_looks_a_channel_up_by_its_name(workspace: Workspace) -> None:
    assert (await check_slack(workspace.client, channel="#incidents"))[-1].level is not Level.ERROR
    missing = (await check_slack(workspace.client, channel="#nowhere"))[-1]
    assert missing.level is Level.ERROR
    assert "slack.default_channel" in missing.how


async def test_doctor_tells_a_bad_token_from_a_missing_slack(workspace: Workspace) -> None:
    await workspace.do("faults", method="auth.test", kind="error:invalid_auth", times=1)
    [bad] = await check_slack(workspace.client, channel="C0INCIDENTS")
    assert "SLACK_BOT_TOKEN" in bad.how
    async with a_client(api_url=NOBODY_LISTENS) as client:
        [away] = await check_slack(client, channel="C0INCIDENTS")
    assert "can't be reached" in away.what


async def test_doctor_names_each_missing_scope(free_port: Callable[[], int]) -> None:
    async with sandbox(free_port(), scopes=["chat:write"]) as url, a_client(api_url=f"{url}/api/") as client:
        findings = await check_slack(client, channel="#incidents")
    missing = [found for found in findings if found.level is Level.ERROR]
    assert [found.what.split()[1] for found in missing][:2] == ["chat:write.public", "commands"]
    assert isinstance(missing[0], Finding)


async def test_over_socket_mode_a_command_is_answered_a_home_is_shown_and_http_stays_shut(
    workspace: Workspace, free_port: Callable[[], int]
) -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(sandbox(free_port()))
        settings = SlackSettings("xoxb-test", app_token="xapp-test", api_url=f"{url}/api/")
        session = await stack.enter_async_context(make_session())
        bolt = a_bolt(settings, session, workspace)
        socket = SocketMode(bolt, bolt.client, app_token="xapp-test")
        await socket.start()
        stack.push_async_callback(socket.stop)
        command = {"command": "/incident", "text": "list", "user": ALICE, "channel": "#incidents"}
        told: dict[str, object] = {}
        for _ in range(100):
            async with session.post(f"{url}/_control/command", json=command) as response:
                told = await response.json()
            if "Nothing is open" in str(told):
                break
            await asyncio.sleep(0.02)
        assert "Nothing is open" in str(told)
        await session.post(f"{url}/_control/event", json={"type": "app_home_opened", "user": ALICE})
        for _ in range(100):
            async with session.get(f"{url}/_control/home", params={"user": ALICE}) as response:
                told = await response.json()
            if told["home"]:
                break
            await asyncio.sleep(0.02)
        assert "All is quiet" in str(told)
        house = web.Application()
        house.router.add_post("/slack/events", SlackEndpoint(bolt, settings).handle)
        http = await stack.enter_async_context(TestServer(house))
        async with session.post(http.make_url("/slack/events"), data=b"x") as response:
            assert response.status == 404


@asynccontextmanager
async def sandbox(port: int, **options: object) -> AsyncIterator[str]:
    """A workspace whose bot isn't reached by HTTP."""
    url = f"http://127.0.0.1:{port}"
    app = create_app(app_url="http://127.0.0.1:9", signing_secret="s", public_url=url, **options)  # type: ignore[arg-type]
    async with TestServer(app, port=port):
        yield url


def a_bolt(settings: SlackSettings, session: ClientSession, workspace: Workspace) -> AsyncApp:
    identity = Identity(make_client(settings, session))
    return build_bolt(
        settings=settings,
        identity=identity,
        transactions=workspace.doors,
        policies=Policies(Policy()),
        metrics=BotMetrics(CollectorRegistry()),
        changed=lambda: None,
        homes=Homes(workspace.doors, identity, Policies(Policy()), HomeMetrics(CollectorRegistry())),
    )


async def test_socket_mode_can_be_stopped_while_slack_is_down(workspace: Workspace) -> None:
    async with make_session() as session:
        settings = SlackSettings("xoxb-test", app_token="xapp-test", api_url=NOBODY_LISTENS)
        bolt = a_bolt(settings, session, workspace)
        socket = SocketMode(bolt, bolt.client, app_token="xapp-test")
        await socket.start()
        await asyncio.sleep(0.05)
        await socket.stop()


async def test_a_group_that_slack_does_not_have_is_named(workspace: Workspace) -> None:
    assert await check_groups(workspace.client, []) == []
    [found] = await check_groups(workspace.client, ["@oncall", "S0ONCALL"])
    assert found.level is Level.OK
    [missing] = await check_groups(workspace.client, ["@oncall", "@on-call"])
    assert (missing.level, missing.what) == (Level.WARNING, "Slack has no user group @on-call, or it is turned off")


async def test_groups_that_can_not_be_looked_up_are_no_error(workspace: Workspace) -> None:
    for kind, why in (("error:missing_scope", "missing_scope"), ("http_500", "")):
        await workspace.do("faults", method="usergroups.list", kind=kind, times=1)
        [found] = await check_groups(workspace.client, ["@oncall"])
        assert found.level is Level.WARNING
        assert why in found.what


async def test_doctor_names_the_groups_and_the_people_of_on_call_that_slack_does_not_have(workspace: Workspace) -> None:
    assert await check_following(workspace.client, []) == await check_people(workspace.client, {}) == []
    [well] = await check_following(workspace.client, ["@oncall", "S0ONCALL"])
    [missing] = await check_following(workspace.client, ["@oncall", "@payments"])
    assert (well.level, missing.level, missing.what) == (
        Level.OK,
        Level.WARNING,
        "Slack has no user group @payments, or it is turned off",
    )
    [here] = await check_people(workspace.client, {"U0ALICE": [Named(NamedIn.SCHEDULE, "payments", 3)]})
    assert here.level is Level.OK
    places = [Named(NamedIn.SCHEDULE, "payments", 3), Named(NamedIn.ROUTE, "#pay")]
    [gone] = await check_people(workspace.client, {"U0ALICE": places, "U0NOBODY": places})
    assert (gone.level, gone.what) == (Level.WARNING, "U0NOBODY is not in Slack any more, or never was")
    assert gone.how == "take them out of bongsu.yaml: schedule payments (line 3), route to #pay"
