"""The sandbox's page in a real browser, on the real sandbox, mounted below /sandbox as the demo mounts it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import unused_port
from playwright.async_api import Locator, Page, expect

from sandbox.app import create_app

ALICE, BOB = "U0ALICE", "U0BOB"
HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'
Answer = Callable[[dict[str, Any]], Awaitable[web.Response]]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action_id, "value": "INC-1:1", **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


CONFIRM = {
    "title": plain("Resolve INC-1?"),
    "text": plain("2 series are still firing."),
    "confirm": plain("Resolve it"),
    "deny": plain("Keep open"),
}
OVERFLOW = {
    "type": "overflow",
    "action_id": "more",
    "options": [{"text": plain("Snooze"), "value": "snooze"}, {"text": plain("Mark as noise"), "value": "noise"}],
}
MODAL = {
    "type": "modal",
    "callback_id": "note",
    "title": plain("Add note"),
    "submit": plain("Save"),
    "close": plain("Cancel"),
    "blocks": [
        {
            "type": "input",
            "block_id": "note",
            "label": plain("What did you find?"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


async def nothing(payload: dict[str, Any]) -> web.Response:
    return web.Response()


@dataclass
class Slack:
    """The workspace as a bot knows it, and what the bot was told. `answer` is how the bot answers interactions."""

    session: ClientSession
    url: str
    told: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    answer: Answer = nothing

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        async with self.session.post(
            f"{self.url}/api/{method}", json=arguments, headers={"Authorization": "Bearer xoxb-test"}
        ) as response:
            answer: dict[str, Any] = await response.json()
        assert answer["ok"], answer
        return answer

    async def post(self, *blocks: dict[str, Any], text: str = "a card") -> str:
        """The ts."""
        answer = await self.call("chat.postMessage", channel="#incidents", text=text, blocks=list(blocks))
        return str(answer["ts"])

    async def receive(self, request: web.Request) -> web.Response:
        if request.content_type == "application/json":
            self.events.append((await request.json())["event"])
            return web.Response()
        form = await request.post()
        payload: dict[str, Any] = json.loads(str(form["payload"])) if "payload" in form else dict(form)
        self.told.append(payload)
        return await self.answer(payload)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    workspace = create_app(
        app_url=url, signing_secret="s", public_url=f"{url}/sandbox", intro="Press a button. Type /incident list."
    )
    async with ClientSession() as session:
        slack = Slack(session, f"{url}/sandbox")
        app = web.Application()
        app.router.add_post("/slack/events", slack.receive)
        app.add_subapp("/sandbox/", workspace)
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield slack
        await runner.cleanup()


@pytest.fixture
async def channel(page: Page, slack: Slack) -> Locator:
    """#incidents as Alice sees it, once the page is drawn."""
    await page.goto(f"{slack.url}/")
    await expect(page.get_by_role("heading", name="incidents").first).to_be_visible()
    return page.get_by_role("log", name="Messages")


async def become(page: Page, name: str) -> None:
    await page.get_by_role("button", name="Be somebody else").click()
    await page.get_by_role("menuitemradio", name=name).click()
    await expect(page.get_by_role("button", name=f"You are {name}")).to_be_visible()


async def test_a_posted_message_appears_as_a_card_without_a_reload(channel: Locator, slack: Slack) -> None:
    await slack.post(
        section("*Checkout 5xx*\nsince <!date^1700000000^{date_num}|then>"), actions(button("Acknowledge", "ack"))
    )
    await expect(channel.locator("strong", has_text="Checkout 5xx")).to_be_visible()
    await expect(channel.locator("time", has_text="2023-11-1")).to_be_visible()
    await expect(channel.get_by_role("button", name="Acknowledge")).to_be_visible()


async def test_an_update_changes_the_card_in_place_and_a_deletion_removes_it(channel: Locator, slack: Slack) -> None:
    ts = await slack.post(section("Active"))
    await expect(channel.get_by_text("Active")).to_be_visible()
    await slack.call("chat.update", channel="C0INCIDENTS", ts=ts, text="a card", blocks=[section("Resolved")])
    await expect(channel.get_by_text("Resolved")).to_be_visible()
    await expect(channel.get_by_text("Active")).to_have_count(0)
    await expect(channel.get_by_text("(edited)")).to_be_visible()
    await slack.call("chat.delete", channel="C0INCIDENTS", ts=ts)
    await expect(channel.get_by_role("article")).to_have_count(0)


async def test_a_button_with_confirm_asks_before_the_bot_is_told(page: Page, channel: Locator, slack: Slack) -> None:
    await slack.post(actions(button("Resolve", "resolve", confirm=CONFIRM)))
    question = page.get_by_role("alertdialog", name="Resolve INC-1?")
    await channel.get_by_role("button", name="Resolve").click()
    await expect(question.get_by_text("2 series are still firing.")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(question).to_have_count(0)
    assert slack.told == []

    await channel.get_by_role("button", name="Resolve").click()
    async with page.expect_response("**/_control/click"):
        await question.get_by_role("button", name="Resolve it").click()
    assert [(told["user"]["id"], told["actions"][0]["action_id"]) for told in slack.told] == [(ALICE, "resolve")]


async def test_an_overflow_opens_survives_an_update_and_sends_the_choice(
    page: Page, channel: Locator, slack: Slack
) -> None:
    await slack.post({"type": "actions", "block_id": "card", "elements": [OVERFLOW]})
    await channel.get_by_role("button", name="More actions").click()
    choice = page.get_by_role("menuitem", name="Mark as noise")
    await expect(choice).to_be_visible()
    await slack.post(section("another card"))
    await expect(channel.get_by_text("another card")).to_be_visible()
    async with page.expect_response("**/_control/click"):
        await choice.click()
    assert slack.told[0]["actions"][0]["selected_option"]["value"] == "noise"


async def test_an_error_of_the_bot_shows_at_the_message(channel: Locator, slack: Slack) -> None:
    async def fail(payload: dict[str, Any]) -> web.Response:
        return web.Response(status=500)

    slack.answer = fail
    await slack.post(actions(button("Why?", "why")))
    await channel.get_by_role("button", name="Why?").click()
    await expect(channel.get_by_role("alert")).to_contain_text("Bongsu answered with an error (HTTP 500)")


async def test_a_label_with_a_script_stays_text(page: Page, channel: Locator, slack: Slack) -> None:
    label = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")
    raw = {"type": "header", "text": plain(HOSTILE)}
    await slack.post(raw, section(label), section("<javascript:alert(1)|click me>"), text=label)
    await expect(channel.get_by_text(HOSTILE)).to_have_count(2)
    await expect(channel.locator("img, script, a")).to_have_count(0)
    assert await page.evaluate("window.pwned") is None


@pytest.mark.parametrize("width", [390, 1280])
async def test_nothing_overflows_sideways(page: Page, channel: Locator, slack: Slack, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 844})
    await slack.post(
        section("x" * 3000),
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "y" * 2000}, {"type": "mrkdwn", "text": "z"}]},
        actions(button("W" * 75, "wide"), OVERFLOW),
    )
    await expect(channel.get_by_role("button", name="W" * 75)).to_be_visible()
    assert await channel.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_a_modal_opens_shows_errors_keeps_what_was_typed_and_closes(
    page: Page, channel: Locator, slack: Slack
) -> None:
    async def answer(payload: dict[str, Any]) -> web.Response:
        if payload["type"] == "block_actions":
            await slack.call("views.open", trigger_id=payload["trigger_id"], view=MODAL)
            return web.Response()
        typed = payload["view"]["state"]["values"]["note"]["text"]["value"]
        if len(typed) < 5:
            return web.json_response({"response_action": "errors", "errors": {"note": "Say a little more."}})
        return web.Response()

    slack.answer = answer
    await slack.post(actions(button("Add note", "note")))
    await channel.get_by_role("button", name="Add note").click()
    modal = page.get_by_role("dialog", name="Add note")
    note = modal.get_by_label("What did you find?")
    await expect(note).to_be_focused()

    await modal.get_by_role("button", name="Save").click()
    await expect(modal.get_by_role("alert")).to_have_text("Please complete this required field.")
    await note.fill("bad")
    await modal.get_by_role("button", name="Save").click()
    await expect(modal.get_by_role("alert")).to_have_text("Say a little more.")
    await expect(note).to_have_value("bad")
    await note.fill("bad deploy")
    await modal.get_by_role("button", name="Save").click()
    await expect(modal).to_have_count(0)
    assert [told["type"] for told in slack.told] == ["block_actions", "view_submission", "view_submission"]


SEARCH = {
    "type": "modal",
    "callback_id": "merge",
    "title": plain("Merge INC-12"),
    "submit": plain("Merge"),
    "blocks": [
        {
            "type": "input",
            "block_id": "into",
            "label": plain("Into which incident?"),
            "element": {"type": "external_select", "action_id": "into", "min_query_length": 2},
        }
    ],
}


async def test_a_search_asks_the_bot_as_people_type_and_sends_what_they_choose(
    page: Page, channel: Locator, slack: Slack
) -> None:
    asked: list[str] = []

    async def answer(payload: dict[str, Any]) -> web.Response:
        if payload["type"] == "block_suggestion":
            asked.append(payload["value"])
            found = {"text": plain("INC-14 · payments"), "value": "14", "description": plain("same service")}
            return web.json_response({"option_groups": [{"label": plain("Likely"), "options": [found]}]})
        if payload["type"] == "block_actions":
            await slack.call("views.open", trigger_id=payload["trigger_id"], view=SEARCH)
        return web.Response()

    slack.answer = answer
    await slack.post(actions(button("Merge", "merge")))
    await channel.get_by_role("button", name="Merge").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Into which incident?").press_sequentially("payments", delay=1)
    option = dialog.get_by_role("option", name="INC-14 · payments")
    await expect(option).to_contain_text("same service")
    assert all(len(typed) >= 2 for typed in asked)
    await option.click()
    await expect(dialog.locator(".chip")).to_contain_text("INC-14 · payments")
    await dialog.get_by_role("button", name="Merge", exact=True).click()
    await expect(dialog).to_have_count(0)
    chosen = slack.told[-1]["view"]["state"]["values"]["into"]["into"]["selected_option"]
    assert (chosen["value"], chosen["text"]["text"]) == ("14", "INC-14 · payments")


async def test_escape_closes_a_modal_for_the_workspace_too(page: Page, channel: Locator, slack: Slack) -> None:
    async def answer(payload: dict[str, Any]) -> web.Response:
        await slack.call("views.open", trigger_id=payload["trigger_id"], view=MODAL)
        return web.Response()

    slack.answer = answer
    await slack.post(actions(button("Add note", "note")))
    await channel.get_by_role("button", name="Add note").click()
    await expect(page.get_by_role("dialog", name="Add note")).to_be_visible()
    async with page.expect_response("**/_control/close"):
        await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    async with slack.session.get(f"{slack.url}/_control/views", params={"user": ALICE}) as response:
        assert (await response.json())["views"] == []


async def test_forms_on_top_of_each_other_close_one_by_one_however_often_escape_is_pressed(
    page: Page, channel: Locator, slack: Slack
) -> None:
    stacked = {**MODAL, "title": plain("On top")}

    async def answer(payload: dict[str, Any]) -> web.Response:
        method, view = ("views.push", stacked) if "view" in payload else ("views.open", below)
        await slack.call(method, trigger_id=payload["trigger_id"], view=view)
        return web.Response()

    below = {**MODAL, "title": plain("Below"), "blocks": [actions(button("Go on", "on"))], "submit": None}
    below.pop("submit")
    slack.answer = answer
    await slack.post(actions(button("Begin", "begin")))
    await channel.get_by_role("button", name="Begin").click()
    for _ in range(4):
        await page.get_by_role("dialog", name="Below").get_by_role("button", name="Go on").click()
        await expect(page.get_by_role("dialog", name="On top")).to_be_visible()
        async with page.expect_response("**/_control/close"):
            await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog", name="Below")).to_be_visible()
    async with page.expect_response("**/_control/close"):
        await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await channel.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("dialog", name="Below")).to_be_visible()


async def test_each_person_sees_only_their_own_ephemerals(page: Page, channel: Locator, slack: Slack) -> None:
    for user, text in ((ALICE, "a word to Alice"), (BOB, "a word to Bob")):
        await slack.call("chat.postEphemeral", channel="#incidents", user=user, text=text)
    await expect(channel.get_by_text("a word to Alice")).to_be_visible()
    await expect(channel.get_by_text("Only visible to you")).to_have_count(1)
    await become(page, "Bob Park")
    await expect(channel.get_by_text("a word to Bob")).to_be_visible()
    await expect(channel.get_by_text("a word to Alice")).to_have_count(0)


async def test_replies_stand_in_the_thread_pane(page: Page, channel: Locator, slack: Slack) -> None:
    ts = await slack.post(section("the card"))
    await slack.call("chat.postMessage", channel="#incidents", thread_ts=ts, text="pod-c started firing")
    await channel.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_text("pod-c started firing")).to_be_visible()
    await thread.get_by_role("textbox", name="Reply…").fill("looking")
    await page.keyboard.press("Enter")
    await expect(thread.get_by_text("looking")).to_be_visible()
    await thread.get_by_role("button", name="Close thread").click()
    await expect(thread).to_be_hidden()


async def test_a_reply_is_edited_pinned_and_deleted_and_the_bot_hears_of_it(
    page: Page, channel: Locator, slack: Slack
) -> None:
    ts = await slack.post(section("the card"))
    await channel.get_by_text("the card").click()
    await channel.get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    await thread.get_by_role("textbox", name="Reply…").fill("for @bob: <databse>")
    await page.keyboard.press("Enter")
    reply = thread.get_by_role("article").filter(has_text="databse")
    await reply.get_by_text("databse").click()
    await reply.get_by_role("button", name="React with :pushpin:").click()
    await expect(reply.get_by_role("button", name="pushpin, 1")).to_have_attribute("aria-pressed", "true")
    await reply.get_by_text("databse").click()
    await reply.get_by_role("button", name="More message actions").click()
    await page.get_by_role("menuitem", name="Edit message").click()
    box = page.get_by_role("textbox", name="Edit message")
    await expect(box).to_have_value("for @bob: <databse>")
    await box.fill("for @bob: <database>")
    await page.get_by_role("button", name="Save").click()
    reply = thread.get_by_role("article").filter(has_text="<database> (edited)")
    await expect(reply).to_be_visible()
    await reply.get_by_role("button", name="pushpin, 1").click()
    await expect(thread.get_by_role("button", name="pushpin, 1")).to_have_count(0)
    await reply.get_by_text("database").click()
    await reply.get_by_role("button", name="More message actions").click()
    await page.get_by_role("menuitem", name="Delete message").click()
    await expect(reply).to_have_count(0)
    told = [event.get("subtype") or event["type"] for event in slack.events]
    assert told == ["message", "reaction_added", "message_changed", "reaction_removed", "message_deleted"]
    assert slack.events[0]["text"] == "for <@U0BOB>: &lt;databse&gt;"
    assert {event.get("thread_ts", ts) for event in slack.events} == {ts}


async def test_a_shortcut_stands_in_the_menu_of_a_message(page: Page, channel: Locator, slack: Slack) -> None:
    async def answer(payload: dict[str, Any]) -> web.Response:
        if payload["type"] == "message_action":
            await slack.call("views.open", trigger_id=payload["trigger_id"], view=MODAL)
        return web.Response()

    slack.answer = answer
    ts = await slack.post(section("the card"))
    await channel.get_by_text("the card").click()
    await channel.get_by_role("button", name="More message actions").click()
    await page.get_by_role("menuitem", name="Add to incident").click()
    await expect(page.get_by_role("heading", name="Add note")).to_be_visible()
    assert (slack.told[0]["callback_id"], slack.told[0]["message_ts"]) == ("add_to_incident", ts)


async def test_a_global_shortcut_stands_beside_the_box(page: Page, channel: Locator, slack: Slack) -> None:
    await page.get_by_role("button", name="Shortcuts").click()
    async with page.expect_response("**/_control/shortcut"):
        await page.get_by_role("menuitem", name="Declare an incident").click()
    assert (slack.told[0]["type"], slack.told[0]["callback_id"]) == ("shortcut", "declare_incident")


async def test_a_slash_command_is_hinted_completed_and_sent(page: Page, channel: Locator, slack: Slack) -> None:
    async def answer(payload: dict[str, Any]) -> web.Response:
        return web.json_response({"text": f"heard: {payload['text']}"})

    slack.answer = answer
    box = page.get_by_role("textbox", name="Message #incidents")
    await box.fill("/inc")
    await expect(page.get_by_role("option", name="/incident")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.type("list")
    await page.keyboard.press("Enter")
    await expect(channel.get_by_text("heard: list")).to_be_visible()


async def test_the_home_tab_shows_what_the_bot_published(page: Page, channel: Locator, slack: Slack) -> None:
    await slack.call("views.publish", user_id=ALICE, view={"type": "home", "blocks": [section("*INC-7* is yours")]})
    await page.get_by_role("link", name="Bongsu").click()
    await expect(page.get_by_role("region", name="App Home").get_by_text("INC-7")).to_be_visible()


async def test_the_first_banner_can_be_dismissed(page: Page, channel: Locator) -> None:
    banner = page.get_by_text("Press a button. Type /incident list.")
    await expect(banner).to_be_visible()
    await page.get_by_role("button", name="Dismiss").click()
    await expect(banner).to_be_hidden()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* snake_case_name 2*3*4", "<strong>bold</strong> snake_case_name 2*3*4"),
        ("&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("&lt;!channel&gt;", "&lt;!channel&gt;"),
        ("a\n&gt; q\nb", "a<blockquote>q</blockquote>b"),
        ("<!date^x^{date}|then>", "then"),
        ("<@U0BOB> :nope:", '<span class="mention">@bob</span> :nope:'),
    ],
)
async def test_mrkdwn_becomes(page: Page, channel: Locator, text: str, shown: str) -> None:
    drawn = await page.evaluate(
        """async (text) => {
          const { mrkdwn } = await import(new URL("mrkdwn.js", document.baseURI));
          const users = new Map([["U0BOB", { name: "bob" }]]);
          const node = document.createElement("div");
          node.append(mrkdwn(text, { users, groups: new Map(), channels: new Map(), me: "U0ALICE" }));
          return node.innerHTML;
        }""",
        text,
    )
    assert drawn == shown
