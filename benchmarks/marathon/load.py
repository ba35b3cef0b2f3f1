"""What happens to Bongsu in a marathon: alerts, clicks, commands and hours of silence, at random, until told to stop.

Each sender has services of its own and sends one notification after the other, as Grafana does for each group. One that
nobody answered is sent again, as it is, so that it must not be stored twice; some are given up, as Grafana does.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from benchmarks.loopback import Json
from benchmarks.marathon.escalating import let_answers_lapse, let_merged_pages_go, pass_by
from benchmarks.marathon.ground import CHANNELS, Ground
from benchmarks.marathon.reckoning import MARK, waiting
from benchmarks.stage import AUTHORIZATION
from bongsu.samples import Firing, Rule, body
from bot.blocks.clicks import ActionId
from db.tables import incidents, outbox
from db.unit_of_work import SqlUnitOfWork
from incidents.errors import BongsuError
from incidents.outbox import Priority

PODS = 3
PEOPLE = ("U0ALICE", "U0BOB", "U0CAROL")
_SENDERS = 3
_AGAIN_AFTER = 0.03
_AGAIN_WITHIN = 25.0
"""Seconds. The same body counts as the same for a minute."""
_SILENCE = timedelta(hours=9)
_SOON = 1.5
_QUIET = "quiet-"
"""With this begin the rules of which nothing more is heard."""
_PRESSED = (ActionId.ACKNOWLEDGE, ActionId.RESOLVE, ActionId.REOPEN, ActionId.REAL, ActionId.CONFIRM)


@dataclass
class Tally:
    """``confirmed``: marks of the alerts that were answered 2xx. ``at_2xx``: the first since it was set to None."""

    sent: int = 0
    confirmed: set[int] = field(default_factory=set)
    refused: int = 0
    acts: int = 0
    aged: int = 0
    at_2xx: float | None = None


@dataclass
class _Service:
    """``generation``: so many rules it had before the one that fires now. A new rule is a new incident."""

    name: str
    generation: int = 0
    burning: dict[str, Firing] = field(default_factory=dict)

    @property
    def rule(self) -> Rule:
        severity = "critical" if self.generation % 2 else "warning"
        labels = {"severity": severity, "service": self.name, "cluster": "bench"}
        return Rule(f"{self.name}-{self.generation}", f"Alert of {self.name}", f"{self.name} is slow", labels)


@dataclass
class Load:
    """``most_waiting``: with more messages that Slack does not show yet, nothing new is begun. Slack is slow.

    ``alerts_every`` (for each sender), ``acts_every``, ``ages_every``, ``calls_every``: mean seconds between two.
    """

    ground: Ground
    chance: random.Random
    channels: Sequence[str] = CHANNELS
    most_waiting: int = 20
    alerts_every: float = 0.12
    acts_every: float = 0.3
    ages_every: float = 0.7
    calls_every: float = 1.0
    tally: Tally = field(default_factory=Tally)
    _waiting: int = 0
    _services: list[_Service] = field(init=False)

    def __post_init__(self) -> None:
        self._services = [_Service(name) for name in self.channels]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Raises what went wrong in it at the end."""
        senders = [self._send(self._services[number::_SENDERS]) for number in range(_SENDERS)]
        tasks = [asyncio.create_task(one) for one in (*senders, self._act(), self._age(), self._call(), self._watch())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
                raise error

    async def _pause(self, mean: float) -> None:
        await asyncio.sleep(self.chance.uniform(0, 2 * mean))

    async def _send(self, services: list[_Service]) -> None:
        while True:
            await self._pause(self.alerts_every)
            await self._tell(self._notification(self.chance.choice(services)))

    async def _tell(self, firings: Sequence[Firing]) -> None:
        marks = [int(firing.annotations[MARK]) for firing in firings]
        if await self._is_taken(body(firings)):
            self.tally.confirmed.update(marks)
            self.tally.at_2xx = self.tally.at_2xx or time.monotonic()

    async def _is_taken(self, told: Json) -> bool:
        """False where it is given up."""
        deadline = time.monotonic() + self.chance.choice((0.0, _AGAIN_WITHIN, _AGAIN_WITHIN))
        while True:
            answer = await self.ground.http.post(f"{self.ground.place.url}/webhooks/grafana", told, AUTHORIZATION)
            if answer.is_ok:
                return True
            self.tally.refused += answer.status >= 400
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_AGAIN_AFTER)

    def _notification(self, service: _Service) -> list[Firing]:
        """One to all pods of its rule: each begins to fire, ends, or is told again."""
        if service.burning and self._waiting < self.most_waiting and not any(map(_fires, service.burning.values())):
            service.generation, service.burning = service.generation + 1, {}
        pods = self.chance.sample(range(PODS), self.chance.randint(1, PODS))
        return [self._step(service, f"{service.name}-pod-{pod}") for pod in pods]

    def _step(self, service: _Service, pod: str) -> Firing:
        now, before = datetime.now(UTC), service.burning.get(pod)
        if before is None or before.ended_at is not None:
            told = Firing(service.rule, {"pod": pod}, now, self.chance.random())
        elif self.chance.random() < 0.5:
            told = replace(before, ended_at=now)
        else:
            told = before
        told = service.burning[pod] = self._marked(told)
        return told

    def _marked(self, firing: Firing) -> Firing:
        self.tally.sent += 1
        return replace(firing, annotations={MARK: str(self.tally.sent)})

    async def _act(self) -> None:
        """Somebody presses a button, or types a command, about one of the newest cards."""
        while True:
            await self._pause(self.acts_every)
            with contextlib.suppress(BongsuError):
                cards = await self._newest_cards()
                if cards:
                    await (self._press if self.chance.random() < 0.6 else self._type)(self.chance.choice(cards))
                    self.tally.acts += 1

    async def _newest_cards(self) -> list[Any]:
        """channel, ts, number."""
        joined = outbox.join(incidents, outbox.c.incident_id == incidents.c.id)
        shown = (
            sa.select(outbox.c.channel, outbox.c.ts, incidents.c.number)
            .select_from(joined)
            .where(outbox.c.kind == "card", outbox.c.ts.is_not(None))
            .order_by(outbox.c.id.desc())
            .limit(len(self.channels))
        )

        async def read(uow: SqlUnitOfWork) -> list[Any]:
            return list(await uow.gate.connection.execute(shown))

        return await self.ground.transactions.read(read)

    async def _press(self, card: Any) -> None:
        slack = self.ground.slack
        found = [one for one in await slack.messages(card.channel.removeprefix("#")) if one["ts"] == card.ts]
        elements = [one for message in found for block in message["blocks"] for one in block.get("elements", [])]
        named = [one["action_id"] for one in elements if one.get("action_id") in _PRESSED]
        if named:
            await slack.click(found[0], self.chance.choice(named), user=self.chance.choice(PEOPLE))

    async def _type(self, card: Any) -> None:
        name = f"INC-{card.number}"
        told = (f"note {name} looked at it", f"ack {name}", f"unack {name}", f"note {name} again", f"escalate {name}")
        text = self.chance.choice((*told, f"snooze {name} 2h", f"wake {name}"))
        command = {"command": "/incident", "text": text, "user": self.chance.choice(PEOPLE), "channel": "#general"}
        await self.ground.http.post(f"{self.ground.slack.url}/_control/command", command)

    async def _age(self) -> None:
        """Something fires, and then nothing more is heard of it for hours: the clock has to close it, or to ask."""
        for number in count():
            await self._pause(self.ages_every)
            if self._waiting < 2 * self.most_waiting:  # or the clock would starve while the dead hold many
                rule = replace(_Service(self.chance.choice(self.channels), number).rule, uid=f"{_QUIET}{number}")
                await self._tell([self._marked(Firing(rule, {"pod": "pod"}, datetime.now(UTC), 1.0))])
                await self._pause(self.ages_every)
                with contextlib.suppress(BongsuError):
                    self.tally.aged += await self.ground.transactions.write(self._grow_old)

    async def _grow_old(self, uow: SqlUnitOfWork) -> int:
        quiet = (incidents.c.rule_uid.startswith(_QUIET), incidents.c.open_key.is_not(None))
        newest = sa.select(incidents.c.id).where(*quiet, incidents.c.asked_at.is_(None)).order_by(incidents.c.id.desc())
        chosen = (await uow.gate.connection.execute(newest.limit(1))).scalar_one_or_none()
        if chosen is None:
            return 0
        then = uow.now - _SILENCE
        times = {"start_time": then, "last_alert_time": then, "check_at": uow.now}
        await uow.gate.connection.execute(sa.update(incidents).where(incidents.c.id == chosen).values(**times))
        await uow.outbox.touch_cards([chosen], priority=Priority.UPDATE)  # a card shows since when it fires
        return 1

    async def _call(self) -> None:
        """Steps that are planned for later fall due, people don't answer, and pages have waited for others."""
        while True:
            await self._pause(self.calls_every)
            if self._waiting < self.most_waiting:
                with contextlib.suppress(BongsuError):
                    await self.ground.transactions.write(lambda uow: pass_by(uow, self.chance, within=_SOON))
                    await self.ground.transactions.write(let_answers_lapse)
                    await self.ground.transactions.write(let_merged_pages_go)

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(BongsuError):
                self._waiting = await waiting(self.ground.transactions)
            await asyncio.sleep(0.5)


def _fires(firing: Firing) -> bool:
    return firing.ended_at is None
