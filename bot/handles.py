"""User groups by their handles: ``bongsu.yaml`` says ``@oncall``, and only an id mentions."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping

from slack_sdk.web.async_client import AsyncWebClient

from bot.client import SLACK_ERRORS

_FRESH_SECONDS = 600.0
_AGAIN_SECONDS = 30.0

logger = logging.getLogger(__name__)


class Handles:
    """Asks Slack for all user groups (``usergroups.list``, scope ``usergroups:read``), and again after ten minutes."""

    def __init__(self, client: AsyncWebClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._ids: Mapping[str, str] = {}
        self._next = -1.0

    @property
    def known(self) -> Mapping[str, str]:
        """Ids by handle, without ``@``, as Slack last told them."""
        return self._ids

    async def learn(self, named: Iterable[str]) -> None:
        """Ask Slack where any of these is a handle and it is time. Where Slack does not answer, what was known stays.

        Source: https://docs.slack.dev/reference/methods/usergroups.list
        """
        if self._clock() < self._next or not any(is_handle(one) for one in named):
            return
        self._next = self._clock() + _AGAIN_SECONDS
        try:
            told = await self._client.usergroups_list()
        except SLACK_ERRORS as error:
            said = {"action": "slack_groups", "error": str(error)}
            logger.warning("slack does not tell its user groups: handles mention nobody", extra=said)
            return
        self._next = self._clock() + _FRESH_SECONDS
        self._ids = {str(one["handle"]).casefold(): str(one["id"]) for one in told["usergroups"]}

    def unknown(self, named: Iterable[str]) -> list[str]:
        """Those that are handles of no group."""
        return [one for one in named if is_handle(one) and one.removeprefix("@").casefold() not in self._ids]


def is_handle(named: str) -> bool:
    return named.startswith("@")
