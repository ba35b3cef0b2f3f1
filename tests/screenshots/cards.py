"""``python -m tests.screenshots.cards``: pictures of each state of the card, of Why? and of the details, on a phone.

``card-ko.png`` is the card in Korean, for README.ko.md.

They stand in ``docs/images/cards`` and are told of in ``docs/explanation/the-card.md``. Look at them after taking them.
"""

import asyncio
from pathlib import Path

from bot.blocks.approval import approval_message
from bot.blocks.card import card
from bot.blocks.clicks import Target, button_value
from bot.blocks.details import alerts_modal, series_modal
from bot.blocks.details_clicks import Listed, Sheet
from bot.blocks.kit import actions, button
from bot.blocks.why import why_modal
from bot.language import speaking
from bot.message import Block
from incidents.inspection import Page, Turn
from incidents.policy import Policy
from tests.screenshots.phone import a_phone, picture
from tests.unit.bot.samples import WINDOW, a_view
from tests.unit.bot.states import COMING, STATES
from tests.unit.bot.test_approvals import APPROVALS, ASKED
from tests.unit.bot.traces import ARRIVED, SERIES, TRACES

FOLDER = Path(__file__).parents[2] / "docs" / "images" / "cards"
SHOWN = (
    "active",
    "acknowledged",
    "acknowledged-assigned",
    "active-assigned",
    "worse",
    "asked",
    "maintenance",
    "second-person",
    "blind",
    "flapping",
    "snoozed",
    "snoozed-acknowledged",
    "no-data",
    "error",
    "test",
    "unfollowed",
    "recovered",
    "recovered-and-explained",
    "recovered-while-snoozed",
    "closed-while-firing",
    "closed-while-critical",
    "closed-by-two",
    "noise",
    "stale",
    "series-missing",
    "merged",
    "korean",
)
"""Of ``STATES``; the others are there to break it."""


QUESTIONS = ("asked", "declined")
"""Of APPROVALS."""
VALUE = button_value(Target.of(STATES["active"]))


def link_to(channel: str, ts: str) -> str:
    return f"https://beacon-hill.slack.com/archives/{channel}/p{ts.replace('.', '')}"


async def main() -> None:
    async with a_phone() as phone:
        for name in SHOWN:
            message = card(STATES[name], reopen_window=WINDOW, link_to=link_to, coming=COMING.get(name))
            await picture(await phone.post(message.text, message.blocks), FOLDER / f"{name}.png")
    async with a_phone() as phone:
        for name in QUESTIONS:
            message = approval_message(APPROVALS[name], ASKED, STATES["second-person"].incident)
            await picture(await phone.post(message.text, message.blocks), FOLDER / f"approval-{name}.png")
    async with a_phone() as phone:
        with speaking("ko"):
            message = card(STATES["active"], reopen_window=WINDOW, coming=COMING["active"])
        await picture(await phone.post(message.text, message.blocks), FOLDER.parent / "card-ko.png")
    for name, view in forms().items():
        async with a_phone() as phone:
            phone.view = view
            message = await phone.post(name, [actions("ask", button(name, action_id="ask", value=VALUE, about=name))])
            await picture(await phone.modal(message.get_by_role("button", name=name)), FOLDER / f"{name}.png")


def forms() -> dict[str, Block]:
    series = Page(a_view().incident, SERIES, None, Turn(), 31)
    arrived = Page(a_view().incident, ARRIVED, None, Turn(), 1240)
    return {
        "why": why_modal(TRACES["plain"], Policy()),
        "why-quiet": why_modal(TRACES["quiet"], Policy()),
        "details-series": series_modal(Sheet(12, 142), series),
        "details-alerts": alerts_modal(Sheet(12, 142, Listed.ALERTS), arrived),
    }


if __name__ == "__main__":
    asyncio.run(main())
