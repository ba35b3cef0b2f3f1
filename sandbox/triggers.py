"""trigger_ids: three seconds, once.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
"""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import SlackError
from sandbox.people import TEAM_ID

# Enough to tell "expired" from "never heard of".
KEPT = 10_000


@dataclass(slots=True)
class Trigger:
    user: str
    issued_at: float
    used: bool = False


class Triggers:
    def __init__(self, now: Callable[[], float], lives: float, new_id: Callable[[], str]) -> None:
        self._now = now
        self._lives = lives
        self._new_id = new_id
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str) -> str:
        trigger_id = f"{int(self._now() * 1000)}.{TEAM_ID}.{self._new_id()}"
        self._issued[trigger_id] = Trigger(user, self._now())
        if len(self._issued) > KEPT:
            del self._issued[next(iter(self._issued))]
        return trigger_id

    def check(self, trigger_id: str) -> str:
        """The person whose act it was. Raises SlackError; does not use it up."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._now() - trigger.issued_at > self._lives:
            raise SlackError("expired_trigger_id")
        return trigger.user

    def use(self, trigger_id: str) -> None:
        self._issued[trigger_id].used = True
