"""One sandbox and one `bongsu serve`, with a channel for each route, and hands to drive them."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from benchmarks.loopback import Answer, Http, Json
from benchmarks.processes import TOKEN, Process, local_url, sandbox, serve
from bongsu.samples import Firing, Rule, body

AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
_LOOK_EVERY = 0.01
_SHOWS_WITHIN = 60.0


class NotShownError(RuntimeError):
    """Slack did not show in time what it should."""


def write_routes(folder: Path, channels: Sequence[str], *, storms: bool = False) -> None:
    """Service ``x`` goes to channel ``#x``. ``storms``: as is the default; else each incident has its card."""
    told: Json = {"routes": [{"match": {"service": name}, "channel": f"#{name}"} for name in channels]}
    if not storms:
        told["storm"] = {"above": 0}
    (folder / "bongsu.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")


def rule(service: str) -> Rule:
    labels = {"severity": "warning", "service": service, "cluster": "bench"}
    return Rule(f"rule-{service}", f"Alert of {service}", f"{service} is slow", labels)


def firing(service: str, pods: Sequence[str], *, value: float = 1.0) -> Json:
    """One notification: these series of the service's rule fire since now."""
    now = datetime.now(UTC)
    return body([Firing(rule(service), {"pod": pod}, now, value) for pod in pods])


@dataclass(frozen=True)
class Slack:
    """The sandbox's control calls."""

    http: Http
    url: str

    async def make_channels(self, names: Sequence[str]) -> None:
        for name in names:
            await self._do("channel", {"name": name})

    async def messages(self, channel: str | None = None) -> list[Json]:
        """Of one channel, or of all; thread replies and deleted ones too."""
        where = f"?channel=%23{channel}" if channel else ""
        told = await self.http.get(f"{self.url}/_control/messages{where}")
        found: list[Json] = told.body.get("messages", [])
        return found

    async def cards(self, channel: str | None = None) -> list[Json]:
        """Messages that are no replies and were not deleted."""
        return [m for m in await self.messages(channel) if not m["thread_ts"] and not m["deleted"]]

    async def click(self, card: Mapping[str, Any], action_id: str, *, user: str) -> Answer:
        target = {"channel": card["channel"], "ts": card["ts"]}
        return await self._do("click", {"user": user, "action_id": action_id, **target})

    async def command(self, name: str, text: str, *, user: str) -> Answer:
        return await self._do("command", {"command": name, "text": text, "user": user, "channel": "C0INCIDENTS"})

    async def event(self, kind: str, *, user: str) -> Answer:
        return await self._do("event", {"type": kind, "user": user})

    async def calls(self, method: str = "") -> list[Json]:
        """Calls of the Web API, all or of one ``method``: when (``at``, in seconds since 1970), and their arguments."""
        told = await self.http.get(f"{self.url}/_control/calls?method={method}")
        found: list[Json] = told.body.get("calls", [])
        return found

    async def post(self, channel: str) -> Answer:
        """A message straight to the Web API, as a baseline."""
        token = {"Authorization": "Bearer xoxb-benchmark"}
        return await self.http.post(f"{self.url}/api/chat.postMessage", {"channel": channel, "text": "hello"}, token)

    async def _do(self, call: str, told: Json) -> Answer:
        return await self.http.post(f"{self.url}/_control/{call}", told)


@dataclass(frozen=True)
class Stage:
    http: Http
    url: str
    slack: Slack
    bongsu: Process
    database: str

    async def send(self, notification: Json) -> Answer:
        return await self.http.post(f"{self.url}/webhooks/grafana", notification, AUTHORIZATION)


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    database: str,
    channels: Sequence[str],
    publishes: bool = True,
    paces: bool = True,
    storms: bool = False,
    profile: Path | None = None,
) -> AsyncIterator[Stage]:
    """Everything runs and is ready; at the end everything is stopped. ``paces``: Slack's pace is kept."""
    write_routes(folder, channels, storms=storms)
    url, port = local_url()
    slack_url, slack_port = local_url()
    bongsu = serve(
        folder, database=database, sandbox=slack_url, port=port, publishes=publishes, paces=paces, profile=profile
    )
    workspace = sandbox(folder, port=slack_port, app_url=url, paces=paces)
    async with Http() as http:
        slack = Slack(http, slack_url)
        try:
            workspace.start()
            await workspace.wait_for(f"{slack_url}/_control/messages", http)
            await slack.make_channels(channels)
            bongsu.start()
            await bongsu.wait_for(f"{url}/readyz", http)
            yield Stage(http, url, slack, bongsu, database)
        finally:
            await asyncio.to_thread(bongsu.stop)
            await asyncio.to_thread(workspace.stop)


async def shown(slack: Slack, channel: str, wanted: str) -> float:
    """When the channel's card first said ``wanted``: seconds since 1970, by the sandbox's clock, which is ours.

    Raises NotShownError.
    """
    deadline = time.monotonic() + _SHOWS_WITHIN
    while time.monotonic() < deadline:
        for card in await slack.cards(channel):
            if wanted in card["text"]:
                return float((card["edited"] or card)["ts"])
        await asyncio.sleep(_LOOK_EVERY)
    raise NotShownError(f"#{channel} does not show {wanted!r}")
