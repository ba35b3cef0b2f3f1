"""What Slack knows of the people in the workspace: their time zone, their language, whether they are still there."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.web.async_client import AsyncWebClient

from bot.client import SLACK_ERRORS

_FRESH_SECONDS = 600.0
_MOST = 10_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """``timezone`` None: Slack tells none that we know. ``locale`` is as in ``ko-KR``, ``""`` where Slack tells none.

    ``is_gone``: the account is deactivated.
    """

    id: str
    name: str
    timezone: ZoneInfo | None
    locale: str
    is_gone: bool
    is_bot: bool = False


class Directory:
    """Asks Slack for a person (``users.info``, scope ``users:read``) and remembers the answer for ten minutes."""

    def __init__(self, client: AsyncWebClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._people: dict[str, tuple[Person, float]] = {}

    def known(self, user_id: str) -> Person | None:
        """As last told, however long ago; None where Slack was not asked yet. Never waits."""
        found = self._people.get(user_id)
        return found[0] if found else None

    async def person(self, user_id: str) -> Person | None:
        """As Slack tells; as last told where it does not answer; None where it never told."""
        found = self._people.get(user_id)
        if found is not None and found[1] > self._clock():
            return found[0]
        try:
            told = await self._client.users_info(user=user_id, include_locale=True)
        except SLACK_ERRORS as error:
            said = {"action": "slack_person", "user": user_id, "error": str(error)}
            logger.warning("slack does not tell who somebody is", extra=said)
            return self.known(user_id)
        return self._remembered(told["user"])

    def forget(self, user_id: str) -> None:
        """Slack says that something about this person has changed: it is asked again."""
        self._people.pop(user_id, None)

    def _remembered(self, user: dict[str, object]) -> Person:
        person = _read(user)
        if len(self._people) >= _MOST:
            self._people.pop(next(iter(self._people)))
        self._people[person.id] = (person, self._clock() + _FRESH_SECONDS)
        return person


def _read(user: dict[str, object]) -> Person:
    """Source: https://docs.slack.dev/reference/objects/user-object"""
    name = str(user.get("real_name") or user.get("name") or user["id"])
    is_gone, is_bot = bool(user.get("deleted")), bool(user.get("is_bot"))
    return Person(str(user["id"]), name, _zone(user.get("tz")), str(user.get("locale") or ""), is_gone, is_bot)


def _zone(name: object) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
