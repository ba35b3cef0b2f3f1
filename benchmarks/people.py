"""How long people wait for an answer in Slack beside 1,000 open incidents and 1,000,000 alerts in the database."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from math import ceil

from benchmarks import bodies, history
from benchmarks.figures import Figure, at_most, middle
from benchmarks.ground import Ground, webhooks
from benchmarks.loopback import Answer
from benchmarks.sender import send
from benchmarks.stage import NotShownError, Slack

_TIMES = 100
_WAVE = 2
"""Beside those of the history."""
_MOST_ACKNOWLEDGED = 300
_MOST_SHOWN = 500
_PERSON = "U0ALICE"
_POSTED_WITHIN = 300.0
_SHOWN_WITHIN = 30.0
_LOOK_EVERY = 0.01
_LISTS = ("list", "list payments critical", "list mine", "list resolved 7d")


async def measure(ground: Ground) -> list[Figure]:
    async with ground.serving("people", await history.grow(ground), paces=False) as here:
        await send(replace(webhooks(here, mix="once", wave=_WAVE, seconds=120), warm_up=0))
        cards = await _all_cards(here.slack)

        async def click(number: int) -> float:
            return _elapsed(await here.slack.click(cards[number], "incident_acknowledge", user=_PERSON))

        async def ask(number: int) -> float:
            return _elapsed(await here.slack.command("/incident", _LISTS[number % len(_LISTS)], user=_PERSON))

        async def open_home(_: int) -> float:
            return await _home_shown(here.slack)

        waits = {
            "p99 of a click's acknowledgement": (await _one_by_one(click), _MOST_ACKNOWLEDGED),
            "p99 of the answer to /incident list": (await _one_by_one(ask), _MOST_SHOWN),
            "p99 of opening App Home": (await _one_by_one(open_home), _MOST_SHOWN),
        }
    beside = f"beside {bodies.INCIDENTS:,} open incidents and {history.ALERTS:,} alerts"
    return [
        Figure(f"{ground.kind}: {what} {beside}", _p99(waited), "ms", "its median", middle(waited), at_most(most, "ms"))
        for what, (waited, most) in waits.items()
    ]


async def _all_cards(slack: Slack) -> list[dict[str, object]]:
    """One of each open incident, once Slack has them all. Raises NotShownError."""
    deadline = time.monotonic() + _POSTED_WITHIN
    while time.monotonic() < deadline:
        cards = [card for card in await slack.cards() if "is active" in card["text"]]
        if len(cards) >= bodies.INCIDENTS:
            return cards
        await asyncio.sleep(1.0)
    raise NotShownError("not every open incident has its card")


async def _one_by_one(do: Callable[[int], Awaitable[float]]) -> list[float]:
    """Seconds that each took."""
    return [await do(number) for number in range(_TIMES)]


def _elapsed(answer: Answer) -> float:
    return float(answer.body["elapsed_ms"]) / 1000


async def _home_shown(slack: Slack) -> float:
    """Seconds from opening it to Slack's having the view. Raises NotShownError."""
    began = time.time()
    await slack.event("app_home_opened", user=_PERSON)
    while time.time() - began < _SHOWN_WITHIN:
        published = [call["at"] for call in await slack.calls("views.publish") if call["at"] > began]
        if published:
            return float(min(published)) - began
        await asyncio.sleep(_LOOK_EVERY)
    raise NotShownError("App Home is not shown")


def _p99(seconds: Sequence[float]) -> float:
    """In milliseconds: the smallest that 99 % are not above."""
    return sorted(seconds)[ceil(len(seconds) * 0.99) - 1] * 1000
