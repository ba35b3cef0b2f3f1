"""What Slack knows of the people in the workspace: their time zone, their language, whether they are still there."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import code_of
from bot.client import SLACK_ERRORS
from bot.language import language_of

_FRESH_SECONDS = 600.0
_MOST = 10_000
_NOBODY = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
"""https://docs.slack.dev/reference/methods/users.info#errors"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """``timezone`` None: Slack tells none that we know. ``locale`` is as in ``ko-KR``, ``""`` where Slack tells none.

    ``is_gone``: the account is deactivated. ``team_id`` is their workspace, ``enterprise_id`` the organisation of it;
    ``""`` where Slack tells none.
    """

    id: str
    name: str
    timezone: ZoneInfo | None
    locale: str
    is_gone: bool
    is_bot: bool = False
    team_id: str = ""
    enterprise_id: str = ""


class Directory:
    """Asks Slack for a person (``users.info``, scope ``users:read``) and remembers the answer for ten minutes."""

    def __init__(self, client: AsyncWebClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._people: dict[str, tuple[Person, float]] = {}
        self._learning: dict[str, asyncio.Task[Person | None]] = {}

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
        if self._people.get(user_id) not in {None, found}:
            return self.known(user_id)  # Slack has told of a change meanwhile, which this answer may not know
        return self._remembered(told["user"])

    def learn(self, user_id: str) -> None:
        """Ask Slack in the background, unless it has told within ten minutes. Never waits."""
        found, asked = self._people.get(user_id), self._learning.get(user_id)
        if (asked is None or asked.done()) and (found is None or found[1] <= self._clock()):
            self._learning = {one: task for one, task in self._learning.items() if not task.done()}
            self._learning[user_id] = asyncio.create_task(self.person(user_id), name=f"learn who {user_id} is")

    def language(self, user_id: str, *, otherwise: str) -> str:
        """What this person is spoken to in, one of ``LANGUAGES``; ``otherwise`` where theirs is not known. Never waits.

        It is asked for in the background where it is not known, or not any more.
        """
        self.learn(user_id)
        person = self.known(user_id)
        return language_of(person.locale, otherwise=otherwise) if person is not None else otherwise

    async def is_gone(self, user_id: str) -> bool:
        """Whether Slack has deactivated the account. False where Slack does not tell."""
        person = await self.person(user_id)
        return person is not None and person.is_gone

    async def is_missing(self, user_id: str) -> bool | None:
        """Whether Slack has deactivated the account, or knows nobody by this id. None where Slack does not tell."""
        try:
            told = await self._client.users_info(user=user_id, include_locale=True)
        except SlackApiError as error:
            return True if code_of(error) in _NOBODY else None
        except SLACK_ERRORS:
            return None
        return self._remembered(told["user"]).is_gone

    def told(self, user: Mapping[str, object]) -> Person:
        """Slack tells of a change by itself. A language that it leaves out is what it was. Raises KeyError."""
        before = self.known(str(user["id"]))
        return self._remembered({"locale": before.locale if before else "", **user})

    def forget(self, user_id: str) -> None:
        """Slack says that something about this person has changed: it is asked again."""
        self._people.pop(user_id, None)

    def _remembered(self, user: Mapping[str, object]) -> Person:
        person = _read(user)
        if len(self._people) >= _MOST:
            self._people.pop(next(iter(self._people)))
        self._people[person.id] = (person, self._clock() + _FRESH_SECONDS)
        return person


def _read(user: Mapping[str, object]) -> Person:
    """Source: https://docs.slack.dev/reference/objects/user-object"""
    name = str(user.get("real_name") or user.get("name") or user["id"])
    is_gone, is_bot = bool(user.get("deleted")), bool(user.get("is_bot"))
    enterprise = user.get("enterprise_user")
    return Person(
        str(user["id"]),
        name,
        _zone(user.get("tz")),
        str(user.get("locale") or ""),
        is_gone,
        is_bot,
        str(user.get("team_id") or ""),
        str(enterprise.get("enterprise_id") or "") if isinstance(enterprise, Mapping) else "",
    )


def _zone(name: object) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
