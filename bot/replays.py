"""The same request twice has one effect, and the second gets the first one's answer."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.signature import LIFETIME_SECONDS

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to Slack."""

    status: int
    body: bytes
    content_type: str


def key_of(body: bytes, signature: str) -> str:
    """What makes two requests the same.

    Clicks, forms and events carry a ``trigger_id`` or ``event_id`` of their own, so the same body is the same thing
    sent again, even under a new timestamp. A command may honestly be typed twice: there only the signature tells.
    """
    own_id = b"event_id" in body or (b"trigger_id" in body and body.startswith(b"payload="))
    return hashlib.sha256(body).hexdigest() if own_id else signature


class Replays:
    """Remembers answers for as long as Slack's signatures live. Of this process: the state machine covers the rest."""

    def __init__(self, now: Callable[[], float]) -> None:
        """``now``: monotonic seconds."""
        self._now = now
        self._known: OrderedDict[str, tuple[float, asyncio.Task[Answer]]] = OrderedDict()

    async def once(self, key: str, handle: Callable[[], Awaitable[Answer]]) -> Answer:
        """Handle it, or wait for and return what the same request was answered. Failures are not remembered."""
        self._forget_old()
        known = self._known.get(key)
        if known is None:
            known = (self._now(), asyncio.ensure_future(_answer(handle)))
            self._known[key] = known
        answer = await asyncio.shield(known[1])
        if answer.status >= 400:
            self._known.pop(key, None)
        return answer

    def _forget_old(self) -> None:
        while self._known:
            key, (at, task) = next(iter(self._known.items()))
            if not task.done() or (self._now() - at <= 2 * LIFETIME_SECONDS and len(self._known) < _MOST):
                return
            del self._known[key]


async def _answer(handle: Callable[[], Awaitable[Answer]]) -> Answer:
    return await handle()
