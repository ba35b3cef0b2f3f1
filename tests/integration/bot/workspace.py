"""The bot on a real database beside a sandbox Slack, and hands to drive both."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.card import card
from bot.blocks.reminder import reminder
from bot.home import Homes
from bot.home.metrics import HomeMetrics
from bot.signature import sign
from db.engine import Engines
from db.tables import outbox
from db.unit_of_work import SqlUnitOfWork
from incidents import episodes
from incidents.actions import acknowledge
from incidents.errors import Unavailable
from incidents.model import Actor, AlertStatus, Event, EventKind, Incident, Links, Place, Series, Severity
from incidents.outbox import NewCard, Priority
from incidents.policy import Policy
from incidents.ports import NewIncident, Transactions, UnitOfWork

SECRET = "signing-secret"
ALICE, BOB = "U0ALICE", "U0BOB"
T = TypeVar("T")
Json = dict[str, Any]


@dataclass
class Doors:
    """Transactions that tests can shut, hang or break."""

    real: Transactions
    trouble: Callable[[], Awaitable[None]] | None = None

    async def write(self, work: Callable[[UnitOfWork], Awaitable[T]], *, patience: timedelta = timedelta(0)) -> T:
        if self.trouble:
            await self.trouble()
        return await self.real.write(work, patience=patience)

    async def read(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        if self.trouble:
            await self.trouble()
        return await self.real.read(work)

    def shut(self) -> None:
        async def away() -> None:
            raise Unavailable("connection refused")

        self.trouble = away


@dataclass
class Workspace:
    sandbox_url: str
    bot: TestServer
    http: aiohttp.ClientSession
    client: AsyncWebClient
    doors: Doors
    registry: CollectorRegistry
    woken: list[int]
    homes: Homes
    home_metrics: HomeMetrics
    engines: Engines
    another_bot: Callable[[], Awaitable[TestServer]]
    """Call it for one more process on the same database."""

    async def has_incident(self, *, firing: int = 2, title: str = "Checkout 5xx above 5 %", key: str = "k") -> int:
        """A new active incident's id."""

        async def work(uow: UnitOfWork) -> int:
            place = Place("prod-a", "pay", "checkout")
            new = NewIncident(key, title, Severity.CRITICAL, "grafana", "rule", "Checkout", place, uow.now)
            incident, _ = (await uow.incidents.open([new]))[key]
            incident = replace(incident, number=await uow.incidents.next_numbers(1))
            await uow.episodes.save([episodes.opened(incident, now=uow.now, reason="opened")])
            await uow.series.save([_firing(incident, number, uow) for number in range(firing)], deliveries={})
            await uow.incidents.save_locked([replace(incident, firing=firing)])
            return incident.id

        return await self.doors.real.write(work)

    async def post_card(self, incident_id: int) -> str:
        """The ts of its card as it is now."""
        view = await self.doors.real.read(lambda uow: uow.views.incident(incident_id))
        message = card(view, reopen_window=Policy().reopen_window)
        told = await self.client.chat_postMessage(channel="#incidents", text=message.text, blocks=message.blocks)
        return str(told["ts"])

    async def show_card(self, incident_id: int, *, channel: str = "#incidents") -> str:
        """The same as the publisher does it: that it stands there is stored."""
        ts = await self.post_card(incident_id)

        async def work(uow: SqlUnitOfWork) -> None:
            await uow.outbox.add_cards([NewCard(incident_id, channel, Priority.UPDATE)])
            card = uow.gate.update(outbox).where(outbox.c.incident_id == incident_id, outbox.c.channel == channel)
            await uow.gate.execute(card.values(channel_id="C0INCIDENTS", ts=ts, sent_rev=1, due_at=None))

        await self.doors.real.write(work)  # type: ignore[arg-type] - it is made of these
        return ts

    async def post_reminder(self, incident_id: int, *, of: str) -> str:
        """The ts of a message that asks whether this person is still on it, which they acknowledged before."""

        async def work(uow: UnitOfWork) -> tuple[Event, Incident]:
            incident = await acknowledge(incident_id, by=Actor.slack(of), uow=uow)
            incident = replace(incident, confirm_by=uow.now + timedelta(minutes=5))
            await uow.incidents.save(incident, expected_version=incident.version)
            data = {"reason": "severity", "mention": of, "confirm_by": str(incident.confirm_by)}
            return Event(at=uow.now, actor="system", kind=EventKind.WORSENED, data=data), incident

        message = reminder(*await self.doors.real.write(work))
        told = await self.client.chat_postMessage(channel="#incidents", text=message.text, blocks=message.blocks)
        return str(told["ts"])

    async def incident(self, incident_id: int) -> Incident:
        return await self.doors.real.read(lambda uow: uow.incidents.get(incident_id))

    async def events(self, incident_id: int) -> list[Event]:
        return await self.doors.real.read(lambda uow: uow.timeline.of(incident_id, limit=50))

    async def click(self, ts: str, action_id: str, *, user: str = ALICE, value: str | None = None) -> Json:
        press = {"user": user, "action_id": action_id, "channel": "#incidents", "ts": ts}
        return await self.do("click", **press | ({"value": value} if value is not None else {}))

    async def choose(self, ts: str, do: str, *, user: str = ALICE) -> Json:
        """The option of the ⋯ menu that does this."""
        [message] = [m for m in (await self.see("messages", channel="#incidents"))["messages"] if m["ts"] == ts]
        options = message["blocks"][-1]["elements"][-1]["options"]
        [value] = [option["value"] for option in options if json.loads(option["value"])["do"] == do]
        return await self.click(ts, "incident_more", user=user, value=value)

    async def command(self, text: str, *, user: str = ALICE) -> str:
        """What the person reads as the answer."""
        told = await self.do("command", command="/incident", text=text, user=user, channel="#incidents")
        assert told["status"] == 200, told
        assert "ack_error" not in told, told
        assert told["body"]["response_type"] == "ephemeral"
        return json.dumps(told["body"], ensure_ascii=False)

    async def modal(self, user: str = ALICE) -> Json:
        """The form that this person looks at, or comes to look at: it opens after the click is acknowledged."""

        async def look() -> Json | None:
            views = (await self.see("views", user=user))["views"]
            return views[-1] if views else None

        return await self._comes(look)

    async def form(self, callback_id: str, *, user: str = ALICE) -> Json:
        """The form that this person comes to look at: what was asked of the database and of Slack made it late."""

        async def look() -> Json | None:
            views = (await self.see("views", user=user))["views"]
            return views[-1] if views and views[-1]["callback_id"] == callback_id else None

        return await self._comes(look)

    async def is_told(self, containing: str, *, user: str = ALICE) -> str:
        """What only this person comes to see, with these words in it."""

        async def look() -> str | None:
            return next((one for one in await self.told(user) if containing in one), None)

        return await self._comes(look)

    async def _comes(self, look: Callable[[], Awaitable[T | None]]) -> T:
        for _ in range(2000):
            if (found := await look()) is not None:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError("it never came")

    async def submit(self, values: Json, *, user: str = ALICE) -> Json:
        told = await self.do("submit", view_id=(await self.modal(user))["id"], user=user, values=values)
        assert "ack_error" not in told, told
        return told

    async def told(self, user: str = ALICE) -> list[str]:
        """The texts that only this person sees, once all that was pressed is done with."""
        await listeners_at_rest()
        return [one["text"] for one in (await self.see("ephemerals", user=user))["ephemerals"]]

    async def open_home(self, user: str = ALICE, **event: Any) -> Json:
        """Slack tells that this person came to the app's Home."""
        return await self.do("event", **{"type": "app_home_opened", "user": user, "tab": "home", **event})

    async def home(self, user: str = ALICE) -> str:
        """All that this person's Home shows; empty where nothing was published."""
        view = (await self.see("home", user=user))["home"]
        return json.dumps(view["blocks"], ensure_ascii=False) if view else ""

    async def home_comes_to_say(self, *fragments: str, user: str = ALICE) -> str:
        told = ""
        for _ in range(200):
            told = await self.home(user)
            if all(fragment in told for fragment in fragments):
                return told
            await asyncio.sleep(0.02)
        raise AssertionError(f"{told!r} lacks one of {fragments}")

    async def click_home(self, action_id: str, block_id: str, *, user: str = ALICE) -> Json:
        view = (await self.see("home", user=user))["home"]
        return await self.do("click", user=user, action_id=action_id, block_id=block_id, view_id=view["id"])

    async def do(self, call: str, **body: Any) -> Json:
        async with self.http.post(f"{self.sandbox_url}/_control/{call}", json=body) as response:
            told: Json = await response.json()
            assert response.status == 200, told
            return told

    async def see(self, call: str, **query: str) -> Json:
        async with self.http.get(f"{self.sandbox_url}/_control/{call}", params=query) as response:
            told: Json = await response.json()
            return told

    async def send(self, body: bytes, at: str, **headers: str) -> tuple[int, str]:
        """A signed request straight to the bot, with any header replaced; an empty one is left out."""
        signed = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": sign(at, body, secret=SECRET),
        }
        sent = {name: value for name, value in (signed | _named(headers)).items() if value}
        async with self.http.post(self.bot.make_url("/slack/events"), data=BytesIO(body), headers=sent) as response:
            return response.status, await response.text()

    def counted(self, **labels: str) -> float:
        return self.registry.get_sample_value("bongsu_slack_interactions_total", labels) or 0.0


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it, ten seconds at most."""
    async with asyncio.timeout(10):
        while not await look():  # noqa: ASYNC110 - it happens in another program
            await asyncio.sleep(0.01)


async def listeners_at_rest() -> None:
    """Until none is left of those that go on after their acknowledgement."""
    running = [task for task in asyncio.all_tasks() if "run_ack_function_asynchronously" in repr(task.get_coro())]
    if running:
        await asyncio.wait(running)


def slash(text: str, user: str = ALICE) -> bytes:
    return urlencode({"command": "/incident", "text": text, "user_id": user, "team_id": "T0SANDBOX"}).encode()


def _named(headers: dict[str, str]) -> dict[str, str]:
    names = {"timestamp": "X-Slack-Request-Timestamp", "signature": "X-Slack-Signature", "type_": "Content-Type"}
    return {names[name]: value for name, value in headers.items()}


def _firing(incident: Incident, number: int, uow: UnitOfWork) -> Series:
    return Series(
        key=f"{incident.incident_key}-{number}",
        incident_id=incident.id,
        source="grafana",
        rule_uid="rule",
        fingerprint=f"f{number}",
        name=f"pod-{number}",
        status=AlertStatus.FIRING,
        starts_at=uow.now,
        ends_at=None,
        value_fired=5.2,
        value_peak=14.0,
        value_now=12.0,
        summary="",
        links=Links(),
        last_delivery_id=1,
        last_alert_at=uow.now,
    )
