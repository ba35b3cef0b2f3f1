"""Events, with Slack's retries.

Source: https://docs.slack.dev/apis/events-api#retries
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from sandbox.interactions.outbound import Ack
from sandbox.interactions.payloads import event_callback
from sandbox.sandbox import Sandbox

Payload = Mapping[str, Any]


async def send_event(sandbox: Sandbox, event: Payload, event_id: str | None) -> dict[str, Any]:
    """Answers what came of the first attempt; further ones follow by themselves."""
    slack = sandbox.workspace
    stamped = {"event_ts": slack.ids.timestamp(), **event}
    payload = event_callback(stamped, event_id=event_id or slack.ids.new("Ev"), at=int(sandbox.settings.timing.now()))
    ack = await sandbox.outbound.send("events_api", payload)
    if _again(ack):
        sandbox.start(_retry(sandbox, payload, ack))
    return {**ack.as_control(), "event_id": payload["event_id"]}


async def verify_url(sandbox: Sandbox) -> dict[str, Any]:
    """The handshake of a request URL: the bot must answer the challenge."""
    challenge = sandbox.ids.secret()
    payload = {"type": "url_verification", "token": "sandbox", "challenge": challenge}
    ack = await sandbox.outbound.send("events_api", payload)
    return {**ack.as_control(), "challenge": challenge}


async def _retry(sandbox: Sandbox, payload: Payload, ack: Ack) -> None:
    for number, delay in enumerate(sandbox.settings.timing.event_retries, start=1):
        await asyncio.sleep(delay)
        ack = await sandbox.outbound.send(
            "events_api", payload, retry_num=number, retry_reason=ack.failure or "unknown_error"
        )
        if not _again(ack):
            return


def _again(ack: Ack) -> bool:
    return not ack.ok and ack.headers.get("X-Slack-No-Retry") != "1"
