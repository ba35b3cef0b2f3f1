"""The channels that ``bongsu.yaml`` names, as Slack has them: their ids, and whether we can speak there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

_PAGES = 20
_A_PAGE = 1000
_PUBLIC = "public_channel"
_ALL = "public_channel,private_channel"
_LONGEST_WAIT = 60.0

Channel = Mapping[str, Any]
"""As Slack tells it. Source: https://docs.slack.dev/reference/objects/conversation-object"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A channel as it is configured, and as Slack has it.

    ``id`` None: Slack shows us none. ``code`` is why no message will be taken there: ``channel_not_found`` (or it is
    private, and we are no member), ``is_archived``; None: nothing speaks against it. ``name`` is what it is called now,
    without ``#``, "" where nobody knows. ``join_error`` is why a public one can't be joined.
    """

    channel: str
    id: str | None = None
    name: str = ""
    code: str | None = None
    is_member: bool = False
    is_private: bool = False
    has_joined: bool = False
    join_error: str | None = None
    is_hidden: bool = False

    @property
    def is_renamed(self) -> bool:
        return self.channel.startswith("#") and bool(self.name) and self.channel != f"#{self.name}"


class Channels:
    """What Slack has told of them. ``sleep`` waits so many seconds where Slack wants a pause between pages."""

    def __init__(self, client: AsyncWebClient, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._client = client
        self._sleep = sleep
        self._ids: dict[str, str] = {}

    def id_of(self, channel: str) -> str | None:
        """The id of a channel that was seen by this name; None: it was not, or is configured by its id."""
        return self._ids.get(channel)

    async def look(self, wanted: Iterable[str], *, known: Mapping[str, str], join: bool) -> list[Seen]:
        """How each of these stands. ``known`` are ids by names that they had before. Raises what the SDK does.

        ``join``: become a member of those that are public.
        """
        channels = list(dict.fromkeys(wanted))
        listed, sees_private = await self._listed({one.removeprefix("#") for one in channels if one.startswith("#")})
        found = []
        for one in channels:
            is_id = not one.startswith("#")
            told, its_id = (None, one) if is_id else (listed.get(one.removeprefix("#")), known.get(one))
            found.append(await self._seen(one, told, its_id, sees_private=sees_private))
        seen = [await self._joined(one) if join else one for one in found]
        self._ids = {one.channel: one.id for one in seen if one.id is not None and one.channel.startswith("#")}
        return seen

    async def _listed(self, names: Collection[str]) -> tuple[dict[str, Channel], bool]:
        """By name, those of these that Slack lists; and whether private ones of which we are a member would be."""
        try:
            return await self._named(names, _ALL), True
        except SlackApiError as error:
            if code_of(error) != "missing_scope":
                raise
        return await self._named(names, _PUBLIC), False

    async def _named(self, names: Collection[str], kinds: str) -> dict[str, Channel]:
        found: dict[str, Channel] = {}
        if names:
            async for one in pages(self._client, kinds=kinds, sleep=self._sleep):
                if (name := str(one.get("name"))) in names:
                    found[name] = one
                    if len(found) == len(names):
                        break
        return found

    async def _seen(self, channel: str, told: Channel | None, channel_id: str | None, *, sees_private: bool) -> Seen:
        """A name that nobody has may be one that somebody has changed: by its id it is found again."""
        if told is None and channel_id is not None:
            try:
                told = await self._told(channel_id)
            except SlackApiError as error:
                if code_of(error) != "missing_scope":
                    raise
                return Seen(channel, id=channel_id, is_hidden=True)
        if told is None:
            is_known = sees_private or not channel.startswith("#")
            return Seen(channel, code="channel_not_found") if is_known else Seen(channel, is_hidden=True)
        return Seen(
            channel,
            id=str(told["id"]),
            name=str(told.get("name") or ""),
            code="is_archived" if told.get("is_archived") else None,
            is_member=bool(told.get("is_member")),
            is_private=bool(told.get("is_private")),
        )

    async def _told(self, channel_id: str) -> Channel | None:
        """Source: https://docs.slack.dev/reference/methods/conversations.info"""
        try:
            answer = await self._client.conversations_info(channel=channel_id)
        except SlackApiError as error:
            if code_of(error) == "channel_not_found":
                return None
            raise
        told: Channel = answer["channel"]
        return told

    async def _joined(self, seen: Seen) -> Seen:
        """Source: https://docs.slack.dev/reference/methods/conversations.join"""
        if seen.id is None or seen.code or seen.is_member or seen.is_private or seen.is_hidden:
            return seen
        try:
            await self._client.conversations_join(channel=seen.id)
        except SlackApiError as error:
            return replace(seen, join_error=code_of(error))
        return replace(seen, is_member=True, has_joined=True)


async def find_channel(client: AsyncWebClient, channel: str) -> str | None:
    """The id of ``#name``, None if we see no such channel; an id is taken as it is. Raises what the SDK does."""
    if not channel.startswith("#"):
        return channel
    async for one in pages(client):
        if one.get("name") == channel.removeprefix("#") and not one.get("is_archived"):
            return str(one["id"])
    return None


async def pages(
    client: AsyncWebClient, *, kinds: str = _PUBLIC, sleep: Callable[[float], Awaitable[object]] | None = None
) -> AsyncIterator[Channel]:
    """All channels of these kinds that we see, one after the other.

    ``sleep`` None: where Slack wants a pause, that is raised as everything else.
    Source: https://docs.slack.dev/reference/methods/conversations.list
    """
    cursor = ""
    for _ in range(_PAGES):
        told = await _page(client, kinds, cursor, sleep)
        for one in told["channels"]:
            yield one
        cursor = str((told.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return


async def _page(
    client: AsyncWebClient, kinds: str, cursor: str, sleep: Callable[[float], Awaitable[object]] | None
) -> Any:
    try:
        return await client.conversations_list(types=kinds, limit=_A_PAGE, cursor=cursor or None)
    except SlackApiError as error:
        if sleep is None or code_of(error) != "ratelimited":
            raise
        await sleep(min(_retry_after(error), _LONGEST_WAIT))
        return await client.conversations_list(types=kinds, limit=_A_PAGE, cursor=cursor or None)


def _retry_after(error: SlackApiError) -> float:
    headers = {str(name).lower(): value for name, value in error.response.headers.items()}
    try:
        return float(headers.get("retry-after", 1))
    except ValueError:
        return 1.0


def code_of(error: SlackApiError) -> str:
    """Slack's own code; where Slack answered with no JSON, the first line of what the SDK says."""
    told = getattr(error.response, "data", error.response)
    return str(told.get("error")) if isinstance(told, dict) else str(error).splitlines()[0]
