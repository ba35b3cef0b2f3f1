"""response_urls: five times in thirty minutes.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import SlackError
from sandbox.messages import Message

MOST_USES = 5
KEPT = 10_000


@dataclass(slots=True)
class ResponseUrl:
    """`source`: the message that was clicked, or the last one sent through it; None after a command."""

    channel: str
    user: str
    source: Message | None
    issued_at: float
    uses: int = 0


class ResponseUrls:
    def __init__(self, base: str, now: Callable[[], float], lives: float, new_id: Callable[[], str]) -> None:
        self._base = base
        self._now = now
        self._lives = lives
        self._new_id = new_id
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, source: Message | None = None) -> str:
        key = self._new_id()
        self._issued[key] = ResponseUrl(channel, user, source, self._now())
        if len(self._issued) > KEPT:
            del self._issued[next(iter(self._issued))]
        return f"{self._base}/response/{key}"

    def use(self, key: str) -> ResponseUrl:
        """Raises SlackError: used_url, expired_url."""
        found = self._issued.get(key)
        if found is None or self._now() - found.issued_at > self._lives:
            raise SlackError("expired_url")
        if found.uses >= MOST_USES:
            raise SlackError("used_url")
        found.uses += 1
        return found
