"""The four calls by which the publisher speaks to Slack: post, update, delete, find."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import find_channel
from bot.client import SLACK_ERRORS
from bot.message import Message
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.verdict import judge
from incidents.ports import Job

EVENT_TYPE = "bongsu"
"""Every message of ours carries metadata of this type, by which it is found again."""

_CLOCKS_DIFFER = timedelta(minutes=15)
"""So much may Slack's clock and the database's be apart when a message is looked for."""
_PAGES = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is: the channel's id and the message's ts. ``rev`` is the revision that it shows."""

    channel_id: str
    ts: str
    rev: int


class Slack:
    """Calls are counted and timed; each raises what the SDK raises."""

    def __init__(self, client: AsyncWebClient, metrics: PublisherMetrics) -> None:
        self._client = client
        self._metrics = metrics

    async def post(self, job: Job, message: Message) -> Place:
        told = await self._call(
            "chat.postMessage",
            channel=job.channel,
            thread_ts=job.thread_ts,
            unfurl_links=False,
            unfurl_media=False,
            **_content(job, message),
        )
        return Place(told["channel"], told["ts"], job.rev)

    async def update(self, job: Job, message: Message) -> Place:
        told = await self._call("chat.update", channel=job.channel, ts=job.ts, **_content(job, message))
        return Place(told["channel"], told["ts"], job.rev)

    async def delete(self, place: Place) -> None:
        await self._call("chat.delete", channel=place.channel_id, ts=place.ts)

    async def channel_id(self, name: str) -> str | None:
        """The id of the channel with this name, None if we see no such channel."""
        return await find_channel(self._client, name)

    async def find(self, job: Job, channel_id: str, *, since: datetime, besides: str = "") -> Place | None:
        """Our own message for this row, as Slack holds it; None where it holds none, ``besides`` the one of this ts."""
        method = "conversations.replies" if job.thread_ts else "conversations.history"
        where: dict[str, Any] = {"ts": job.thread_ts} if job.thread_ts else {}
        oldest = f"{(since - _CLOCKS_DIFFER).timestamp():.6f}"
        cursor = ""
        for _ in range(_PAGES):
            told = await self._call(
                method, channel=channel_id, oldest=oldest, limit=200, cursor=cursor, include_all_metadata=True, **where
            )
            for message in told["messages"]:
                rev = _rev(job, message.get("metadata") or {})
                if rev is not None and message["ts"] != besides:
                    return Place(channel_id, message["ts"], rev)
            cursor = _cursor(told)
            if not cursor:
                return None
        return None

    async def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        started = time.monotonic()
        outcome = "ok"
        given = {name: value for name, value in arguments.items() if value not in (None, "")}
        verb = "json" if method.startswith("chat.") and method != "chat.delete" else "params"
        try:
            response = await self._client.api_call(method, **{verb: given})  # type: ignore[arg-type]
        except SlackApiError as error:
            outcome = judge(error).code
            raise
        except SLACK_ERRORS as error:
            outcome = type(error).__name__
            raise
        finally:
            self._metrics.called(method, outcome, seconds=time.monotonic() - started)
        return response.data if isinstance(response.data, dict) else {}


def _content(job: Job, message: Message) -> dict[str, Any]:
    payload = {"outbox_id": job.id, "rev": job.rev}
    return {
        "text": message.text,
        "blocks": message.blocks,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": payload},
    }


def _rev(job: Job, metadata: Mapping[str, Any]) -> int | None:
    """The revision that this metadata tells of, None where it is not of this row."""
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT_TYPE or payload.get("outbox_id") != job.id:
        return None
    rev = payload.get("rev")
    return rev if isinstance(rev, int) else 0


def _cursor(told: Mapping[str, Any]) -> str:
    return str((told.get("response_metadata") or {}).get("next_cursor") or "")
