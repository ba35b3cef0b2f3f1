"""Who is in which of Slack's user groups. Membership gives roles, so what is not known gives nothing."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.client import SLACK_ERRORS

_FRESH_SECONDS = 300.0
_LASTS_SECONDS = 3600.0
"""So long the last that Slack told holds, where it does not answer any more."""
_PATIENCE_SECONDS = 1.5
"""All who wait for the same reading wait for no longer than that from its beginning: Slack waits 3 s for us."""
_AFTER_A_FAILURE_SECONDS = 15.0

logger = logging.getLogger(__name__)


class Groups:
    """Asks Slack for all groups and their members at once (``usergroups.list``, scope ``usergroups:read``)."""

    def __init__(self, client: AsyncWebClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._of_person: Mapping[str, frozenset[str]] = {}
        self._handles: Mapping[str, str] = {}
        self._fresh_until = self._lasts_until = self._not_before = -1.0
        self._asked: asyncio.Task[None] | None = None
        self._began = 0.0
        self._changes = 0

    async def of(self, user_id: str) -> frozenset[str] | None:
        """Their groups, each by ``@handle`` and by id. None: Slack has not told within the last hour.

        Waits 1.5 s at most, and only where what is known is older than five minutes.
        """
        if self._fresh_until <= self._clock():
            await self._ask()
        if not self.is_told:
            return None
        return self._of_person.get(user_id, frozenset())

    @property
    def ids(self) -> Mapping[str, str]:
        """Ids by handle, without ``@`` and in lower case, as Slack last told them."""
        return {handle.removeprefix("@").casefold(): group for group, handle in self._handles.items()}

    @property
    def is_told(self) -> bool:
        """Whether Slack has told of them within the last hour."""
        return self._lasts_until > self._clock()

    async def unknown(self, named: Iterable[str]) -> list[str]:
        """Which of these are handles (``@oncall``) of no group. Slack is asked only where any is a handle."""
        handles = [one for one in named if one.startswith("@")]
        if handles and self._fresh_until <= self._clock():
            await self._ask()
        return [one for one in handles if one.removeprefix("@").casefold() not in self.ids]

    async def keep_fresh(self) -> None:
        """Ask ahead, so that nobody who clicks has to wait for it."""
        self._fresh_until = min(self._fresh_until, self._clock())
        await self._ask()

    def outdated(self) -> None:
        """Slack says that a group has changed: whoever comes next waits for what it is now."""
        self._changes += 1
        self._fresh_until = -1.0

    def handle(self, group: str) -> str:
        """``@oncall`` for a group by its id, as far as it is known."""
        return self._handles.get(group, group)

    async def _ask(self) -> None:
        if self._asked is None or self._asked.done():
            if self._clock() < self._not_before:
                return
            self._asked, self._began = asyncio.create_task(self._read(), name="read slack's groups"), self._clock()
        await asyncio.wait({self._asked}, timeout=max(0.0, self._began + _PATIENCE_SECONDS - self._clock()))

    async def _read(self) -> None:
        """Source: https://docs.slack.dev/reference/methods/usergroups.list"""
        changes = self._changes
        try:
            told = await self._client.usergroups_list(include_users=True)
        except SLACK_ERRORS as error:
            self._not_before = self._clock() + _AFTER_A_FAILURE_SECONDS
            said = {"action": "slack_groups", "error": str(error), "known": self._lasts_until > self._clock()}
            logger.warning("slack does not tell who is in which group", extra=said)
            return
        groups: Sequence[Mapping[str, Any]] = told["usergroups"]
        self._of_person = _by_person(groups)
        self._handles = {str(group["id"]): f"@{group['handle']}" for group in groups}
        self._lasts_until = self._clock() + _LASTS_SECONDS
        if changes == self._changes:
            self._fresh_until = self._clock() + _FRESH_SECONDS


def _by_person(groups: Sequence[Mapping[str, Any]]) -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for group in groups:
        for user_id in group.get("users") or ():
            found[user_id] |= {str(group["id"]), f"@{group['handle']}"}
    return {user_id: frozenset(theirs) for user_id, theirs in found.items()}
