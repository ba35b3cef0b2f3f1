"""``python -m tests.screenshots.cards``: a picture of each state of the card, as a phone shows it.

They stand in ``docs/images/cards`` and are told of in ``docs/explanation/the-card.md``. Look at them after taking them.
"""

import asyncio
from pathlib import Path

from bot.blocks.card import card
from tests.screenshots.phone import a_phone, picture
from tests.unit.bot.samples import WINDOW
from tests.unit.bot.states import STATES

FOLDER = Path(__file__).parents[2] / "docs" / "images" / "cards"
SHOWN = (
    "active",
    "acknowledged",
    "acknowledged-assigned",
    "active-assigned",
    "worse",
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
    "noise",
    "merged",
    "korean",
)
"""Of ``STATES``; the others are there to break it."""


async def main() -> None:
    async with a_phone() as phone:
        for name in SHOWN:
            message = card(STATES[name], reopen_window=WINDOW)
            await picture(await phone.post(message.text, message.blocks), FOLDER / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main())
