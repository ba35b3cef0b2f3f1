"""A whole incident with a mouse and a keyboard, by three people at the sandbox's page."""

import asyncio
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.smoke.grafana import Grafana

CHECKOUT, PAYMENTS = "checkout-5xx", "payments-slow"


class Person:
    """Whoever sits at the page at the moment."""

    def __init__(self, page: Page, grafana: Grafana) -> None:
        self.page, self._grafana = page, grafana
        self.channel = page.get_by_role("log", name="Messages")
        self.thread = page.get_by_role("complementary", name="Thread")
        self.form = page.get_by_role("dialog")

    async def become(self, name: str) -> None:
        await self.page.get_by_role("button", name="Be somebody else").click()
        await self.page.get_by_role("menuitemradio", name=name).click()
        await expect(self.page.get_by_role("button", name=f"You are {name}")).to_be_visible()

    def card(self, name: str) -> Locator:
        """The app's, by its headline: other cards may name this incident, too."""
        return self.channel.locator("[data-ts]").filter(has=self.page.get_by_role("button", name=f"Why? {name}"))

    async def shows(self, card: Locator, *fragments: str) -> None:
        for fragment in fragments:
            await expect(card).to_contain_text(fragment)

    async def press(self, card: Locator, label: str) -> None:
        await card.get_by_role("button", name=label).click()

    async def choose(self, card: Locator, label: str) -> None:
        await card.get_by_role("button", name="More actions").click()
        await self.page.get_by_role("menuitem", name=label, exact=True).click()

    async def send(self, button: str) -> None:
        await self.form.get_by_role("button", name=button, exact=True).click()
        await expect(self.form).to_have_count(0)

    async def type(self, text: str, *, into: str) -> None:
        await self.page.get_by_role("textbox", name=into).fill(text)
        await self.page.keyboard.press("Enter")

    async def fires(self, rule: str, *series: str, **given: Any) -> None:
        await asyncio.to_thread(self._grafana.fires, rule, series=series, **given)

    async def resolves(self, rule: str, *series: str, **given: Any) -> None:
        await asyncio.to_thread(self._grafana.resolves, rule, series=series, **given)


async def test_a_whole_incident(page: Page, demo: str) -> None:
    await page.goto(f"{demo}/sandbox")
    person = Person(page, Grafana(demo, token="demo", hmac_secret=""))
    await it_opens_and_one_person_takes_it(person)
    await they_talk_and_it_sleeps(person)
    await it_gets_worse_and_is_closed(person)
    await it_comes_back_and_is_no_noise(person)
    await it_was_the_same_trouble_and_then_not(person)
    await person.type("/incident stats 7d", into="Message #incidents")
    answer = person.channel.get_by_role("article").filter(has_text="Time to acknowledge")
    await person.shows(answer, "Only visible to you", "2 incidents opened")


async def it_opens_and_one_person_takes_it(person: Person) -> None:
    """Bob's page does not show yet that Alice has it: it is told nothing new while he presses."""
    await person.fires(CHECKOUT, "pod-a")
    card = person.card("INC-1")
    await person.shows(card, "CRITICAL · Active · INC-1", "1 firing: pod-a | 5.2", "Nobody has it")
    browser = person.page.context.browser
    assert browser
    bob = await browser.new_page()
    await bob.goto(f"{person.page.url}?as=U0BOB")
    stale = bob.get_by_role("button", name="Acknowledge INC-1")
    await expect(stale).to_be_visible()
    await bob.route("**/_control/state*", lambda route: route.abort())
    await person.press(card, "Acknowledge")
    await person.shows(card, "CRITICAL · Acknowledged · INC-1", "@alice since")
    async with bob.expect_response("**/_control/click"):
        await stale.click()
    await bob.unroute("**/_control/state*")
    await expect(bob.get_by_text("Already acknowledged by @alice")).to_be_visible()
    await bob.close()


async def they_talk_and_it_sleeps(person: Person) -> None:
    card = person.card("INC-1")
    await card.get_by_role("button", name="1 reply").click()
    await expect(person.thread).to_contain_text("@alice acknowledged it.")
    await person.type("the pool is full", into="Reply…")
    await person.shows(card, "📝 @alice: the pool is full")
    await person.thread.get_by_role("button", name="Close thread").click()
    await person.choose(card, "Snooze")
    await person.form.get_by_role("radio", name="30 minutes").check()
    await person.send("Snooze")
    await person.shows(card, "CRITICAL · Snoozed · INC-1", "by @alice")
    await person.fires(CHECKOUT, "pod-b", value=9.1)
    await person.shows(card, "2 firing: pod-b, pod-a", "Snoozed until")


async def it_gets_worse_and_is_closed(person: Person) -> None:
    card = person.card("INC-1")
    await person.press(card, "Wake now")
    await person.shows(card, "CRITICAL · Acknowledged · INC-1")
    await person.fires(CHECKOUT, "pod-a", value=14)
    await person.shows(card, "pod-a: 5.2 → 14")
    await person.fires(CHECKOUT, "pod-a", value=12)
    await person.shows(card, "pod-a: 5.2 → peak 14 → 12")
    await person.press(card, "Resolve")
    question = person.page.get_by_role("alertdialog", name="Resolve INC-1?")
    await expect(question).to_contain_text("2 still firing")
    await question.get_by_role("button", name="Resolve anyway").click()
    await person.shows(card, "Closed by @alice", "2 still firing")
    await person.choose(card, "Add summary")
    await person.form.get_by_role("textbox").fill("rolled back")
    await person.send("Save")
    await person.shows(card, "rolled back")
    await person.resolves(CHECKOUT, "pod-a", "pod-b")


async def it_comes_back_and_is_no_noise(person: Person) -> None:
    card = person.card("INC-1")
    await person.fires(CHECKOUT, "pod-a")
    await person.shows(card, "CRITICAL · Acknowledged · INC-1", "1 firing, 1 resolved: pod-a")
    await person.choose(card, "Mark noise")
    await person.form.get_by_role("textbox").fill("a test")
    await person.send("Mark noise")
    await person.shows(card, "Noise by @alice")
    await person.press(card, "It's real")
    await person.shows(card, "CRITICAL · Acknowledged · INC-1", "@alice since")


async def it_was_the_same_trouble_and_then_not(person: Person) -> None:
    """By the form's search; the button that leads to the other card lights it up."""
    await person.become("Bob Park")
    await person.fires(PAYMENTS, "pod-p", service="payments")
    card, other = person.card("INC-1"), person.card("INC-2")
    await person.choose(other, "More")
    await person.form.get_by_role("button", name="Merge").click()
    await person.form.get_by_role("combobox", name="Merge INC-2 into which incident?").fill("checkout")
    await person.form.get_by_role("option", name="INC-1 · checkout").click()
    await expect(person.form).to_contain_text("its series moves to INC-1")
    await person.send("Merge")
    merged = person.channel.locator("[data-ts]").filter(has=person.page.get_by_role("button", name="Undo merge"))
    await person.shows(merged, "Merged into INC-1 by @bob")
    await person.shows(card, "2 firing, 1 resolved:", "pod-p")
    await merged.get_by_role("link", name="Open INC-1").click()
    await expect(card).to_have_class("message changed")
    await person.press(merged, "Undo merge")
    await person.shows(other, "CRITICAL · Active · INC-2", "1 firing: pod-p")
    await person.shows(card, "1 firing, 1 resolved: pod-a")
