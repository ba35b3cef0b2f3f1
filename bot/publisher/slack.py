"""The calls by which the publisher speaks to Slack: post, update, delete, find, look at one."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import Channels, find_channel
from bot.client import SLACK_ERRORS
from bot.message import Message
from bot.publisher.content import sha256_of
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.verdict import TooEarly, Verdict, judge
from incidents.outbox import Job

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
    """Calls are counted and timed; each raises what the SDK raises.

    ``channels`` tells the ids of those whose names may have changed since; None: all are called as they are configured.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        metrics: PublisherMetrics,
        *,
        channels: Channels | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._metrics = metrics
        self._channels = channels
        self._clock = clock
        self._closed_until: dict[tuple[str, str], float] = {}

    async def post(self, job: Job, message: Message) -> Place:
        told = await self._call(
            "chat.postMessage",
            channel=self._named(job.channel),
            thread_ts=job.thread_ts,
            reply_broadcast=True if job.thread_ts and message.broadcast else None,
            unfurl_links=False,
            unfurl_media=False,
            **_content(job, message),
        )
        return Place(told["channel"], told["ts"], job.rev)

    def _named(self, channel: str) -> str:
        """By its id, which stays when somebody renames it."""
        known = self._channels.id_of(channel) if self._channels is not None else None
        return known or channel

    async def update(self, job: Job, message: Message) -> Place:
        told = await self._call("chat.update", channel=job.channel, ts=job.ts, **_content(job, message))
        return Place(told["channel"], told["ts"], job.rev)

    async def delete(self, place: Place) -> None:
        await self._call("chat.delete", channel=place.channel_id, ts=place.ts)

    async def channel_id(self, name: str) -> str | None:
        """The id of the channel with this name, None if we see no such channel."""
        known = self._channels.id_of(name) if self._channels is not None else None
        return known or await find_channel(self._client, name)

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
                rev = shown_rev(job.id, message.get("metadata") or {})
                if rev is not None and message["ts"] != besides:
                    return Place(channel_id, message["ts"], rev)
            cursor = _cursor(told)
            if not cursor:
                return None
        return None

    async def at(self, channel_id: str, ts: str) -> Mapping[str, Any] | None:
        """The message that stands there, as Slack tells it; None where none does any more."""
        told = await self._call(
            "conversations.history", channel=channel_id, latest=ts, limit=1, inclusive=True, include_all_metadata=True
        )
        found = next(iter(told["messages"]), None)
        return found if found and found["ts"] == ts and found.get("subtype") != "tombstone" else None

    async def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Raises TooEarly, without a call, where Slack has told us here to wait: that others know is a moment later."""
        way = (method, str(arguments["channel"]) if method == "chat.postMessage" else "")
        if (left := self._closed_until.get(way, 0.0) - self._clock()) > 0:
            raise TooEarly(left)
        started = time.monotonic()
        outcome = "ok"
        given = {name: value for name, value in arguments.items() if value not in (None, "")}
        verb = "json" if method.startswith("chat.") and method != "chat.delete" else "params"
        try:
            response = await self._client.api_call(method, **{verb: given})  # type: ignore[arg-type]
        except SlackApiError as error:
            failure = judge(error)
            outcome = failure.code
            if failure.verdict is Verdict.SLOW_DOWN:
                self._closed_until[way] = self._clock() + failure.retry_after
            raise
        except SLACK_ERRORS as error:
            outcome = type(error).__name__
            raise
        finally:
            self._metrics.called(method, outcome, seconds=time.monotonic() - started)
        return response.data if isinstance(response.data, dict) else {}


def _content(job: Job, message: Message) -> dict[str, Any]:
    payload = {"outbox_id": job.id, "rev": job.rev, "sha256": sha256_of(message)}
    return {
        "text": message.text,
        "blocks": message.blocks,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": payload},
    }


def shown_rev(outbox_id: int, metadata: Mapping[str, Any]) -> int | None:
    """The revision that this metadata tells of, None where it is not of this row."""
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT_TYPE or payload.get("outbox_id") != outbox_id:
        return None
    rev = payload.get("rev")
    return rev if isinstance(rev, int) else 0


def _cursor(told: Mapping[str, Any]) -> str:
    return str((told.get("response_metadata") or {}).get("next_cursor") or "")
