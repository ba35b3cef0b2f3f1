"""A channel's id by its name."""

from slack_sdk.web.async_client import AsyncWebClient

_PAGES = 20
_A_PAGE = 1000


async def find_channel(client: AsyncWebClient, channel: str) -> str | None:
    """The id of ``#name``, None if we see no such public channel; an id is taken as it is. Raises what the SDK does.

    Source: https://docs.slack.dev/reference/methods/conversations.list
    """
    if not channel.startswith("#"):
        return channel
    cursor = ""
    for _ in range(_PAGES):
        told = await client.conversations_list(
            exclude_archived=True, types="public_channel", limit=_A_PAGE, cursor=cursor or None
        )
        for one in told["channels"]:
            if one["name"] == channel.removeprefix("#"):
                return str(one["id"])
        cursor = str((told.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return None
    return None
